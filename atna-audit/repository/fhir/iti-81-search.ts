// ITI-81 Retrieve ATNA Audit Event: a Bundle of what matches, and where the next page is. ITI TF-2 §3.81.4.2.
import type { Store } from '../../../store/store.js'
import { searchAudit } from '../search.js'
import type { AuditEvent } from './audit-event.js'
import type { FhirObject } from './fhir-json.js'
import type { EventSearch } from './iti-81-parameters.js'
import { storedEvent } from './stored-event.js'

/** So many records are looked at for one page; where few of them match, the page is short and says where the next is. */
const mostLookedAt = 2_000
const atOnce = 200

export interface Page {
  events: AuditEvent[]
  /** Undefined when there is no more. */
  after: number | undefined
}

export function pageOf(store: Store, { narrow, matches, count, after, newestFirst }: EventSearch): Page {
  const events: AuditEvent[] = []
  let last = after
  for (let lookedAt = 0; lookedAt < mostLookedAt; ) {
    const found = searchAudit(store, {
      ...narrow,
      newestFirst,
      limit: atOnce,
      ...(last === undefined ? {} : { afterId: last }),
    })
    if (found.length === 0) return { events, after: undefined }
    for (const record of found) {
      if (events.length === count) return { events, after: last }
      last = record.id
      const event = storedEvent(record)
      if (event !== undefined && matches.every(match => match(event))) events.push(event)
    }
    lookedAt += found.length
  }
  return { events, after: last }
}

export interface Searched {
  /** `https://localhost:8443/audit/fhir` */
  base: string
  asked: URLSearchParams
  profile?: string
}

export function searchset({ events, after }: Page, { base, asked, profile }: Searched): FhirObject {
  const isWhole = after === undefined && !asked.has('_after')
  const next = new URLSearchParams(asked)
  next.set('_after', String(after))
  return {
    resourceType: 'Bundle',
    ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
    type: 'searchset',
    // Known only where one page holds all.
    ...(isWhole ? { total: events.length } : {}),
    link: [
      { relation: 'self', url: urlOf(base, asked) },
      ...(after === undefined ? [] : [{ relation: 'next', url: urlOf(base, next) }]),
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
