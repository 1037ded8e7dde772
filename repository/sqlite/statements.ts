// What the document store asks of SQLite, each statement prepared once.
import type { Statement, Store } from '../../store/store.js'

export type Statements = Record<keyof typeof statementTexts, Statement>

export function statementsOf(store: Store): Statements {
  return Object.fromEntries(
    Object.entries(statementTexts).map(([name, sql]) => [name, store.prepare(sql)]),
  ) as Statements
}

const submissionColumns = `id, unique_id AS uniqueId, partner, message_id AS messageID, state, traceparent,
  received_ms AS receivedMs, settled_ms AS settledMs, answer`

// Of rows from before places were written down.
const place = "coalesce(d.place, iif(d.content IS NULL, 'file', 'row'))"

const documents = `SELECT d.id, d.submission_id AS submissionId, s.state, s.received_ms AS receivedMs, d.unique_id AS uniqueId,
  d.patient_id AS patientId, d.mime_type AS mimeType, d.size AS sizeBytes, d.sha1, d.sha256, d.chunk_digests AS chunkDigests,
  ${place} AS place, d.instance
  FROM document d JOIN submission s ON s.id = d.submission_id`

const inReach = 'NOT EXISTS (SELECT 1 FROM removal r WHERE r.document_id = d.id)'

const copies = `SELECT d.id, d.unique_id AS uniqueId, s.state, d.patient_id AS patientId, ${place} AS place`

const listed = (
  where: string,
) => `SELECT d.id, d.unique_id AS uniqueId, d.size AS sizeBytes, s.received_ms AS receivedMs
  FROM document d JOIN submission s ON s.id = d.submission_id
  WHERE d.id > ? AND s.state = 'registered' AND ${where} ORDER BY d.id LIMIT ?`

const statementTexts = {
  documentsByUniqueId: `${documents} WHERE d.unique_id = ? AND ${inReach}`,
  anyCopy: `${documents} WHERE d.unique_id = ? AND ${inReach} LIMIT 1`,
  registeredCopy: `${documents} WHERE d.unique_id = ? AND ${inReach} AND s.state = 'registered' LIMIT 1`,
  documentsOfSubmission: `${documents} WHERE d.submission_id = ? ORDER BY d.rowid`,
  idsOfSubmission: 'SELECT id FROM document WHERE submission_id = ?',
  document: `${documents} WHERE d.id = ? AND ${inReach}`,
  standing: `SELECT s.state, ${place} AS place FROM document d JOIN submission s ON s.id = d.submission_id WHERE d.id = ? AND ${inReach}`,
  setPlace: 'UPDATE document SET place = ?, content = NULL WHERE id = ?',
  submission: `SELECT ${submissionColumns} FROM submission WHERE id = ?`,
  submissionsOf: `SELECT ${submissionColumns} FROM submission WHERE unique_id = ? ORDER BY rowid LIMIT 4`,
  sentBefore: `SELECT ${submissionColumns} FROM submission WHERE unique_id IS ? AND digest = ? AND partner = ? ORDER BY rowid`,
  pending: "SELECT id FROM submission WHERE state = 'registering' ORDER BY received_ms LIMIT ?",
  itI42:
    'SELECT iti42_message_id AS messageID, iti42_body AS body, iti42_security AS security FROM submission WHERE id = ?',
  insertSubmission: `INSERT INTO submission
    (id, unique_id, partner, message_id, digest, traceparent, state, received_ms, iti42_message_id, iti42_body,
     iti42_security)
    VALUES (?, ?, ?, ?, ?, ?, 'registering', ?, ?, ?, ?)`,
  insertDocument: `INSERT INTO document
    (id, submission_id, unique_id, entry_uuid, patient_id, mime_type, size, sha1, sha256, chunk_digests, place, instance)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // The ITI-42 is never needed again.
  setRegistered:
    "UPDATE submission SET state = 'registered', settled_ms = ?, answer = ?, iti42_body = NULL, iti42_security = NULL WHERE id = ? AND state = 'registering'",
  deleteDocuments: 'DELETE FROM document WHERE submission_id = ?',
  deleteSubmission: 'DELETE FROM submission WHERE id = ?',
  copies: `${copies} FROM document d JOIN submission s ON s.id = d.submission_id WHERE d.unique_id = ?`,
  halfRemoved: `${copies}, r.audit FROM removal r JOIN document d ON d.id = r.document_id JOIN submission s ON s.id = d.submission_id`,
  placed: `SELECT d.id, ${place} AS place, d.size AS sizeBytes FROM document d WHERE d.id > ? AND ${inReach} ORDER BY d.id LIMIT ?`,
  listed: listed(inReach),
  listedDescribed: listed(`d.instance IS NULL AND ${inReach}`),
  insertRemoval: 'INSERT OR REPLACE INTO removal VALUES (?, ?)',
  deleteRemoval: 'DELETE FROM removal WHERE document_id = ?',
  submissionOfDocument:
    'SELECT s.id, s.digest, s.partner FROM document d JOIN submission s ON s.id = d.submission_id WHERE d.id = ?',
  deleteDocument: 'DELETE FROM document WHERE id = ?',
  deleteEmptySubmission:
    'DELETE FROM submission WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM document WHERE submission_id = ?1)',
  rememberRemoved: 'INSERT OR REPLACE INTO removed_submission VALUES (?, ?, ?)',
  removedMs: 'SELECT removed_ms AS removedMs FROM removed_submission WHERE digest = ? AND partner = ?',
  forgetRemoved: 'DELETE FROM removed_submission WHERE removed_ms < ?',
} as const
