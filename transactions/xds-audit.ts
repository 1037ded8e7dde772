// What the audit says of the XDS.b transactions, for the side that asks and the side that answers.
// ITI TF-2 §3.18.5, §3.41.5, §3.42.5, §3.43.6, §3.61.5, §3.80.5.
import type {
  ActiveParticipant,
  AuditCode,
  AuditedExchange,
  AuditRecord,
  ParticipantObject,
} from '../atna-audit/message.js'
import { documentObject, patientObject, queryObject, submissionSetObject, traceObject } from '../atna-audit/objects.js'
import { purposesOf, userParticipants } from '../atna-audit/users.js'
import { eventIDs, roles, transactionType } from '../atna-audit/vocabulary.js'
import type { RegistryError, Submission } from '../metadata/model.js'
import { queryPatients, queryXml } from './audited-query.js'
import type {
  AdhocQueryRequest,
  AdhocQueryResponse,
  DocumentRequest,
  ProvideAndRegisterRequest,
  RegistryResponse,
  RetrieveDocumentSetRequest,
  RetrieveDocumentSetResponse,
} from './xds-messages.js'

/** How a transaction is written down; the two sides differ in event and action. */
interface AuditShape {
  type: AuditCode
  initiator: EventShape
  responder: EventShape
  /** Whether data goes from the one who asks to the one who answers. */
  asker: 'source' | 'destination'
}

interface EventShape {
  id: AuditCode
  action: AuditRecord['action']
}

const exported: EventShape = { id: eventIDs.export, action: 'R' }
const imported: EventShape = { id: eventIDs.import, action: 'C' }
const queried: EventShape = { id: eventIDs.query, action: 'E' }
const exportedUpdate: EventShape = { id: eventIDs.export, action: 'U' }
const importedUpdate: EventShape = { id: eventIDs.import, action: 'U' }
const accessed: EventShape = { id: eventIDs.instancesAccessed, action: 'C' }
const transferred: EventShape = { id: eventIDs.instancesTransferred, action: 'R' }
const patientDeleted: EventShape = { id: eventIDs.patientRecord, action: 'D' }

const shapes = {
  'ITI-18': shape('ITI-18', 'Registry Stored Query', queried, queried),
  'ITI-38': shape('ITI-38', 'Cross Gateway Query', queried, queried),
  'ITI-39': { ...shape('ITI-39', 'Cross Gateway Retrieve', imported, exported), asker: 'destination' },
  'ITI-41': shape('ITI-41', 'Provide and Register Document Set-b', exported, imported),
  'ITI-42': shape('ITI-42', 'Register Document Set-b', exported, imported),
  // Turned round: documents flow from the one who answers.
  'ITI-43': { ...shape('ITI-43', 'Retrieve Document Set', imported, exported), asker: 'destination' },
  'ITI-51': shape('ITI-51', 'Multi-Patient Stored Query', queried, queried),
  'ITI-57': shape('ITI-57', 'Update Document Set', exportedUpdate, importedUpdate),
  'ITI-61': shape('ITI-61', 'Register On-Demand Document Entry', exported, imported),
  'ITI-62': shape('ITI-62', 'Remove Metadata', patientDeleted, patientDeleted),
  // So it is called in the audit, whatever its own name is. [ITI TF-2:3.63.5.1]
  'ITI-63': shape('ITI-63', 'XCF Fetch', queried, queried),
  'ITI-80': shape('ITI-80', 'Cross-Gateway Document Provide', exported, imported),
  'ITI-86': shape('ITI-86', 'Remove Documents', patientDeleted, patientDeleted),
  'ITI-92': shape('ITI-92', 'Restricted Update Document Set', exportedUpdate, importedUpdate),
  'RAD-69': { ...shape('RAD-69', 'Retrieve Imaging Document Set', accessed, transferred), asker: 'destination' },
  'RAD-75': {
    ...shape('RAD-75', 'Cross Gateway Retrieve Imaging Document Set', accessed, transferred),
    asker: 'destination',
  },
} as const satisfies Record<string, AuditShape>

