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
import type { Clock } from '../../ports/clock.js'
import type { Statement, Store } from '../../store/store.js'
import { inRow } from '../content-rows.js'
import type { ContentStore, Move, PlacedContent, Rows, Standing } from '../content-store.js'
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
} from '../document-store.js'
import { type SubmissionRow, submissionOf } from '../submission-row.js'
import { removalsIn } from './removals.js'
import { bufferOf, copiesIn, type DocumentRow, documentOf } from './rows.js'
import { type Statements, statementsOf } from './statements.js'

/** A row is committed only after the bytes in `contents` are durable. */
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
