// The document store over the database engine, with the bytes of the documents behind it (content-store.ts).
//
// What a crash leaves behind, and what puts it right:
//
//   the process ends …                                  | what is there                  | what follows
//   ----------------------------------------------------|--------------------------------|-----------------------------------------
//   while a document arrives                            | a file in incoming/            | removed when the folder is opened
//   after some or all bytes are placed, before begin    | bytes without a row            | removed by the sweep
//   after begin, before the ITI-42 is sent              | rows, registering              | the resolver sends the ITI-42
//   after the ITI-42 is sent, before its answer         | rows, registering              | the resolver sends the same ITI-42: the
//                                                       |                                | registry answers as it did (or ITI-18 tells)
//   after the answer Success, before it is committed    | rows, registering              | as above: registered
//   after the answer Failure, before it is committed    | rows, registering              | as above: dropped
//   after `registered`, before the source is answered   | rows, registered, the answer   | the same ITI-41 again gets that answer
//   after `drop`, before its bytes are removed          | bytes without a row            | removed by the sweep
//   after `beginRemoval`, before `endRemoval`           | rows out of reach, with or     | the next start removes the bytes and
//                                                       | without their bytes            | forgets the rows
//   after `endRemoval`, before all is erased            | deleted rows in the log or in  | erased when the database is opened
//                                                       | unused parts of pages          |
import assert from 'node:assert'
import type { AuditRecord } from '../atna-audit/message.js'
import type { Clock } from '../ports/clock.js'
import { heldPatient, holdOn } from '../server/holds.js'
import type { Statement, Store } from '../store/store.js'
import { inRow } from './content-rows.js'
import type { ContentStore, Move, PlacedContent, Rows, Standing } from './content-store.js'
import type {
  Asked,
  DocumentStore,
  Facts,
  KeptAtOnce,
  KeptDocument,
  ListedDocument,
  NewSubmission,
  PlacedDocument,
  Places,
  RemovableCopy,
} from './document-store.js'
import { type SubmissionRow, submissionOf } from './submission-row.js'

