// Rows of the repository's tables on PostgreSQL, as the rest of the room knows them.
import type { KeptDocument, RemovableCopy } from '../document-store.js'

export const submissionColumns = `id, unique_id AS "uniqueId", partner, message_id AS "messageID", state, traceparent,
  received_ms AS "receivedMs", settled_ms AS "settledMs", answer`

export const documentsFrom = `SELECT d.id, d.submission_id AS "submissionId", s.state, s.received_ms AS "receivedMs",
  d.unique_id AS "uniqueId", d.patient_id AS "patientId", d.mime_type AS "mimeType", d.size AS "sizeBytes", d.sha1, d.sha256,
  d.chunk_digests AS "chunkDigests", d.place, d.instance FROM document d JOIN submission s ON s.id = d.submission_id`

export const inReach = 'NOT EXISTS (SELECT 1 FROM removal r WHERE r.document_id = d.id)'

export interface DocumentRow extends Omit<KeptDocument, 'patientId' | 'instance'> {
  patientId: string | null
  instance: string | null
}

export interface CopyRow extends Omit<RemovableCopy, 'patientId' | 'hold'> {
  patientId: string | null
}

export const documentOf = (row: DocumentRow): KeptDocument => ({
  ...row,
  patientId: row.patientId ?? undefined,
  instance: row.instance ?? undefined,
})
export const copyOf = (row: CopyRow): RemovableCopy => ({ ...row, patientId: row.patientId ?? undefined })
