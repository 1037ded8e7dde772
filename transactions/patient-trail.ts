// Which exchanges concern a patient's documents, and how they are told to the patient. CH:ATC Table 4.
import type { AuditedExchange, AuditRecord, ParticipantObject } from '../atna-audit/message.js'
import { type PatientEvent, patientEvent, trailDocument } from '../atna-audit/patient-events.js'
import { transactionType } from '../atna-audit/vocabulary.js'
import type { DocumentEntry, Submission } from '../metadata/model.js'
import { queryPatients } from './audited-query.js'
import type {
  AdhocQueryRequest,
  RegistryResponse,
  RemoveDocumentsResponse,
  RetrieveDocumentSetResponse,
  RetrieveImagingDocumentSetRequest,
} from './xds-messages.js'

interface Told {
  event: PatientEvent
  patientId: string
  object: ParticipantObject | undefined
}

type Tell = (exchange: AuditedExchange<unknown, unknown>) => Told[]

/**
 * Each thing that happens is told once, by the actor that knows most of it: the registry has title and type of what is
 * registered, the repository knows what was really handed out or removed.
 */
const tellers: Readonly<Record<string, Tell>> = {
  'ITI-18': toldOfQuery,
  'ITI-42': toldOfSubmission('create'),
  'ITI-43': toldOfRetrieval,
  'ITI-57': toldOfSubmission('update'),
  'ITI-61': toldOfSubmission('create'),
  'ITI-86': toldOfRemoval,
  'ITI-92': toldOfSubmission('update'),
  'RAD-69': toldOfImages,
}

/** One exchange may be about any number of documents; each has a record of its own. */
const mostRecords = 500

/** Of what was done; what was refused is for auditors. */
export function patientRecords(id: string, exchange: AuditedExchange<unknown, unknown>): AuditRecord[] {
  const tell = tellers[id]
  const status = (exchange.response as Partial<RegistryResponse> | undefined)?.status
  const isDone = exchange.failure === undefined && (status === 'Success' || status === 'PartialSuccess')
  if (tell === undefined || exchange.side !== 'responder' || !isDone) return []
  const { user, partner, traceparent, endedMs } = exchange
  return tell(exchange)
    .slice(0, mostRecords)
    .map(({ event, patientId, object }) =>
      patientEvent({ event, patientId, object, user, partner, traceparent, dateTimeMs: endedMs }),
    )
}

function toldOfSubmission(event: 'create' | 'update'): Tell {
  return ({ request }) => {
    const { documentEntries, associations } = request as Submission
    const replacing = new Set(
      associations
        .filter(({ associationType }) => associationType === 'RPLC' || associationType === 'XFRM_RPLC')
        .map(({ sourceObject }) => sourceObject),
    )
    return documentEntries.flatMap(entry => {
      const { patientId, uniqueId, entryUUID } = entry
      if (patientId === undefined || uniqueId === undefined) return []
      const isUpdate = event === 'update' || replacing.has(entryUUID)
      return [{ event: isUpdate ? 'update' : event, patientId, object: documentOf(entry, uniqueId) } as const]
    })
  }
}

function documentOf({ repositoryUniqueId, homeCommunityId, typeCode, title }: DocumentEntry, uniqueId: string) {
  return trailDocument({
    uniqueId,
    repositoryUniqueId,
    homeCommunityId,
    typeCode: typeCode?.code,
    title: title?.[0]?.value,
  })
}

function toldOfQuery({ request, response }: AuditedExchange<unknown, unknown>): Told[] {
  const { id } = request as AdhocQueryRequest
  const asked = queryPatients(request as AdhocQueryRequest)
  const patients = asked.length > 0 ? asked : ((response as RegistryResponse).patientIds ?? [])
  const idTypeCode = transactionType('ITI-18', 'Registry Stored Query')
  const object = { id, typeCode: 2, role: 24, idTypeCode } as const
  return [...new Set(patients)].map(patientId => ({ event: 'search', patientId, object }))
}

function toldOfRetrieval({ response }: AuditedExchange<unknown, unknown>): Told[] {
  const { documents } = response as RetrieveDocumentSetResponse
  return documents.flatMap(({ patientId, documentUniqueId: uniqueId, repositoryUniqueId, homeCommunityId }) => {
    if (patientId === undefined) return []
    const object = trailDocument({ uniqueId, repositoryUniqueId, homeCommunityId })
    return [{ event: 'read', patientId, object } as const]
  })
}

/** Of images their study, once: there may be hundreds of them. */
function toldOfImages({ request, response }: AuditedExchange<unknown, unknown>): Told[] {
  const asked = (request as RetrieveImagingDocumentSetRequest).documents
  const studies = new Map(asked.map(({ documentUniqueId, studyInstanceUID }) => [documentUniqueId, studyInstanceUID]))
  const told = new Map<string, Told>()
  for (const document of (response as RetrieveDocumentSetResponse).documents) {
    const { patientId, documentUniqueId, repositoryUniqueId, homeCommunityId } = document
    const uniqueId = studies.get(documentUniqueId)
    if (patientId === undefined || uniqueId === undefined) continue
    const object = trailDocument({ uniqueId, repositoryUniqueId, homeCommunityId })
    told.set(`${patientId}\n${uniqueId}`, { event: 'read', patientId, object })
  }
  return [...told.values()]
}

function toldOfRemoval({ response }: AuditedExchange<unknown, unknown>): Told[] {
  const { outcomes = [] } = response as RemoveDocumentsResponse
  return outcomes
    .filter(({ removed }) => removed)
    .flatMap(({ patientIds, documentUniqueId: uniqueId, repositoryUniqueId, homeCommunityId }) => {
      const object = trailDocument({ uniqueId, repositoryUniqueId, homeCommunityId })
      return patientIds.map(patientId => ({ event: 'delete', patientId, object }) as const)
    })
}
