// The document store on PostgreSQL, with the bytes of the documents behind it. A submission holds what it names, so that what it is
// judged by stays true until its commit (docs/decisions/0220); what a crash leaves behind another process puts right (0260).
import assert from 'node:assert'
import type { Clock } from '../../ports/clock.js'
import { hold } from '../../store/postgres/holding.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Session } from '../../store/postgres/session.js'
import type { Transaction } from '../../store/postgres/transactions.js'
import { turns } from '../../store/postgres/turns.js'
import type { ContentStore, Move, PlacedContent, Standing } from '../content-store.js'
import type {
  Asked,
  DocumentStore,
  Facts,
  KeptAtOnce,
  ListedDocument,
  NewSubmission,
  PlacedDocument,
  Places,
} from '../document-store.js'
import { innerPlace } from '../encryption/sealed-place.js'
import { type SubmissionRow, submissionOf } from '../submission-row.js'
import type { LooseContent } from './loose-content.js'
import { removalsIn } from './removals.js'
import { type DocumentRow, documentOf, documentsFrom, inReach, submissionColumns } from './rows.js'

export interface OpenDocumentStore {
  store: Pick<PostgresStore, 'run' | 'look' | 'keeper'>
  contents: ContentStore
  loose: LooseContent
  clock: Clock
  windowMs: number
}

/** `store.run` may run the work of a call several times: what it decides follows from what it has read alone. docs/decisions/0220, 0260 */
export function postgresDocumentStore(options: OpenDocumentStore): DocumentStore {
  const { store, contents, loose, clock } = options
  const { process: owner, isGone } = store.keeper
  const inTurn = turns()
  const one = async <Row>(sql: string, ...values: string[]) =>
    (await store.look(session => session.query<Row>(sql, ...values)))[0]

  // What cannot be removed now belongs to nobody, and is cleared away later.
  const removeContents = async (placed: readonly PlacedContent[]) => {
    for (const each of placed) await contents.remove(each).catch(() => {})
    contents.final(placed.map(({ id }) => id))
  }

  /** A commit that names some bytes no more. */
  async function leaving<Result>(
    work: (transaction: Transaction, leave: (placed: readonly PlacedContent[]) => Promise<unknown>) => Promise<Result>,
  ): Promise<Result> {
    const left: PlacedContent[] = []
    const leave = async (transaction: Transaction, placed: readonly PlacedContent[]) => {
      left.push(...placed)
      if (placed.length > 0) await loose.left(transaction, placed)
    }
    try {
      return await store.run(transaction => work(transaction, placed => leave(transaction, placed)))
    } catch (problem) {
      loose.notLeft(left)
      throw problem
    }
  }

  /** Submissions of processes that are gone are this one's from here on. */
  async function takeOver(): Promise<void> {
    const others = await store.look(session => session.query<{ owner: number }>(statements.otherOwners, owner))
    for (const { owner: other } of others) {
      if (await isGone(other)) await store.run(session => session.query(statements.takeOver, owner, other))
    }
  }

  return {
    documents: async uniqueId =>
      (await store.look(session => session.query<DocumentRow>(statements.documents, uniqueId))).map(documentOf),
    documentsOf: async submissionId =>
      (await store.look(session => session.query<DocumentRow>(statements.documentsOf, submissionId))).map(documentOf),
    async document(id) {
      const row = await one<DocumentRow>(statements.document, id)
      return row === undefined ? undefined : documentOf(row)
    },
    standing: id => one<Standing>(statements.standing, id),
    async submission(id) {
      const row = await one<SubmissionRow>(statements.submission, id)
      return row === undefined ? undefined : submissionOf(row)
    },
    facts: asked => store.look(session => factsIn(session, asked)),
    async pending(limit) {
      await takeOver()
      const rows = await store.look(session => session.query<{ id: string }>(statements.pending, owner, limit))
      return rows.map(({ id }) => id)
    },
    async itI42(submissionId) {
      const row = await one<{ messageID: string; body: Buffer | null; security: string | null }>(
        statements.itI42,
        submissionId,
      )
      if (row === undefined || row.body === null) return undefined
      return { messageID: row.messageID, body: row.body, security: row.security ?? undefined }
    },

    place: documents => contents.put(documents),
    async unplace(places) {
      contents.final([...places.keys()])
      // Whether a commit in doubt has named them after all is found out there.
      await loose.clear().catch(() => {})
    },

    begin(submission, asked, obstacle) {
      const names = namesOf(asked)
      return inTurn.take(names, async () => {
        const hindrance = await store.run(async transaction => {
          const [, facts] = await Promise.all([hold(transaction, names), factsIn(transaction, asked)])
          const hindrance = obstacle(facts)
          if (hindrance !== undefined) return hindrance
          const placed = [...submission.places].map(([id, place]) => ({ id, place }))
          await Promise.all([
            loose.taken(transaction, placed),
            ...inserted(transaction, submission, owner, clock.now()),
          ])
          return undefined
        })
        if (hindrance === undefined && 'answer' in submission) contents.final([...submission.places.keys()])
        return hindrance
      })
    },

    async registered(submissionId, answer, alongside) {
      const ids = await store.run(async transaction => {
        const settled = [clock.now(), JSON.stringify(answer), submissionId]
        const [changed, there] = await Promise.all([
          transaction.query(statements.setRegistered, ...settled),
          transaction.query<{ id: string }>(statements.idsOf, submissionId),
        ])
        // Another process may have come to the same end, having taken this one for gone.
        assert(changed.length === 1 || there.length > 0, `submission ${submissionId} stays until somebody settles it`)
        transaction.alongside(alongside)
        return there.map(({ id }) => id)
      })
      contents.final(ids)
    },

    async drop(submissionId, alongside) {
      const dropped = await leaving(async (transaction, leave) => {
        const gone = await transaction.query(statements.deleteSubmission, submissionId, owner)
        if (gone.length === 0) return undefined
        const placed = await transaction.query<PlacedContent>(statements.deleteDocuments, submissionId)
        await leave(placed)
        transaction.alongside(alongside)
        return placed
      })
      if (dropped === undefined) return false
      await removeContents(dropped)
      return true
    },

    moved: moves =>
      leaving(async (transaction, leave) => {
        const moved = await Promise.all(moves.map(move => moveOne(transaction, move)))
        const elsewhere = moved.flatMap(move => (move !== undefined && isElsewhere(move) ? [move] : []))
        await loose.taken(
          transaction,
          elsewhere.map(({ id, to }) => ({ id, place: to })),
        )
        await leave(elsewhere.map(({ id, from }) => ({ id, place: from })))
        return new Set(moved.flatMap(move => move?.id ?? []))
      }),

    placed: (after, limit) => store.look(session => session.query<PlacedDocument>(statements.placed, after, limit)),
    listed: (after, limit, which = 'all') => {
      const statement = which === 'all' ? statements.listed : statements.listedDescribed
      return store.look(session => session.query<ListedDocument>(statement, after, limit))
    },

    ...removalsIn(options),
  }
}

