// Documents on their way out, on PostgreSQL: one process at a time removes a document, and what one leaves half done that ends another
// one finishes. docs/decisions/0122, 0260.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { Clock } from '../../ports/clock.js'
import { heldPatient } from '../../server/holds.js'
import { StoreAway } from '../../store/failures.js'
import { hold } from '../../store/postgres/holding.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Session } from '../../store/postgres/session.js'
import type { DocumentStore, RemovableCopy } from '../document-store.js'
import { type CopyRow, copyOf } from './rows.js'

/** Where each process tells the others which documents leave, by their ids: what these have cached of them goes too. */
export const removalsChannel = 'carnet_removals'

type Removals = Pick<DocumentStore, 'beginRemoval' | 'endRemoval' | 'halfRemoved' | 'holdOf'>

/** So long one waits for another process that removes the same document. */
const patienceMs = 10_000
const lookAgainMs = 100

interface OpenRemovals {
  store: Pick<PostgresStore, 'run' | 'look' | 'keeper'>
  clock: Clock
  /** How long a submission may be sent again, and is known as removed. */
  windowMs: number
}

/** As those of SQLite, but that another process may be removing the same: it is waited for, 10 s at the longest. @throws StoreAway then */
export function removalsIn({ store, clock, windowMs }: OpenRemovals): Removals {
  const { process: owner, isGone } = store.keeper

  /** What processes were at work on that are gone is this one's from here on. */
  async function takeOver(): Promise<void> {
    const others = await store.look(session => session.query<{ owner: number }>(otherOwners, owner))
    for (const { owner: other } of others) {
      if (await isGone(other))
        await store.run(session => session.query('UPDATE removal SET owner = ? WHERE owner = ?', owner, other))
    }
  }

  /** Undefined when another process is removing one of them. */
  function begun(
    uniqueIds: readonly string[],
    audit: (copy: RemovableCopy) => AuditRecord[],
  ): Promise<RemovableCopy[] | undefined> {
    return store.run(async transaction => {
      await hold(transaction, namesOf(uniqueIds))
      const rows = await transaction.query<CopyRow & { owner: number | null }>(copies, uniqueIds)
      if (rows.some(row => row.owner !== null && row.owner !== owner)) return undefined
      const found = await withHolds(
        transaction,
        rows.map(({ owner: _, ...row }) => copyOf(row)),
      )
      const staying = new Set(found.filter(isStaying).map(({ uniqueId }) => uniqueId))
      const taken = found.filter(({ uniqueId }) => !staying.has(uniqueId))
      await transaction.query(
        insertRemovals,
        taken.map(({ id }) => id),
        taken.map(copy => JSON.stringify(audit(copy))),
        owner,
      )
      await transaction.query(
        tellOthers,
        taken.map(({ id }) => id),
      )
      return found
    })
  }

  return {
    holdOf: async ({ uniqueId, patientId }) =>
      (await store.look(session => withHolds(session, [{ uniqueId, patientId }])))[0]?.hold,

    async beginRemoval(uniqueIds, audit) {
      const untilMs = clock.monotonicMs() + patienceMs
      for (;;) {
        const found = await begun(uniqueIds, audit)
        if (found !== undefined) return found
        await takeOver()
        if (clock.monotonicMs() > untilMs)
          throw new StoreAway('another process is removing one of these documents; send this one again a little later')
        await clock.sleep(lookAgainMs)
      }
    },

    endRemoval: ({ gone, kept }, alongside) =>
      store.run(async transaction => {
        const forgotten = [...gone]
        const nowMs = clock.now()
        // Held in the order of their ids: of two that take the last documents of one submission, the second takes the submission with it.
        const submissions = await transaction.query<{ id: string }>(lockSubmissions, forgotten)
        await Promise.all([
          transaction.query('DELETE FROM document WHERE id = ANY (?::text[])', forgotten),
          transaction.query(tellOthers, forgotten),
          transaction.query('DELETE FROM removal WHERE document_id = ANY (?::text[])', [...forgotten, ...kept]),
          transaction.query(
            rememberRemoved,
            nowMs,
            submissions.map(({ id }) => id),
          ),
          transaction.query(
            deleteEmpty,
            submissions.map(({ id }) => id),
          ),
          transaction.query('DELETE FROM removed_submission WHERE removed_ms < ?', nowMs - windowMs),
        ])
        transaction.alongside(alongside)
      }),

    async halfRemoved() {
      await takeOver()
      const rows = await store.look(session => session.query<CopyRow & { audit: string }>(halfRemoved, owner))
      return rows.map(({ audit, ...row }) => ({ ...copyOf(row), audit: JSON.parse(audit) as AuditRecord[] }))
    },
  }
}

