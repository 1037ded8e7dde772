// What the audit says of removals: one record for each outcome, and one for each patient. ITI TF-2 §3.62.5, §3.86.5.
import type { AuditedExchange, AuditRecord, ParticipantObject } from '../atna-audit/message.js'
import { patientObject, removedDocumentObject, removedObject } from '../atna-audit/objects.js'
import { failureOf, inChunks, isNamed, type Outcome, record, succeeded } from './exchange-record.js'
import type {
  RemovalOutcome,
  RemoveDocumentsRequest,
  RemoveDocumentsResponse,
  RemoveMetadataRequest,
  RemoveMetadataResponse,
} from './xds-messages.js'

/** [ITI TF-2:3.62.5] */
export function auditRemoveMetadata(
  exchange: AuditedExchange<RemoveMetadataRequest, RemoveMetadataResponse>,
): AuditRecord[] {
  const { request, response, failure } = exchange
  const done = failure === undefined && response?.status === 'Success'
  const patients = new Map((response?.found ?? []).map(({ entryUUID, patientId }) => [entryUUID, patientId]))
  const named = [...new Set(request?.entryUUIDs ?? [])]
  const removals = named.map(id => ({ object: removedObject(id), patientId: patients.get(id) ?? '' }))
  return recordsOf('ITI-62', exchange, done ? succeeded : failureOf(exchange), removals)
}

/** [ITI TF-2:3.86.5] */
export function auditRemoveDocuments(
  exchange: AuditedExchange<RemoveDocumentsRequest, RemoveDocumentsResponse>,
): AuditRecord[] {
  const outcomes = outcomesOf(exchange)
  const removed = outcomes.filter(outcome => outcome.removed)
  const kept = outcomes.filter(outcome => !outcome.removed && isNamed(outcome))
  return [
    ...(removed.length === 0 ? [] : recordsOf('ITI-86', exchange, succeeded, removalsOf(removed))),
    ...(removed.length > 0 && kept.length === 0
      ? []
      : recordsOf('ITI-86', exchange, failureOf(exchange), removalsOf(kept))),
  ]
}

/** One for all documents of a removal, where there is one for each because another process has ended it. [ITI TF-2:3.86.5] */
export function joined(records: readonly AuditRecord[]): AuditRecord[] {
  const alike = new Map<string, { record: AuditRecord; documents: Map<string, ParticipantObject> }>()
  for (const record of records) {
    const others = record.objects.filter(object => !isDocument(object))
    const key = JSON.stringify({ ...record, dateTimeMs: 0, objects: others })
    const one = alike.get(key) ?? { record: { ...record, objects: others }, documents: new Map() }
    alike.set(key, one)
    for (const object of record.objects.filter(isDocument)) one.documents.set(JSON.stringify(object), object)
  }
  return [...alike.values()].flatMap(({ record, documents }) =>
    inChunks([...documents.values()]).map(chunk => {
      const { objects } = record
      return { ...record, objects: [...objects.slice(0, -1), ...chunk, ...objects.slice(-1)] }
    }),
  )
}

const isDocument = ({ dataLifeCycle }: ParticipantObject) => dataLifeCycle !== undefined

interface Removal {
  object: ParticipantObject
  /** Empty where nobody knows. */
  patientId: string
}

function removalsOf(outcomes: readonly RemovalOutcome[]): Removal[] {
  return outcomes.flatMap(outcome => {
    const patientIds = outcome.patientIds.length === 0 ? [''] : outcome.patientIds
    return patientIds.map(patientId => ({ object: removedDocumentObject(outcome), patientId }))
  })
}

/** Who asked has only the answer to tell from: it names what was not removed. */
function outcomesOf({
  request,
  response,
  failure,
}: AuditedExchange<RemoveDocumentsRequest, RemoveDocumentsResponse>): RemovalOutcome[] {
  if (failure === undefined && response?.outcomes !== undefined) return response.outcomes
  const status = failure === undefined ? response?.status : 'Failure'
  const missed = new Set(response?.errors.map(({ location }) => location))
  const isRemoved = (id: string) => status === 'Success' || (status === 'PartialSuccess' && !missed.has(id))
  return (request?.documents ?? []).map(document => ({
    ...document,
    removed: isRemoved(document.documentUniqueId),
    patientIds: [],
  }))
}

function recordsOf(
  id: 'ITI-62' | 'ITI-86',
  exchange: AuditedExchange<unknown, RemoveMetadataResponse | RemoveDocumentsResponse>,
  outcome: Outcome,
  removals: readonly Removal[],
): AuditRecord[] {
  const byPatient = new Map<string, ParticipantObject[]>()
  for (const { object, patientId } of removals) {
    const objects = byPatient.get(patientId)
    if (objects === undefined) byPatient.set(patientId, [object])
    else objects.push(object)
  }
  if (byPatient.size === 0) return [record(id, exchange, outcome, [])]
  return [...byPatient].flatMap(([patientId, objects]) =>
    inChunks(objects).map(chunk => {
      const patient = patientId === '' ? [] : [patientObject(patientId)]
      return record(id, exchange, outcome, [...patient, ...chunk])
    }),
  )
}