/** A request can name any number of patients and documents; what one exchange may write is bounded all the same. */
const mostPatients = 32
const mostDocumentsInARecord = 500

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
      : [queryObject(shapes[id].type, { id: request.id, xml: queryXml(request), home: request.home })]
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
      : [queryObject(shapes['ITI-51'].type, { id: request.id, xml: queryXml(request), home: request.home })]
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

function shape(id: string, name: string, initiator: EventShape, responder: EventShape): AuditShape {
  return { type: transactionType(id, name), initiator, responder, asker: 'source' }
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

export type Outcome = Pick<AuditRecord, 'outcome' | 'outcomeDescription'>

export const succeeded: Outcome = { outcome: 0 }

function failed(why: string): Outcome {
  return { outcome: 8, outcomeDescription: why }
}

/** Partial success is two records: one of what worked, one of what failed. [ITI TF-2:3.18.5.1] */
function outcomesOf(exchange: AuditedExchange<unknown, RegistryResponse>): Outcome[] {
  if (exchange.failure !== undefined) return [failureOf(exchange)]
  if (exchange.response?.status === 'Success') return [succeeded]
  if (exchange.response?.status === 'PartialSuccess') return [succeeded, failureOf(exchange)]
  return [failureOf(exchange)]
}

export function failureOf({ failure, response }: AuditedExchange<unknown, RegistryResponse>): Outcome {
  if (failure !== undefined) return failed(failure)
  if (response === undefined) return failed('the exchange ended without an answer')
  const onlyWarnings = response.errors.length > 0 && response.errors.every(({ severity }) => severity === 'Warning')
  return { outcome: onlyWarnings ? 4 : 8, outcomeDescription: errorsInWords(response.errors) }
}

function errorsInWords(errors: RegistryError[]): string {
  if (errors.length === 0) return 'the answer names no error, but not all that was asked for was done'
  const first = errors.slice(0, 3).map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`)
  const more = errors.length - first.length
  return more > 0 ? `${first.join('; ')}; and ${more} more` : first.join('; ')
}

export function record(
  id: keyof typeof shapes,
  exchange: AuditedExchange<unknown, unknown>,
  outcome: Outcome,
  objects: ParticipantObject[],
): AuditRecord {
  const { type, asker, ...sides } = shapes[id]
  const event = sides[exchange.side]
  return {
    eventID: event.id,
    eventTypeCode: type,
    action: event.action,
    outcome: outcome.outcome,
    outcomeDescription: outcome.outcomeDescription,
    purposesOfUse: purposesOf(exchange.user),
    dateTimeMs: exchange.endedMs,
    participants: [...participantsOf(exchange, asker), ...userParticipants(exchange.user)],
    objects: [...objects, traceObject(exchange.traceparent)],
  }
}

/** Source first, then Destination. Where no person is known, the asking system is the requestor. */
function participantsOf(
  exchange: AuditedExchange<unknown, unknown>,
  asker: 'source' | 'destination',
): ActiveParticipant[] {
  const weAsk = exchange.side === 'initiator'
  const here = { alternativeUserID: String(exchange.processId), networkAccessPointID: exchange.hostName }
  const there = { networkAccessPointID: exchange.partner.address }
  const asking: ActiveParticipant = {
    userID: exchange.replyTo,
    ...(weAsk ? here : { userName: exchange.partner.name, ...there }),
    userIsRequestor: exchange.user === undefined,
    roleIDCode: roles[asker],
  }
  const answering: ActiveParticipant = {
    userID: exchange.endpoint,
    ...(weAsk ? there : here),
    userIsRequestor: false,
    roleIDCode: asker === 'source' ? roles.destination : roles.source,
  }
  return asker === 'source' ? [asking, answering] : [answering, asking]
}

/** A request may leave it out; that it was made is written down all the same. */
export const isNamed = ({ documentUniqueId }: DocumentRequest) => documentUniqueId !== ''

export function keyOf({ repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return `${repositoryUniqueId}\n${documentUniqueId}`
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

export function inChunks<Item>(items: Item[]): Item[][] {
  const chunks = [items.slice(0, mostDocumentsInARecord)]
  for (let at = mostDocumentsInARecord; at < items.length; at += mostDocumentsInARecord) {
    chunks.push(items.slice(at, at + mostDocumentsInARecord))
  }
  return chunks
}
