// What the audit says of the XDS.b transactions, for the side that asks and the side that answers.
// ITI TF-2 §3.18.5, §3.41.5, §3.42.5, §3.43.6, §3.61.5, §3.80.5.
import type { AuditedExchange, AuditRecord, ParticipantObject } from '../atna-audit/message.js'
import { documentObject, patientObject, queryObject, submissionSetObject } from '../atna-audit/objects.js'
import type { Submission } from '../metadata/model.js'
import { queryPatients, queryXml } from './audited-query.js'
import {
  failureOf,
  inChunks,
  isNamed,
  keyOf,
  mostDocumentsInARecord,
  type Outcome,
  outcomesOf,
  record,
  succeeded,
  typeOf,
} from './exchange-record.js'
import type {
  AdhocQueryRequest,
  AdhocQueryResponse,
  ProvideAndRegisterRequest,
  RegistryResponse,
  RetrieveDocumentSetRequest,
  RetrieveDocumentSetResponse,
} from './xds-messages.js'

/** A request can name any number of patients; what one exchange may write is bounded all the same. */
const mostPatients = 32

/** [ITI TF-2:3.41.5.1] */
export function auditProvideAndRegister(
  exchange: AuditedExchange<ProvideAndRegisterRequest, RegistryResponse>,
): AuditRecord[] {
  return auditSubmission('ITI-41', exchange, exchange.request?.submission)
}

/** As one of ITI-41, under its own name. [ITI TF-2:3.80.5.1] */
export function auditCrossGatewayProvide(
  exchange: AuditedExchange<ProvideAndRegisterRequest, RegistryResponse>,
): AuditRecord[] {
  return auditSubmission('ITI-80', exchange, exchange.request?.submission)
}

/** [ITI TF-2:3.42.5.1] */
export function auditRegister(exchange: AuditedExchange<Submission, RegistryResponse>): AuditRecord[] {
  return auditSubmission('ITI-42', exchange, exchange.request)
}

/** [ITI TF-2:3.61.5.1] */
export function auditRegisterOnDemand(exchange: AuditedExchange<Submission, RegistryResponse>): AuditRecord[] {
  return auditSubmission('ITI-61', exchange, exchange.request)
}

/** [ITI TF-2:3.57.5.1] */
export function auditUpdate(exchange: AuditedExchange<Submission, RegistryResponse>): AuditRecord[] {
  return auditSubmission('ITI-57', exchange, exchange.request)
}

/** [ITI TF-2:3.92.5.1] */
export function auditRestrictedUpdate(exchange: AuditedExchange<Submission, RegistryResponse>): AuditRecord[] {
  return auditSubmission('ITI-92', exchange, exchange.request)
}

/** The query is written down, not its result. [ITI TF-2:3.18.5.1] */
export function auditStoredQuery(exchange: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse>): AuditRecord[] {
  return auditQueryAs('ITI-18', exchange)
}

/** [ITI TF-2:3.38.5] */
export function auditCrossGatewayQuery(
  exchange: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse>,
): AuditRecord[] {
  return auditQueryAs('ITI-38', exchange)
}

/** A query that brings documents: which ones, stands in the record of it that tells of success. [ITI TF-2:3.63.5.1] */
export function auditCrossGatewayFetch(
  exchange: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse & Pick<RetrieveDocumentSetResponse, 'documents'>>,
): AuditRecord[] {
  const documents = (exchange.response?.documents ?? []).slice(0, mostDocumentsInARecord).map(documentObject)
  return auditQueryAs('ITI-63', exchange, outcome => (outcome === succeeded ? documents : []))
}

function auditQueryAs(
  id: 'ITI-18' | 'ITI-38' | 'ITI-63',
  exchange: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse>,
  brought: (outcome: Outcome) => ParticipantObject[] = () => [],
): AuditRecord[] {
  const { request } = exchange
  const query =
    request === undefined
      ? []
      : [queryObject(typeOf(id), { id: request.id, xml: queryXml(request), home: request.home })]
  return outcomesOf(exchange).flatMap(outcome =>
    forEachPatient(patientsOfQuery(exchange), patient =>
      record(id, exchange, outcome, [...patient, ...query, ...brought(outcome)]),
    ),
  )
}

