// People by what is known of them. Ids decide alone; everything else has to fit, and the better it fits the earlier it is told.
// ITI TF-2 §3.47.4.1.3, §3.55.4.1.3.
import type { Wanted } from '../transactions/demographics-codec.js'
import type { Person } from '../transactions/person.js'
import type { PatientIndexContext } from './context.js'
import { keysOf } from './matching/keys.js'
import { scoreOf } from './matching/score.js'
import { folded, partsOf } from './matching/spelling.js'
import { type Traits, traitsOf } from './matching/traits.js'
import type { PatientRecord } from './person-store.js'

export interface Hit {
  person: number
  record: PatientRecord
  /** How well it fits, of 100. */
  degree: number
}

export interface Found {
  hits: Hit[]
  /** More may fit than were looked at. */
  isCut: boolean
}

/** Records that are looked at for one query. */
const mostLookedAt = 2_000

/** Under these a record is found by whole names and their beginnings, and by its birthday. */
export function searchKeysOf(person: Person): string[] {
  const { family, given, born } = traitsOf(person)
  return [
    ...family.flatMap(part => [`f:${part}`, ...(given[0] === undefined ? [`n:${part}:`] : [`n:${part}:${given[0]}`])]),
    ...(born.length === 8 ? ['b:'] : []),
  ].slice(0, 16)
}

export function search(wanted: Wanted, { persons }: Pick<PatientIndexContext, 'persons'>): Found {
  const asked = askedFor(wanted)
  const found = wanted.patientIds.length > 0 ? byIds(wanted, persons) : byTraits(asked, persons)
  const best = new Map<number, Hit>()
  for (const number of found) {
    const record = persons.record(number)
    const degree = record === undefined || record.hasEnded ? 0 : degreeOfFit(asked, record.body, wanted)
    if (record === undefined || degree <= (best.get(record.person)?.degree ?? 0)) continue
    best.set(record.person, { person: record.person, record, degree })
  }
  const hits = [...best.values()].sort((one, other) => other.degree - one.degree || one.person - other.person)
  return { hits, isCut: found.length >= mostLookedAt }
}

/** What would tell people apart that the asker has not said, most telling first. [ITI TF-2:3.55.4.2.2.6] */
export function mostTellingWanted({ gender, addresses, telecoms, mothersMaidenName }: Wanted): string[] {
  return [
    ...(addresses.length > 0 ? [] : ['PatientAddressRequested']),
    ...(gender !== undefined ? [] : ['LivingSubjectAdministrativeGenderRequested']),
    ...(telecoms.length > 0 ? [] : ['PatientTelecomRequested']),
    ...(mothersMaidenName !== undefined ? [] : ['MothersMaidenNameRequested']),
  ]
}

/** What is asked for in our spelling; a star at the end of a name stands for anything. */
interface Asked extends Traits {
  familyBegins: string | undefined
  givenBegins: string | undefined
  from: string
  to: string
}

function askedFor({ names, gender, born, addresses, telecoms }: Wanted): Asked {
  const beginning = (text: string | undefined) =>
    text?.trim().endsWith('*') ? folded(text.replace(/\*/g, '').trim()) : undefined
  const [name] = names
  const familyBegins = beginning(name?.family)
  const givenBegins = beginning(name?.given[0])
  const plain = names.map(each => ({
    ...each,
    family: beginning(each.family) === undefined ? each.family : '',
    given: each.given.filter(given => beginning(given) === undefined),
  }))
  const isOneDay = born !== undefined && born.from === born.to
  const traits = traitsOf({
    names: plain,
    ...(gender === undefined ? {} : { gender }),
    ...(isOneDay ? { birthTime: born.from } : {}),
    addresses,
    telecoms,
  })
  const until = (text: string) => text.slice(0, 8).padEnd(8, '9')
  return {
    ...traits,
    familyBegins,
    givenBegins,
    from: born?.from.slice(0, 8) ?? '',
    to: born === undefined ? '~' : until(born.to),
  }
}

function byIds({ patientIds }: Wanted, persons: PatientIndexContext['persons']): number[] {
  return patientIds.flatMap(id => {
    const person = persons.personBy(id)
    return person === undefined ? [] : persons.recordsOf(person).map(({ record }) => record)
  })
}

function byTraits(asked: Asked, persons: PatientIndexContext['persons']): number[] {
  const found = new Set<number>()
  for (const look of looksFor(asked, persons)) {
    if (found.size >= mostLookedAt) break
    for (const record of look(mostLookedAt - found.size)) found.add(record)
  }
  return [...found]
}

type Look = (most: number) => number[]

/** The most telling first: whatever is looked at costs the same. */
function looksFor(asked: Asked, persons: PatientIndexContext['persons']): Look[] {
  const { family, given, familyBegins, givenBegins, born, from, to, reached } = asked
  const isBorn = from !== ''
  const days = { from, to }
  const looks: Look[] = []
  const under = (key: string, within?: typeof days) => looks.push(most => persons.filedUnder(key, most, within))
  const below = (start: string) => looks.push(most => persons.filedBelow(start, most))
  if (family.length > 0 && isBorn) for (const part of family) under(`f:${part}`, days)
  else if (family.length > 0) {
    for (const part of family) below(`n:${part}:${givenBegins ?? given[0] ?? ''}`)
  } else if (familyBegins !== undefined && familyBegins.length > 0) below(`n:${familyBegins}`)
  // Typing errors: what sounds alike, and what was born then.
  if (born.length === 8 || (family.length > 0 && given.length > 0)) for (const key of keysOf(asked)) under(key)
  if (isBorn && family.length === 0 && familyBegins === undefined) under('b:', days)
  for (const each of reached) under(`at:${each}`)
  return looks
}

/** 0 when anything that was asked for is contradicted. */
function degreeOfFit(asked: Asked, body: Person, wanted: Wanted): number {
  const traits = traitsOf(body)
  if (!begins(asked.familyBegins, traits.family) || !begins(asked.givenBegins, traits.given)) return 0
  // A span of time is meant as such; one day may have been mistyped.
  if (asked.born === '' && traits.born !== '' && (traits.born < asked.from || traits.born > asked.to)) return 0
  const score = scoreOf(asked, traits)
  const isContradicted = score.parts.some(({ trait, finding }) => finding === 'different' && trait !== 'reached')
  const isOtherYear = score.parts.some(({ trait, finding }) => trait === 'born' && finding === 'same year')
  const lacks =
    asked.reached.length > 0 && !score.parts.some(({ trait, finding }) => trait === 'reached' && finding === 'same')
  const unsaid = asked.family.length > 0 && traits.family.length === 0
  if (isContradicted || isOtherYear || lacks || unsaid) return 0
  if (wanted.patientIds.length > 0) return 100
  // What was asked for as a beginning fits wholly, or not at all.
  const asWhole = scoreOf(asked, asked)
  return asWhole.weight <= 0 ? 100 : Math.max(1, Math.round((100 * score.weight) / asWhole.weight))
}

function begins(start: string | undefined, parts: readonly string[]): boolean {
  if (start === undefined || start === '') return true
  const words = partsOf(start)
  return words.every(word => parts.some(part => part.startsWith(word)))
}