export function sqliteDocumentStore(
  store: Store,
  contents: ContentStore,
  { clock, windowMs }: { clock: Clock; windowMs: number },
): DocumentStore & Rows {
  const statements = statementsOf(store)

  // What cannot be removed now belongs to nobody, and the sweep of the next start takes it.
  const removeContents = async (placed: readonly PlacedContent[]) => {
    for (const each of placed) await contents.remove(each).catch(() => {})
    contents.final(placed.map(({ id }) => id))
  }

  const copiesOf = (uniqueId: string) => copiesIn(statements.documentsByUniqueId.iterate<DocumentRow>(uniqueId))
  /** What is registered first. Mostly there is none, and many may be under way: they are not gone through. */
  function firstCopyOf(uniqueId: string): DocumentRow | undefined {
    const any = statements.anyCopy.get<DocumentRow>(uniqueId)
    if (any === undefined || any.state === 'registered') return any
    return statements.registeredCopy.get<DocumentRow>(uniqueId) ?? any
  }

  const submissions = (statement: Statement, ...values: (string | null)[]) =>
    statement.all<SubmissionRow>(...values).map(submissionOf)

  function facts({ partner, digest, setUniqueId, documentUniqueIds }: Asked): Facts {
    const copies = new Map<string, KeptDocument>()
    for (const uniqueId of documentUniqueIds) {
      const copy = firstCopyOf(uniqueId)
      if (copy !== undefined) copies.set(uniqueId, documentOf(copy))
    }
    return {
      sentBefore: submissions(statements.sentBefore, setUniqueId ?? null, digest, partner),
      removedMs: statements.removedMs.get<{ removedMs: number }>(digest, partner)?.removedMs,
      copies,
      ofSet: setUniqueId === undefined ? [] : submissions(statements.submissionsOf, setUniqueId),
    }
  }

  return {
    documents: copiesOf,
    documentsOf: submissionId => statements.documentsOfSubmission.all<DocumentRow>(submissionId).map(documentOf),
    document(id) {
      const row = statements.document.get<DocumentRow>(id)
      return row === undefined ? undefined : documentOf(row)
    },
    standing(documentId) {
      const row = statements.standing.get<Standing>(documentId)
      return row === undefined ? undefined : { ...row }
    },

    submission(id) {
      const row = statements.submission.get<SubmissionRow>(id)
      return row === undefined ? undefined : submissionOf(row)
    },
    facts,
    pending: limit => statements.pending.all<{ id: string }>(limit).map(({ id }) => id),
    itI42(submissionId) {
      const row = statements.itI42.get<{ messageID: string; body: Uint8Array | null; security: string | null }>(
        submissionId,
      )
      if (row?.body == null) return undefined
      return { messageID: row.messageID, body: bufferOf(row.body), security: row.security ?? undefined }
    },

    place: documents => contents.put(documents),

    async unplace(places) {
      // A commit in doubt may have reached the disk all the same: the sweep of the next start decides by what it finds.
      if (store.broken === undefined) await removeContents([...places].map(([id, place]) => ({ id, place })))
    },

    async begin(submission, asked, obstacle) {
      const hindrance = await store.write(() => {
        const found = obstacle(facts(asked))
        if (found === undefined) insert(statements, submission, clock.now())
        return found
      })
      if (hindrance === undefined && 'answer' in submission) contents.final([...submission.places.keys()])
      return hindrance
    },

    async registered(submissionId, answer, alongside) {
      const ids = await store.write(() => {
        const { changes } = statements.setRegistered.run(clock.now(), JSON.stringify(answer), submissionId)
        assert(changes === 1, `submission ${submissionId} is registering until somebody settles it, once`)
        alongside()
        return statements.idsOfSubmission.all<{ id: string }>(submissionId).map(({ id }) => id)
      })
      contents.final(ids)
    },

    async drop(submissionId, alongside) {
      const dropped = await store.write(() => {
        const documents = statements.documentsOfSubmission.all<DocumentRow>(submissionId)
        statements.deleteDocuments.run(submissionId)
        statements.deleteSubmission.run(submissionId)
        alongside()
        return documents
      })
      await removeContents(dropped)
      return true
    },

    moved: moves =>
      store.write(() => {
        const isMoved = ({ id, from, to }: Move) => {
          if (statements.standing.get<{ place: string }>(id)?.place !== from) return false
          if (from === inRow) store.markErasure()
          return statements.setPlace.run(to, id).changes === 1
        }
        return new Set(moves.filter(isMoved).map(({ id }) => id))
      }),

    placed: (after, limit) => statements.placed.all<PlacedDocument>(after, limit).map(row => ({ ...row })),
    listed: (after, limit, which = 'all') =>
      (which === 'all' ? statements.listed : statements.listedDescribed)
        .all<ListedDocument>(after, limit)
        .map(row => ({ ...row })),

    ...removalsIn(store, statements, { clock, windowMs }),
  }
}

function removalsIn(
  store: Store,
  statements: Statements,
  { clock, windowMs }: { clock: Clock; windowMs: number },
): Pick<DocumentStore, 'beginRemoval' | 'endRemoval' | 'halfRemoved' | 'holdOf'> {
  const held = holdOn(store)

  function holdOf({ uniqueId, patientId }: Pick<RemovableCopy, 'uniqueId' | 'patientId'>): string | undefined {
    const ofDocument = held('document', uniqueId.normalize('NFC'))
    const patient = patientId === undefined ? undefined : heldPatient(patientId)
    return ofDocument ?? (patient === undefined ? undefined : held('patient', patient))
  }

  function withHold(copy: RemovableCopy): RemovableCopy {
    const hold = holdOf(copy)
    return hold === undefined ? copy : { ...copy, hold }
  }

  /** The last document of a submission takes the submission with it; that it was removed is known for a while. */
  function forget(documentId: string, nowMs: number): void {
    const row = statements.submissionOfDocument.get<{ id: string; digest: string; partner: string }>(documentId)
    statements.deleteDocument.run(documentId)
    statements.deleteRemoval.run(documentId)
    if (row === undefined) return
    statements.rememberRemoved.run(row.digest, row.partner, nowMs)
    statements.deleteEmptySubmission.run(row.id)
  }

  return {
    holdOf,
    beginRemoval: (uniqueIds, audit) =>
      store.write(() =>
        uniqueIds.flatMap(uniqueId => {
          const copies = statements.copies.all<CopyRow>(uniqueId).map(row => withHold(copyOf(row)))
          if (copies.some(({ state, hold }) => state === 'registering' || hold !== undefined)) return copies
          for (const copy of copies) statements.insertRemoval.run(copy.id, JSON.stringify(audit(copy)))
          return copies
        }),
      ),

    async endRemoval({ gone, kept }, alongside) {
      const forgotten = [...gone]
      await store.write(() => {
        const nowMs = clock.now()
        for (const id of forgotten) forget(id, nowMs)
        for (const id of kept) statements.deleteRemoval.run(id)
        if (forgotten.length > 0) {
          statements.forgetRemoved.run(nowMs - windowMs)
          store.markErasure()
        }
        alongside()
      })
      if (forgotten.length > 0) await store.erased()
    },

    halfRemoved: () =>
      statements.halfRemoved
        .all<CopyRow & { audit: string }>()
        .map(({ audit, ...row }) => ({ ...copyOf(row), audit: JSON.parse(audit) as AuditRecord[] })),
  }
}

