// How well records were put together: pairs of records of one person that the index has found (recall), pairs that it made of two people
// (precision), what it asks somebody about, what a weight meant, and which slips were forgiven.
import type { Store } from '../../store/store.js'
import type { SourceRecord } from './population.js'

/** What is remembered of each record while it is fed: some bytes, for there are many. */
export interface Truths {
  note(record: Pick<SourceRecord, 'truth' | 'isAnother' | 'slips'>): void
  truthOf(number: number): number
  others(): Iterable<{ number: number; slips: readonly string[] }>
}

export function truths(): Truths {
  const truth: number[] = [0]
  const slips = new Map<number, string[]>()
  return {
    note(record) {
      if (record.isAnother) slips.set(truth.length, record.slips)
      truth.push(record.truth)
    },
    truthOf: number => truth[number] ?? 0,
    *others() {
      for (const [number, each] of slips) yield { number, slips: each }
    },
  }
}

export interface Quality {
  records: number
  people: number
  /** What the index takes for persons. */
  persons: number
  truePairs: number
  precision: number
  recall: number
  /** Persons that are two people. */
  mixed: number
  /** Open questions a record, and how many of them are of one person. */
  asked: number
  askedRightly: number
  /** Were each of them answered rightly. */
  recallAfterReview: number
  /** By the weight: links and questions, and how many of each are right. */
  byWeight: Map<number, Record<'linked' | 'asked', { count: number; right: number }>>
  bySlip: Map<string, { records: number; linked: number; asked: number }>
}

export function qualityOf(store: Store, known: Truths): Quality {
  const put = putTogether(store)
  const { personOf } = put
  const linked = groupsOf(put, number => `${personOf.get(number)}`)
  const right = groupsOf(put, number => `${personOf.get(number)} ${known.truthOf(number)}`)
  const people = groupsOf(put, number => `${known.truthOf(number)}`)
  const weights = byWeights()
  const questions = questionsOf(store, put, known, weights.weigh)
  linksByWeight(store, put, known, weights.weigh)
  const after = groupsOf(put, number => `${questions.joined(personOf.get(number) ?? 0)} ${known.truthOf(number)}`)
  const truePairs = pairsIn(people)
  return {
    ...{ records: personOf.size, people: people.size, persons: linked.size, truePairs },
    precision: pairsIn(right) / Math.max(1, pairsIn(linked)),
    recall: pairsIn(right) / Math.max(1, truePairs),
    mixed: mixedIn(put, known),
    asked: questions.count / Math.max(1, personOf.size),
    askedRightly: questions.right / Math.max(1, questions.count),
    recallAfterReview: pairsIn(after) / Math.max(1, truePairs),
    byWeight: weights.found,
    bySlip: outcomes(put, known, questions.asked),
  }
}

/** Numbers of records as they were fed, and what the index has made of them. */
interface Put {
  personOf: ReadonlyMap<number, number>
  numberOf: ReadonlyMap<number, number>
}

function putTogether(store: Store): Put {
  const personOf = new Map<number, number>()
  const numberOf = new Map<number, number>()
  const rows = store
    .prepare('SELECT r.record, r.extension, p.survivor FROM records r JOIN persons p ON p.person = r.person')
    .iterate<{ record: number; extension: string; survivor: number }>()
  for (const { record, extension, survivor } of rows) {
    personOf.set(Number(extension), survivor)
    numberOf.set(record, Number(extension))
  }
  return { personOf, numberOf }
}

type Weigh = (what: 'linked' | 'asked', weight: number, isRight: boolean) => void

function byWeights(): { found: Quality['byWeight']; weigh: Weigh } {
  const found: Quality['byWeight'] = new Map()
  return {
    found,
    weigh(what, weight, isRight) {
      const step = Math.floor(weight / 3) * 3
      const so = found.get(step) ?? { linked: { count: 0, right: 0 }, asked: { count: 0, right: 0 } }
      so[what].count += 1
      so[what].right += Number(isRight)
      found.set(step, so)
    },
  }
}

