// ITI-81 Retrieve ATNA Audit Event: a Bundle of what matches, and where the next page is. ITI TF-2 §3.81.4.2.
import type { Clock } from '../../../ports/clock.js'
import type { Store } from '../../../store/store.js'
import { findRecords } from '../find-records.js'
import type { AuditEvent } from './audit-event.js'
import { FhirProblem } from './fhir-http.js'
import type { FhirObject } from './fhir-json.js'
import type { EventSearch } from './iti-81-parameters.js'
import { storedEvent } from './stored-event.js'

/** For so long one page looks; where little of what it finds matches, the page is short and says where the next is. */
const mostMs = 250

export interface Page {
  events: AuditEvent[]
  /** Where the next one begins; undefined when there is no more. */
  next: string | undefined
}

/** @throws FhirProblem when the place is not one of ours. */
export function pageOf(
  store: Store,
  { narrow, matches, count, from }: EventSearch,
  clock: Pick<Clock, 'monotonicMs'>,
): Page {
  const events: AuditEvent[] = []
  const untilMs = clock.monotonicMs() + mostMs
  let cursor = from
  // FHIR counts then, which would cost more than it tells. [FHIR R4: search.html#count]
  if (count === 0) return { events, next: undefined }
  do {
    const limit = Math.max(count - events.length, 1)
    const { records, next } = found(store, narrow, { limit, ...(cursor === undefined ? {} : { cursor }) }, clock)
    for (const record of records) {
      const event = storedEvent(record)
      if (event !== undefined && matches.every(match => match(event))) events.push(event)
    }
    cursor = next
  } while (cursor !== undefined && events.length < count && clock.monotonicMs() < untilMs)
  return { events, next: cursor }
}

function found(...asked: Parameters<typeof findRecords>): ReturnType<typeof findRecords> {
  try {
    return findRecords(...asked)
  } catch (problem) {
    if (problem instanceof RangeError) throw new FhirProblem(400, 'invalid', `_cursor: ${problem.message}`)
    throw problem
  }
}

export interface Searched {
  /** `https://localhost:8443/audit/fhir` */
  base: string
  asked: URLSearchParams
  profile?: string
}

/**
 * `total` only where one page holds all that was found: counting the rest would cost more than it tells. The next page is a cursor, not an offset.
 *
 */
export function searchset({ events, next: place }: Page, { base, asked, profile }: Searched): FhirObject {
  const isWhole = place === undefined && !asked.has('_cursor')
  const next = new URLSearchParams(asked)
  next.set('_cursor', String(place))
  return {
    resourceType: 'Bundle',
    ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
    type: 'searchset',
    // Known only where one page holds all.
    ...(isWhole ? { total: events.length } : {}),
    link: [
      { relation: 'self', url: urlOf(base, asked) },
      ...(place === undefined ? [] : [{ relation: 'next', url: urlOf(base, next) }]),
    ],
    ...(events.length === 0
      ? {}
      : {
          entry: events.map(event => ({
            fullUrl: `${base}/AuditEvent/${event.id}`,
            resource: event,
            search: { mode: 'match' },
          })),
        }),
  }
}

function urlOf(base: string, asked: URLSearchParams): string {
  const query = asked.toString()
  return query === '' ? `${base}/AuditEvent` : `${base}/AuditEvent?${query}`
}