/** Whoever adds or removes something under one of these holds it until the commit. */
function namesOf({ partner, digest, setUniqueId, documentUniqueIds }: Asked): Set<string> {
  const set = setUniqueId === undefined ? [] : [`set ${setUniqueId}`]
  return new Set([`sent ${digest} ${partner}`, ...set, ...documentUniqueIds.map(id => `document ${id}`)])
}

/** Asked together, in one trip. */
async function factsIn(session: Session, { partner, digest, setUniqueId, documentUniqueIds }: Asked): Promise<Facts> {
  const [ofSet, removed, copies] = await Promise.all([
    session.query<SubmissionRow & { digest: string }>(statements.ofSet, setUniqueId ?? null),
    session.query<{ removedMs: number }>(statements.removedMs, digest, partner),
    session.query<DocumentRow>(statements.firstCopies, documentUniqueIds),
  ])
  const same = ofSet.filter(row => row.digest === digest && row.partner === partner)
  return {
    sentBefore: same.map(submissionOf),
    removedMs: removed[0]?.removedMs,
    copies: new Map(copies.map(row => [row.uniqueId, documentOf(row)])),
    ofSet: setUniqueId === undefined ? [] : ofSet.map(submissionOf),
  }
}

function inserted(
  session: Session,
  submission: (NewSubmission | KeptAtOnce) & { places: Places },
  owner: number,
  nowMs: number,
): Promise<unknown>[] {
  const itI42 = 'itI42' in submission ? submission.itI42 : undefined
  const answer = 'answer' in submission ? JSON.stringify(submission.answer) : undefined
  return [
    session.query(
      statements.insertSubmission,
      ...[submission.id, submission.uniqueId ?? null, submission.partner, submission.messageID ?? null],
      ...[submission.digest, submission.traceparent, owner, nowMs, itI42?.messageID ?? '', itI42?.body ?? null],
      itI42?.security ?? null,
    ),
    ...submission.documents.map((document, number) => {
      const { sizeBytes, sha1, sha256, chunkDigests } = document.content
      const place = submission.places.get(document.id)
      assert(place !== undefined, `document ${document.id} was placed before it is kept`)
      return session.query(
        statements.insertDocument,
        ...[document.id, submission.id, number, document.uniqueId, document.entryUUID, document.patientId ?? null],
        ...[document.mimeType, sizeBytes, sha1, sha256, chunkDigests, place, document.instance ?? null],
      )
    }),
    ...(answer === undefined ? [] : [session.query(statements.setRegistered, nowMs, answer, submission.id)]),
  ]
}

