// Which records may be of the person of whom a record tells: those that share a key with it, each with its traits, at most so many.
import type { Candidate } from '../kept/records.js'
import type { PersonStore } from '../person-store.js'
import { bornFinding } from './findings.js'
import { isOfNames, keysOf } from './keys.js'
import type { Traits } from './traits.js'

/** So many records are compared. */
export const mostCandidates = 200
/** So many are looked through under one key; each is a number and a birthday. */
const mostFiled = 2_000
/** Of one key so many are compared. */
const mostOfOneKey = 100

/** Without those records that are told of. */
export function candidatesOf(traits: Traits, told: ReadonlySet<number>, persons: PersonStore): Candidate[] {
  return recordsAlike(traits, persons).flatMap(record => (told.has(record) ? [] : (persons.compared(record) ?? [])))
}

/** The most telling key first. */
export function recordsAlike(traits: Traits, persons: Pick<PersonStore, 'filedUnder'>): number[] {
  const found = new Set<number>()
  for (const key of keysOf(traits)) {
    const room = Math.min(mostOfOneKey, mostCandidates - found.size)
    if (room === 0) break
    const filed = persons.filedUnder(key, isOfNames(key) ? mostFiled : room)
    const likely = isOfNames(key) ? filed.filter(({ born }) => mayBeBorn(traits.born, born)) : filed
    for (const { record } of likely.slice(0, room)) found.add(record)
  }
  return [...found]
}

/** Of all who have a frequent name only those are compared whose birthday may be the same: what else they share is found by another key. */
function mayBeBorn(one: string, other: string): boolean {
  return bornFinding(one, other) !== 'different'
}