const isStaying = ({ state, hold: held }: RemovableCopy) => state === 'registering' || held !== undefined

const namesOf = (uniqueIds: readonly string[]) => uniqueIds.map(id => `document ${id}`)

async function withHolds<Document extends Pick<RemovableCopy, 'uniqueId' | 'patientId'>>(
  session: Session,
  documents: readonly Document[],
): Promise<(Document & { hold?: string })[]> {
  const ofDocument = ({ uniqueId }: Document) => uniqueId.normalize('NFC')
  const ofPatient = ({ patientId }: Document) => (patientId === undefined ? undefined : heldPatient(patientId))
  const rows = await session.query<{ kind: string; value: string; id: string }>(
    `SELECT kind, value, min(id) AS id FROM hold WHERE kind = 'document' AND value = ANY (?::text[])
       OR kind = 'patient' AND value = ANY (?::text[]) GROUP BY kind, value`,
    documents.map(ofDocument),
    documents.flatMap(document => ofPatient(document) ?? []),
  )
  const held = (kind: string, value: string | undefined) =>
    rows.find(row => row.kind === kind && row.value === value)?.id
  return documents.map(document => {
    const found = held('document', ofDocument(document)) ?? held('patient', ofPatient(document))
    return found === undefined ? document : { ...document, hold: found }
  })
}

const copy = `d.id, d.unique_id AS "uniqueId", s.state, d.patient_id AS "patientId", d.place`
const from = 'document d JOIN submission s ON s.id = d.submission_id'

const otherOwners = 'SELECT DISTINCT owner FROM removal WHERE owner <> ?'
const copies = `SELECT ${copy}, r.owner FROM ${from} LEFT JOIN removal r ON r.document_id = d.id WHERE d.unique_id = ANY (?::text[])`
const halfRemoved = `SELECT ${copy}, r.audit FROM removal r JOIN document d ON d.id = r.document_id
  JOIN submission s ON s.id = d.submission_id WHERE r.owner = ?`
const insertRemovals = `INSERT INTO removal (document_id, audit, owner)
  SELECT taken.id, taken.audit, owners.owner FROM unnest(?::text[], ?::text[]) taken(id, audit), (SELECT ?::bigint) owners(owner)
  ON CONFLICT (document_id) DO UPDATE SET audit = excluded.audit`
const tellOthers = `SELECT pg_notify('${removalsChannel}', leaving.id) FROM unnest(?::text[]) leaving(id)`
const lockSubmissions = `SELECT s.id FROM submission s WHERE s.id IN (SELECT d.submission_id FROM document d WHERE d.id = ANY (?::text[]))
  ORDER BY s.id FOR UPDATE`
const rememberRemoved = `INSERT INTO removed_submission (removed_ms, digest, partner)
  SELECT DISTINCT ?::bigint, s.digest, s.partner FROM submission s WHERE s.id = ANY (?::text[])
  ON CONFLICT (digest, partner) DO UPDATE SET removed_ms = excluded.removed_ms`
const deleteEmpty = `DELETE FROM submission s WHERE s.id = ANY (?::text[])
  AND NOT EXISTS (SELECT 1 FROM document d WHERE d.submission_id = s.id)`