async function moveOne(session: Session, move: Move): Promise<Move | undefined> {
  const changed = await session.query(statements.setPlace, move.to, move.id, move.from)
  return changed.length === 1 ? move : undefined
}

/** Not only its key is wrapped anew. */
const isElsewhere = ({ from, to }: Move) => innerPlace(from) !== innerPlace(to)

/** Copies of one document that anybody looks at. */
const mostCopies = 4
/** Submissions of one SubmissionSet.uniqueId: the registry takes one, others come of what was sent again. */
const mostOfSet = 100

const listed = (
  where: string,
) => `SELECT d.id, d.unique_id AS "uniqueId", d.size AS "sizeBytes", s.received_ms AS "receivedMs"
  FROM document d JOIN submission s ON s.id = d.submission_id
  WHERE d.id > ? AND s.state = 'registered' AND ${where} ORDER BY d.id LIMIT ?`

const statements = {
  documents: `${documentsFrom} WHERE d.unique_id = ? AND ${inReach} ORDER BY s.state, s.number, d.number LIMIT ${mostCopies}`,
  documentsOf: `${documentsFrom} WHERE d.submission_id = ? ORDER BY d.number`,
  document: `${documentsFrom} WHERE d.id = ? AND ${inReach}`,
  standing: `SELECT s.state, d.place FROM document d JOIN submission s ON s.id = d.submission_id WHERE d.id = ? AND ${inReach}`,
  submission: `SELECT ${submissionColumns} FROM submission WHERE id = ?`,
  ofSet: `SELECT ${submissionColumns}, digest FROM submission WHERE unique_id = ? ORDER BY number LIMIT ${mostOfSet}`,
  removedMs: 'SELECT removed_ms AS "removedMs" FROM removed_submission WHERE digest = ? AND partner = ?',
  firstCopies: documentsFrom
    .replace('SELECT', 'SELECT DISTINCT ON (d.unique_id)')
    .concat(` WHERE d.unique_id = ANY (?::text[]) AND ${inReach} ORDER BY d.unique_id, s.state, s.number, d.number`),
  otherOwners: `SELECT DISTINCT owner FROM submission WHERE state = 'registering' AND owner <> ?`,
  takeOver: `UPDATE submission SET owner = ? WHERE state = 'registering' AND owner = ?`,
  pending: `SELECT id FROM submission WHERE state = 'registering' AND owner = ? ORDER BY received_ms LIMIT ?`,
  itI42:
    'SELECT iti42_message_id AS "messageID", iti42_body AS body, iti42_security AS security FROM submission WHERE id = ?',
  insertSubmission: `INSERT INTO submission
    (id, unique_id, partner, message_id, digest, traceparent, owner, received_ms, iti42_message_id, iti42_body,
     iti42_security, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'registering')`,
  insertDocument: `INSERT INTO document
    (id, submission_id, number, unique_id, entry_uuid, patient_id, mime_type, size, sha1, sha256, chunk_digests, place, instance)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // The ITI-42 is never needed again.
  setRegistered: `UPDATE submission SET state = 'registered', settled_ms = ?, answer = ?, iti42_body = NULL, iti42_security = NULL
    WHERE id = ? AND state = 'registering' RETURNING id`,
  idsOf: 'SELECT id FROM document WHERE submission_id = ?',
  deleteSubmission: `DELETE FROM submission WHERE id = ? AND state = 'registering' AND owner = ? RETURNING id`,
  deleteDocuments: 'DELETE FROM document WHERE submission_id = ? RETURNING id, place',
  setPlace: `UPDATE document d SET place = ? WHERE d.id = ? AND d.place = ? AND ${inReach} RETURNING d.id`,
  placed: `SELECT d.id, d.place, d.size AS "sizeBytes" FROM document d WHERE d.id > ? AND ${inReach} ORDER BY d.id LIMIT ?`,
  listed: listed(inReach),
  listedDescribed: listed(`d.instance IS NULL AND ${inReach}`),
} as const
