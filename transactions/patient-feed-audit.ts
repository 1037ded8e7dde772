// What the audit says of the patient identity feed, in HL7 v2 (ITI-8) and v3 (ITI-44). ITI TF-2 §3.8.5, §3.44.5.
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import { patientObject, traceObject } from '../atna-audit/objects.js'
import { eventIDs, transactionType } from '../atna-audit/vocabulary.js'
import { systemsOf, type UserIDs } from './audited-systems.js'
import type { FeedAcknowledgement, FeedEvent, PatientRecord } from './xds-messages.js'

/** A message can name any number of ids; what one record may hold is bounded all the same. */
const mostIds = 32
/** An id has 256 characters at the most; what was refused for having more is not kept whole. */
const mostCharacters = 260
const mostRefusalCharacters = 2_000

/** [ITI TF-2:3.44.5.1] */
export function auditPatientFeed(
  event: FeedEvent,
  exchange: AuditedExchange<PatientRecord, FeedAcknowledgement>,
): AuditRecord[] {
  const { request, response, failure } = exchange
  const accepted = failure === undefined && response?.typeCode === 'CA'
  const why = failure ?? response?.detail ?? 'the feed was refused'
  const details = request === undefined ? [] : [{ type: 'II', value: messageIdText(request.messageId) }]
  return feedRecords({
    ...{ type: transactionType('ITI-44', 'Patient Identity Feed'), event, exchange, details },
    patientIds: request?.patientIds ?? [],
    subsumedIds: request?.subsumedIds ?? [],
    refusal: accepted ? undefined : why,
    userIDs: { source: exchange.replyTo, destination: exchange.endpoint },
  })
}

export interface AuditedFeed {
  type: ReturnType<typeof transactionType>
  event: FeedEvent
  exchange: AuditedExchange<unknown, unknown>
  /** Of each patient. */
  details: { type: string; value: string }[]
  patientIds: readonly string[]
  subsumedIds: readonly string[]
  /** Why it was refused; undefined when it was not. */
  refusal: string | undefined
  userIDs: UserIDs
}

/** A merge deletes one record and updates another: two records of it. All ids of a record are of one patient. [ITI TF-2:3.44.5.1, 3.8.5.2] */
export function feedRecords(feed: AuditedFeed): AuditRecord[] {
  const { event, patientIds, subsumedIds } = feed
  if (event === 'merge') return [feedRecord(feed, 'D', subsumedIds), feedRecord(feed, 'U', patientIds)]
  return [feedRecord(feed, event === 'add' ? 'C' : 'U', patientIds)]
}

/** Of all ids of one message; how many there may be and how long each is cut is bounded, whatever the sender wrote. */
export function feedRecord(feed: AuditedFeed, action: 'C' | 'R' | 'U' | 'D', ids: readonly string[]): AuditRecord {
  const { type, exchange, details, refusal } = feed
  const bounded = details.map(detail => ({ ...detail, value: detail.value.slice(0, mostCharacters) }))
  return {
    eventID: eventIDs.patientRecord,
    eventTypeCode: type,
    action,
    ...(refusal === undefined
      ? { outcome: 0 }
      : { outcome: 8, outcomeDescription: refusal.slice(0, mostRefusalCharacters) }),
    dateTimeMs: exchange.endedMs,
    participants: systemsOf(exchange, feed.userIDs),
    objects: [
      ...ids.slice(0, mostIds).map(id => patientObject(id.slice(0, mostCharacters), bounded)),
      traceObject(exchange.traceparent),
    ],
  }
}

function messageIdText({ root, extension }: PatientRecord['messageId']): string {
  return extension === undefined ? root : `${extension}^^^&${root}&ISO`
}