interface Questions {
  count: number
  right: number
  /** Records of which somebody would say that they are one with another. */
  asked: ReadonlySet<number>
  /** Whose a person would be after all answers. */
  joined(person: number): number
}

function questionsOf(store: Store, { personOf, numberOf }: Put, known: Truths, weigh: Weigh): Questions {
  const asked = new Set<number>()
  const into = new Map<number, number>()
  const joined = (person: number): number => {
    let last = person
    for (let next = into.get(last); next !== undefined; next = into.get(last)) last = next
    return last
  }
  let [count, right] = [0, 0]
  const reviews = store
    .prepare(`SELECT one, other, weight FROM reviews WHERE verdict = 'open'`)
    .iterate<{ one: number; other: number; weight: number }>()
  for (const { one, other, weight } of reviews) {
    const [first, second] = [numberOf.get(one) ?? 0, numberOf.get(other) ?? 0]
    const isRight = known.truthOf(first) === known.truthOf(second)
    count += 1
    weigh('asked', weight, isRight)
    if (!isRight) continue
    right += 1
    asked.add(first).add(second)
    const [stays, ends] = [joined(personOf.get(first) ?? 0), joined(personOf.get(second) ?? 0)]
    if (stays !== ends) into.set(ends, stays)
  }
  return { count, right, asked, joined }
}

function groupsOf({ personOf }: Put, keyOf: (number: number) => string): Map<string, number> {
  const groups = new Map<string, number>()
  for (const number of personOf.keys()) {
    const key = keyOf(number)
    groups.set(key, (groups.get(key) ?? 0) + 1)
  }
  return groups
}

function pairsIn(groups: ReadonlyMap<string, number>): number {
  let pairs = 0
  for (const size of groups.values()) pairs += (size * (size - 1)) / 2
  return pairs
}

function mixedIn({ personOf }: Put, known: Truths): number {
  const first = new Map<number, number>()
  const mixed = new Set<number>()
  for (const [number, person] of personOf) {
    const truth = known.truthOf(number)
    if ((first.get(person) ?? truth) !== truth) mixed.add(person)
    first.set(person, truth)
  }
  return mixed.size
}

/** The history tells with what weight a record came to its person. */
function linksByWeight(store: Store, { personOf, numberOf }: Put, known: Truths, weigh: Weigh): void {
  const firstOf = new Map<number, number>()
  const entries = store
    .prepare(`SELECT record, why FROM history WHERE what = 'added' ORDER BY entry`)
    .iterate<{ record: number; why: string }>()
  for (const { record, why } of entries) {
    const number = numberOf.get(record) ?? 0
    const person = personOf.get(number) ?? 0
    const [, weight] = /^weight ([\d.]+)/.exec(why) ?? []
    const first = firstOf.get(person)
    if (first === undefined) firstOf.set(person, number)
    else if (weight !== undefined) weigh('linked', Number(weight), known.truthOf(first) === known.truthOf(number))
  }
}

function outcomes(put: Put, known: Truths, asked: ReadonlySet<number>): Quality['bySlip'] {
  const { personOf } = put
  const together = groupsOf(put, number => `${personOf.get(number)} ${known.truthOf(number)}`)
  const found: Quality['bySlip'] = new Map()
  for (const { number, slips } of known.others()) {
    const isLinked = (together.get(`${personOf.get(number)} ${known.truthOf(number)}`) ?? 0) > 1
    const isAsked = !isLinked && asked.has(number)
    for (const name of ['all', ...(slips.length === 0 ? ['none'] : slips), `${Math.min(3, slips.length)} slips`]) {
      const so = found.get(name) ?? { records: 0, linked: 0, asked: 0 }
      found.set(name, {
        records: so.records + 1,
        linked: so.linked + Number(isLinked),
        asked: so.asked + Number(isAsked),
      })
    }
  }
  return found
}