/** One record for many patients: its table allows any number of them. [ITI TF-2:3.51.5.1] */
export function auditMultiPatientQuery(
  exchange: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse>,
): AuditRecord[] {
  const { request } = exchange
  const query =
    request === undefined
      ? []
      : [queryObject(typeOf('ITI-51'), { id: request.id, xml: queryXml(request), home: request.home })]
  const patients = patientsOfQuery(exchange)
  return outcomesOf(exchange).flatMap(outcome =>
    inChunks(patients).map(chunk =>
      record('ITI-51', exchange, outcome, [...chunk.map(id => patientObject(id)), ...query]),
    ),
  )
}

/** Those asked for, or those whose objects were found. */
function patientsOfQuery({ request, response }: AuditedExchange<AdhocQueryRequest, AdhocQueryResponse>): string[] {
  const asked = request === undefined ? [] : queryPatients(request)
  return asked.length > 0 ? asked : (response?.patientIds ?? [])
}

/** What was fetched and what was not stand in records of their own. [ITI TF-2:3.43.6.1] */
export function auditRetrieve(
  exchange: AuditedExchange<RetrieveDocumentSetRequest, RetrieveDocumentSetResponse>,
): AuditRecord[] {
  return auditRetrieveAs('ITI-43', exchange)
}

/** [ITI TF-2:3.39.5] */
export function auditCrossGatewayRetrieve(
  exchange: AuditedExchange<RetrieveDocumentSetRequest, RetrieveDocumentSetResponse>,
): AuditRecord[] {
  return auditRetrieveAs('ITI-39', exchange)
}

function auditRetrieveAs(
  id: 'ITI-39' | 'ITI-43',
  exchange: AuditedExchange<RetrieveDocumentSetRequest, RetrieveDocumentSetResponse>,
): AuditRecord[] {
  const requested = exchange.request?.documents ?? []
  const fetched = exchange.failure === undefined ? (exchange.response?.documents ?? []) : []
  const got = new Set(fetched.map(keyOf))
  const missed = requested.filter(document => !got.has(keyOf(document)))
  const records = [...byPatient(fetched)].flatMap(([patientId, documents]) =>
    inChunks(documents).map(chunk =>
      record(id, exchange, succeeded, [
        ...(patientId === '' ? [] : [patientObject(patientId)]),
        ...chunk.map(documentObject),
      ]),
    ),
  )
  if (missed.length === 0 && records.length > 0) return records
  const outcome = failureOf(exchange)
  return [
    ...records,
    ...inChunks(missed).map(chunk => record(id, exchange, outcome, chunk.filter(isNamed).map(documentObject))),
  ]
}

function auditSubmission(
  id: 'ITI-41' | 'ITI-42' | 'ITI-57' | 'ITI-61' | 'ITI-80' | 'ITI-92',
  exchange: AuditedExchange<unknown, RegistryResponse>,
  submission: Submission | undefined,
): AuditRecord[] {
  const sets = (submission?.submissionSets ?? [])
    .slice(0, mostPatients)
    .flatMap(({ uniqueId }) => (uniqueId === undefined ? [] : [submissionSetObject(uniqueId)]))
  const named = submission === undefined ? [] : submissionPatients(submission)
  const patients = [...new Set([...named, ...(exchange.response?.patientIds ?? [])])]
  return outcomesOf(exchange).flatMap(outcome =>
    forEachPatient(patients, patient => record(id, exchange, outcome, [...patient, ...sets])),
  )
}

// More than one only in a submission that is about to be refused.
function submissionPatients({ submissionSets, documentEntries, folders }: Submission): string[] {
  const ids = [submissionSets, documentEntries, folders].flat().flatMap(({ patientId }) => patientId ?? [])
  return [...new Set(ids)]
}

/** One record for each patient; one without when nobody is known. [ITI TF-2:3.20.7.1] */
function forEachPatient(ids: string[], make: (patient: ParticipantObject[]) => AuditRecord): AuditRecord[] {
  if (ids.length === 0) return [make([])]
  return ids.slice(0, mostPatients).map(id => make([patientObject(id)]))
}

function byPatient<Document extends { patientId?: string }>(documents: Document[]): Map<string, Document[]> {
  const groups = new Map<string, Document[]>()
  for (const document of documents) {
    const group = groups.get(document.patientId ?? '')
    if (group === undefined) groups.set(document.patientId ?? '', [document])
    else group.push(document)
  }
  return groups
}
