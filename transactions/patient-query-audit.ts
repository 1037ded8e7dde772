// What the audit says of queries for patients: ITI-9, ITI-21, ITI-45, ITI-47 and ITI-55. ITI TF-2 §3.9.5.1, §3.21.5.1, §3.45.5.1, §3.47.5.1, §3.55.5.1.
import type { AuditCode, AuditedExchange, AuditRecord, ParticipantObject } from '../atna-audit/message.js'
import { mostQueryBytes, patientObject, traceObject } from '../atna-audit/objects.js'
import { eventIDs, transactionType } from '../atna-audit/vocabulary.js'
import { systemsOf, type UserIDs } from './audited-systems.js'
import type { QueryAnswer, QueryMessage } from './hl7v3/query.js'
import type { Codec } from './transaction.js'

export interface AuditedQuery<Request extends QueryMessage> {
  id: string
  name: string
  exchange: AuditedExchange<Request, QueryAnswer>
  /** That of its request, where we may be who asks. */
  codec?: Pick<Codec<Request>, 'encode'>
  /** Whom the record is about, as CX. */
  patientIds: readonly string[]
  /** Of the community that is asked, between communities. */
  homeCommunityId?: string | undefined
}

/** A query can find many; what one record may hold is bounded all the same. */
const mostPatients = 64

/** One record for each exchange, whoever was found: with the query as it was sent where it could be read. [ITI TF-2:3.47.5.1] */
export function auditQuery<Request extends QueryMessage>(query: AuditedQuery<Request>): AuditRecord[] {
  const { id, name, exchange, patientIds } = query
  const { request, response, failure } = exchange
  return [
    queryRecord({
      ...{ type: transactionType(id, name), exchange, patientIds },
      refusal: failure ?? refusalIn(response),
      query: request === undefined ? undefined : queryObject(query, request),
      userIDs: { source: exchange.replyTo, destination: exchange.endpoint },
    }),
  ]
}

export interface QueryFacts {
  type: AuditCode
  exchange: AuditedExchange<unknown, unknown>
  patientIds: readonly string[]
  /** Why it was refused; undefined when it was not. */
  refusal: string | undefined
  /** What was asked, as far as it could be read. */
  query: ParticipantObject | undefined
  userIDs: UserIDs
}

/** Outcome 8 with the reason, cut to 2,000 characters, where there is a `refusal`; each patient once, in bounds. */
export function queryRecord({ type, exchange, patientIds, refusal, query, userIDs }: QueryFacts): AuditRecord {
  return {
    eventID: eventIDs.query,
    eventTypeCode: type,
    action: 'E',
    ...(refusal === undefined ? { outcome: 0 } : { outcome: 8, outcomeDescription: refusal.slice(0, 2_000) }),
    dateTimeMs: exchange.endedMs,
    participants: systemsOf(exchange, userIDs),
    objects: [
      ...[...new Set(patientIds)].slice(0, mostPatients).map(cx => patientObject(cx.slice(0, 260))),
      ...(query === undefined ? [] : [query]),
      traceObject(exchange.traceparent),
    ],
  }
}

function refusalIn(response: QueryAnswer | undefined): string | undefined {
  if (response === undefined) return 'there was no answer'
  if (response.acknowledgement === 'AA') return undefined
  return response.problems.map(({ text }) => text).join('\n') || 'the query was refused'
}

function queryObject<Request extends QueryMessage>(
  { id, name, homeCommunityId, codec }: AuditedQuery<Request>,
  request: Request,
): ParticipantObject {
  const { root, extension } = request.queryId
  return {
    id: extension === undefined ? root : `${extension}^^^&${root}&ISO`,
    typeCode: 2,
    role: 24,
    idTypeCode: transactionType(id, name),
    query: Buffer.from(textOf(request, codec)).subarray(0, mostQueryBytes),
    ...(homeCommunityId === undefined ? {} : { details: [{ type: 'ihe:homeCommunityID', value: homeCommunityId }] }),
  }
}

/** What was read has its text; what we ask has it once it is written. */
function textOf<Request extends QueryMessage>(request: Request, codec: AuditedQuery<Request>['codec']): string {
  if (request.queryXml !== '' || codec === undefined) return request.queryXml
  const xml = codec.encode(request).xml.join('')
  return /<(query(?:ByParameter|Continuation))\b.*<\/\1>/s.exec(xml)?.[0] ?? xml
}
