// Who fits a question, and whether that may be told: what ITI-47 and ITI-21 both answer, each in its own form. ITI TF-2 §3.47.4.2.3, §3.21.4.2.2.8.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { Wanted } from '../transactions/hl7v3/demographics-query-codec.js'
import type { PatientIndexContext } from './context.js'
import { placesOfUnknown } from './cross-references.js'
import { moreWanted } from './more-wanted.js'
import type { Page } from './result-pages.js'
import { search } from './searching.js'

export interface Question {
  wanted: Wanted
  /** OIDs of the domains whose ids are wanted; an undefined one is none that is known. */
  domains: readonly (string | undefined)[]
  /** Of 100. */
  minimumDegree?: number | undefined
}

export type FoundPersons =
  | { is: 'empty' }
  /** Their places, from 0. */
  | { is: 'unknown'; unknownDomains: number[] }
  /** Whoever fits too many is asked for more, and told nobody. [EPR annex 5.1:1.7.3] */
  | { is: 'tooMany'; moreWanted: string[] }
  | { is: 'found'; hits: Page['hits'] }

/** `tooMany` tells nobody of anybody, and what else to ask by. [ITI TF-2:3.47.4.2.3] */
export function foundPersons(
  { wanted, domains, minimumDegree = 1 }: Question,
  context: PatientIndexContext,
): FoundPersons {
  if (asksForNobody(wanted)) return { is: 'empty' }
  const unknownDomains = placesOfUnknown(domains, context)
  if (unknownDomains.length > 0) return { is: 'unknown', unknownDomains }
  const bounds = { most: context.config.mostHits, leastDegree: minimumDegree }
  const { hits, isCut } = search(wanted, bounds, context)
  if (isCut) return { is: 'tooMany', moreWanted: moreWanted(wanted, context) }
  return {
    is: 'found',
    hits: domains.length === 0 ? hits : hits.filter(({ person }) => hasIdOf(person, domains, context)),
  }
}

function asksForNobody({ names, addresses, telecoms, patientIds, born }: Wanted): boolean {
  return names.length + addresses.length + telecoms.length + patientIds.length === 0 && born === undefined
}

/** Who has no id that is wanted is not told: an answer has one at least. [ITI TF-2: Table 3.47.4.2.2.2-1, ITI TF-2:3.21.4.2.2.8] */
function hasIdOf(person: number, domains: readonly (string | undefined)[], { persons }: PatientIndexContext): boolean {
  return persons.idsOf(person).some(id => domains.includes(instanceIdentifierOf(id)?.root))
}

/** The next so many of what is not told yet. */
export function turned({ hits, told }: Pick<Page, 'hits' | 'told'>, quantity: number) {
  const end = Math.min(hits.length, told + Math.max(0, quantity))
  const current = hits.slice(told, end)
  return { current, end, counts: { total: hits.length, current: current.length, remaining: hits.length - end } }
}
