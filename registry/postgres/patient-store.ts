// Patients on PostgreSQL: each change is one transaction that holds the ids it names.
import { hold, holdEverything } from '../../store/postgres/holding.js'
import type { Session } from '../../store/postgres/session.js'
import type { Transactions } from '../../store/postgres/transactions.js'
import { canonicalPatientId } from '../patient-id.js'
import type { KnownPatient, Merge, PatientChange, PatientFacts, PatientStore, Standing } from '../patient-store.js'
import { addPatient, holdOf, patientRows, survivingIds } from './patients.js'

/** A `decide` may be called several times for one change, and must do nothing else. docs/decisions/0220 */
export function openPatientStore(store: Transactions): PatientStore {
  return {
    async change(patientIds, decide) {
      // Which ids stand for which is looked up by whoever changes anything: merges are made while nobody else does.
      const attempt = (alone: boolean) =>
        store.run(async transaction => {
          const held = alone ? holdEverything(transaction) : hold(transaction, patientIds.map(holdOf))
          const [, facts] = await Promise.all([held, standingsOf(transaction, patientIds)])
          const { answer, change } = decide(facts)
          if (change === undefined) return { answer }
          if (!alone && joins(change)) return undefined
          await make(transaction, change)
          transaction.alongside(() => change.alongside())
          return { answer }
        })
      const outcome = (await attempt(false)) ?? (await attempt(true))
      if (outcome === undefined) throw new Error('a change of patients was neither made nor refused')
      return outcome.answer
    },
    show: patientId => store.look(session => shown(session, patientId)),
    list: (after, atMost) =>
      store.look(async session => {
        const rows = await session.query<{ id: string; surviving: string }>(
          `SELECT p.id, s.id AS surviving FROM patients p JOIN patients s ON s.patient = p.survivor
           WHERE p.id > ? ORDER BY p.id LIMIT ?`,
          after,
          atMost,
        )
        return rows.map(({ id, surviving }) =>
          id === surviving ? { patientId: id } : { patientId: id, survivor: surviving },
        )
      }),
    patientIdOf: nationalId =>
      store.look(async session => {
        const [row] = await session.query<{ id: string }>(
          `SELECT s.id FROM national_ids n JOIN patients p ON p.patient = n.patient JOIN patients s ON s.patient = p.survivor
           WHERE n.national_id = ?`,
          canonicalPatientId(nationalId) ?? nationalId,
        )
        return row?.id
      }),
    nationalIdsOf: patientId => store.look(session => nationalIdsOf(session, patientId)),
  }
}

function joins({ merges = [], separated = [] }: PatientChange): boolean {
  return merges.length + separated.length > 0
}

async function standingsOf(session: Session, patientIds: readonly string[]): Promise<PatientFacts> {
  const rows = await patientRows(session, patientIds)
  const ended = [...rows.values()].filter(({ patient, survivor }) => patient !== survivor).map(({ patient }) => patient)
  const surviving = await survivingIds(session, ended)
  const into = await mergedInto(session, ended)
  return {
    standingOf(patientId): Standing {
      const row = rows.get(canonicalPatientId(patientId) ?? '')
      if (row === undefined) return { is: 'unknown' }
      const survivor = surviving.get(row.patient)?.id
      return survivor === undefined
        ? { is: 'active' }
        : { is: 'subsumed', into: into.get(row.patient)?.id ?? survivor, survivor }
    },
  }
}

interface IntoRow {
  subsumed: number
  id: string
  merged_ms: number
}

async function mergedInto(session: Session, patients: readonly number[]): Promise<Map<number, IntoRow>> {
  if (patients.length === 0) return new Map()
  const rows = await session.query<IntoRow>(
    `SELECT m.subsumed, s.id, m.merged_ms FROM merges m JOIN patients s ON s.patient = m.survivor
     WHERE m.subsumed = ANY (?::bigint[])`,
    patients,
  )
  return new Map(rows.map(row => [row.subsumed, row]))
}

