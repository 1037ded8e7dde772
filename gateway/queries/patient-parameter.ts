// The patient that a stored query is about, and the same query about the same person by another id. ITI TF-2 §3.18.4.1.2.3.7.
import type { Slot } from '../../metadata/model.js'
import { queryPatients } from '../../transactions/audited-query.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'

const names = new Set(['$XDSDocumentEntryPatientId', '$XDSSubmissionSetPatientId', '$XDSFolderPatientId', '$patientId'])

/** As CX, without quotes; undefined where the query is about none, or about several. */
export function patientOf(query: AdhocQueryRequest): string | undefined {
  const [patientId, another] = queryPatients(query)
  return another === undefined ? patientId : undefined
}

/** For a community: by its id of the patient, and for it alone. */
export function queryFor(query: AdhocQueryRequest, home: string, patientId?: string): AdhocQueryRequest {
  const quoted = patientId === undefined ? undefined : `'${patientId.replaceAll("'", "''")}'`
  const slots = query.slots.map(
    (slot): Slot => (quoted !== undefined && names.has(slot.name) ? { ...slot, values: [quoted] } : slot),
  )
  const { id, returnType } = query
  return { id, returnType, home, slots }
}
