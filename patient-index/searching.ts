// People by what is known of them. Ids decide alone; everything else has to fit, and the better it fits the earlier it is told.
// ITI TF-2 §3.47.4.1.3, §3.55.4.1.3.
import type { Wanted } from '../transactions/hl7v3/demographics-query-codec.js'
import type { PatientIndexContext } from './context.js'
import { recordsAlike } from './matching/candidates.js'
import { type Score, scoreOf } from './matching/score.js'
import { folded, partsOf } from './matching/spelling.js'
import { type Traits, traitsOf } from './matching/traits.js'
import { lookFor, type Sought, tellsEnough } from './search-keys.js'

export interface Hit {
  person: number
  /** The record that fits best. */
  record: number
  /** How well it fits, of 100. */
  degree: number
}

export interface Found {
  hits: Hit[]
  /** More fit than the asker may be told, or may fit than were looked at: these are not all. */
  isCut: boolean
}

export interface SearchBounds {
  /** Persons that the asker may be told. */
  most: number
  /** Who fits less, of 100, is not wanted. */
  leastDegree: number
}

/** Records that are looked at for one query. */
const mostLookedAt = 1_000

/**
 * The best fit first; persons, each by its best record. `isCut` where more than `most` fit, or more than can be looked at: then hits are not all,
 * and nobody should be told of them as if they were.
 */
export function search(
  wanted: Wanted,
  { most, leastDegree }: SearchBounds,
  { persons }: Pick<PatientIndexContext, 'persons'>,
): Found {
  const asked = askedFor(wanted)
  const { records, isCut } = wanted.patientIds.length > 0 ? byIds(wanted, persons) : byTraits(asked, persons)
  const best = new Map<number, Hit>()
  for (const record of records) {
    const candidate = persons.compared(record)
    if (candidate === undefined) continue
    const degree = degreeOfFit(asked, candidate.traits, wanted)
    if (degree < Math.max(1, leastDegree) || degree <= (best.get(candidate.person)?.degree ?? 0)) continue
    best.set(candidate.person, { person: candidate.person, record, degree })
    // Whoever fits too many is told nobody: the rest need not be looked at.
    if (best.size > most) return { hits: [...best.values()], isCut: true }
  }
  const hits = [...best.values()].sort((one, other) => other.degree - one.degree || one.person - other.person)
  return { hits, isCut }
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
interface Asked extends Sought {
  /** Words with which parts of the names begin. */
  familyWords: string[]
  givenWords: string[]
  /** As it scores against itself. */
  wholeWeight: number
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
  const days = born === undefined ? undefined : { from: born.from.slice(0, 8), to: until(born.to) }
  return {
    ...{ traits, familyBegins, givenBegins, days },
    familyWords: partsOf(familyBegins ?? ''),
    givenWords: partsOf(givenBegins ?? ''),
    wholeWeight: scoreOf(traits, traits).weight,
  }
}

interface LookedAt {
  records: Iterable<number>
  isCut: boolean
}

function byIds({ patientIds }: Wanted, persons: PatientIndexContext['persons']): LookedAt {
  const records = patientIds.flatMap(id => {
    const person = persons.personBy(id)
    return person === undefined ? [] : persons.recordsOf(person).map(({ record }) => record)
  })
  return { records, isCut: false }
}

/** All that may fit as it was asked, and then, as far as there is room, what somebody may have mistyped. */
function byTraits(asked: Asked, persons: PatientIndexContext['persons']): LookedAt {
  const look = lookFor(asked)
  const found = new Set(look === undefined ? [] : look(persons, mostLookedAt))
  const isCut = look === undefined || found.size >= mostLookedAt
  if (!isCut && tellsEnough(asked.traits)) for (const record of recordsAlike(asked.traits, persons)) found.add(record)
  return { records: found, isCut }
}

/** 0 when anything that was asked for is contradicted. */
function degreeOfFit(asked: Asked, traits: Traits, wanted: Wanted): number {
  if (!begin(asked.familyWords, traits.family) || !begin(asked.givenWords, traits.given)) return 0
  const { traits: sought, days } = asked
  // A span of time is meant as such; one day may have been mistyped.
  if (sought.born === '' && days !== undefined && isOutside(days, traits.born)) return 0
  const { parts, weight } = scoreOf(sought, traits)
  if (parts.some(contradicts)) return 0
  const lacks = sought.reached.length > 0 && !parts.some(isSameReached)
  const unsaid = sought.family.length > 0 && traits.family.length === 0
  if (lacks || unsaid) return 0
  if (wanted.patientIds.length > 0) return 100
  // What was asked for as a beginning fits wholly, or not at all.
  return asked.wholeWeight <= 0 ? 100 : Math.max(1, Math.min(100, Math.round((100 * weight) / asked.wholeWeight)))
}

const isOutside = ({ from, to }: { from: string; to: string }, born: string) =>
  born !== '' && (born < from || born > to)

type Part = Score['parts'][number]

const contradicts = ({ trait, finding }: Part) =>
  trait === 'born' && finding === 'same year' ? true : finding.startsWith('different') && trait !== 'reached'
const isSameReached = ({ trait, finding }: Part) => trait === 'reached' && finding === 'same'

function begin(words: readonly string[], parts: readonly string[]): boolean {
  return words.every(word => parts.some(part => part.startsWith(word)))
}