async function make(session: Session, change: PatientChange): Promise<void> {
  const { announced = [], merges = [], separated = [], nationalIds = [], nowMs } = change
  for (const id of announced) await addPatient(session, id)
  for (const merge of merges) await join(session, merge, nowMs)
  for (const id of separated) await separate(session, id)
  for (const { nationalId, patientId } of nationalIds) {
    const { patient } = await standing(session, patientId)
    await session.query(
      'INSERT INTO national_ids VALUES (?, ?) ON CONFLICT (national_id) DO UPDATE SET patient = excluded.patient',
      canonicalPatientId(nationalId) ?? nationalId,
      patient,
    )
  }
}

/** All that stood behind the subsumed id stands behind the survivor. [ITI TF-2:3.44.4.2.4] */
async function join(session: Session, merge: Merge, nowMs: number): Promise<void> {
  const [old, stays] = [await standing(session, merge.subsumed), await standing(session, merge.survivor)]
  await session.query('INSERT INTO merges VALUES (?, ?, ?)', old.patient, stays.patient, nowMs)
  await session.query('UPDATE patients SET survivor = ? WHERE survivor = ?', stays.patient, old.patient)
}

/** What was merged into the id before it was merged itself comes back with it. */
async function separate(session: Session, patientId: string): Promise<void> {
  const row = (await patientRows(session, [patientId])).get(canonicalPatientId(patientId) ?? '')
  const undone = await session.query('DELETE FROM merges WHERE subsumed = ? RETURNING subsumed', row?.patient ?? null)
  if (row === undefined || undone.length === 0) {
    throw new Error(`${patientId} was not merged, so its merge cannot be undone`)
  }
  await session.query(
    `WITH RECURSIVE behind (patient) AS (
       VALUES (?::bigint) UNION SELECT m.subsumed FROM merges m JOIN behind b ON m.survivor = b.patient)
     UPDATE patients SET survivor = ? WHERE patient IN (SELECT patient FROM behind)`,
    row.patient,
    row.patient,
  )
}

async function standing(session: Session, patientId: string): Promise<{ patient: number }> {
  const row = (await patientRows(session, [patientId])).get(canonicalPatientId(patientId) ?? '')
  if (row === undefined || row.survivor !== row.patient) throw new Error(`${patientId} is not in use`)
  return row
}

async function nationalIdsOf(session: Session, patientId: string): Promise<string[]> {
  const rows = await session.query<{ national_id: string }>(
    `SELECT n.national_id FROM patients p JOIN national_ids n ON n.patient = p.patient
     WHERE p.survivor = (SELECT survivor FROM patients WHERE id = ?) ORDER BY n.national_id LIMIT 100`,
    canonicalPatientId(patientId) ?? '',
  )
  return rows.map(row => row.national_id)
}

async function shown(session: Session, patientId: string): Promise<KnownPatient | undefined> {
  const row = (await patientRows(session, [patientId])).get(canonicalPatientId(patientId) ?? '')
  if (row === undefined) return undefined
  const [surviving, intoOf, subsumed, nationalIds, [count]] = await Promise.all([
    survivingIds(session, [row.patient]),
    mergedInto(session, [row.patient]),
    session.query<{ id: string }>(
      'SELECT p.id FROM merges m JOIN patients p ON p.patient = m.subsumed WHERE m.survivor = ? ORDER BY p.id LIMIT 1000',
      row.patient,
    ),
    nationalIdsOf(session, row.id),
    session.query<{ objects: number }>(
      `SELECT (SELECT count(*) FROM document_entries WHERE patient = ?) + (SELECT count(*) FROM submission_sets WHERE patient = ?)
        + (SELECT count(*) FROM folders WHERE patient = ?) AS objects`,
      row.patient,
      row.patient,
      row.patient,
    ),
  ])
  const known = surviving.get(row.patient)
  const into = intoOf.get(row.patient)
  return {
    patientId: row.id,
    ...(known?.isMerged === true ? { survivor: known.id } : {}),
    ...(into === undefined ? {} : { mergedInto: into.id, mergedMs: into.merged_ms }),
    subsumed: subsumed.map(({ id }) => id),
    nationalIds,
    objects: count?.objects ?? 0,
  }
}