function insert(
  statements: Statements,
  submission: (NewSubmission | KeptAtOnce) & { places: Places },
  nowMs: number,
): void {
  const itI42 = 'itI42' in submission ? submission.itI42 : undefined
  statements.insertSubmission.run(
    submission.id,
    submission.uniqueId ?? null,
    submission.partner,
    submission.messageID ?? null,
    submission.digest,
    submission.traceparent,
    nowMs,
    itI42?.messageID ?? '',
    itI42?.body ?? null,
    itI42?.security ?? null,
  )
  for (const document of submission.documents) {
    const { sizeBytes, sha1, sha256, chunkDigests } = document.content
    const place = submission.places.get(document.id)
    assert(place !== undefined, `document ${document.id} was placed before it is kept`)
    statements.insertDocument.run(
      document.id,
      submission.id,
      document.uniqueId,
      document.entryUUID,
      document.patientId ?? null,
      document.mimeType,
      sizeBytes,
      sha1,
      sha256,
      chunkDigests,
      place,
      document.instance ?? null,
    )
  }
  if ('answer' in submission) statements.setRegistered.run(nowMs, JSON.stringify(submission.answer), submission.id)
}

// ---- statements ------------------------------------------------------------------------------------------------------

/** Copies of one document that anybody looks at: all have the same bytes, so one would do unless it is damaged. */
const mostCopies = 4

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

type Statements = Record<keyof typeof statementTexts, Statement>

function statementsOf(store: Store): Statements {
  return Object.fromEntries(
    Object.entries(statementTexts).map(([name, sql]) => [name, store.prepare(sql)]),
  ) as Statements
}

// ---- rows ------------------------------------------------------------------------------------------------------------

/** What is registered first. Sorted here, since SQLite would build a table to sort what mostly is no row at all. */
function copiesIn(rows: Iterable<DocumentRow>): KeptDocument[] {
  const registered: KeptDocument[] = []
  const underWay: KeptDocument[] = []
  for (const row of rows) {
    const copies = row.state === 'registered' ? registered : underWay
    if (copies.length < mostCopies) copies.push(documentOf(row))
    if (registered.length === mostCopies) break
  }
  return [...registered, ...underWay].slice(0, mostCopies)
}

interface DocumentRow extends Omit<KeptDocument, 'chunkDigests' | 'patientId' | 'instance'> {
  patientId: string | null
  instance: string | null
  chunkDigests: Uint8Array
}

interface CopyRow extends Omit<RemovableCopy, 'patientId'> {
  patientId: string | null
}

function copyOf(row: CopyRow): RemovableCopy {
  return { ...row, patientId: row.patientId ?? undefined }
}

function documentOf(row: DocumentRow): KeptDocument {
  return {
    ...row,
    patientId: row.patientId ?? undefined,
    instance: row.instance ?? undefined,
    chunkDigests: bufferOf(row.chunkDigests),
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
