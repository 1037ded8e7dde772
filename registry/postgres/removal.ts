// Takes objects out of every table. What PostgreSQL leaves in its files until it is vacuumed: docs/decisions/0222.
import { createHash } from 'node:crypto'
import { dtmOf } from '../../ports/clock.js'
import type { Session } from '../../store/postgres/session.js'
import { kindNumbers } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { newestOf } from './latest-versions.js'
import type { Routed } from './registered.js'

/** Removed submissions are remembered for a bounded time; what is older goes when others come. */
const mostForgottenAtOnce = 1_000

export interface Remember {
  nowMs: number
  /** How long a submission that comes again is known for one that was removed. */
  windowMs: number
}

interface GoneRow {
  object: number
  unique_id?: string
  lid?: string
  partner?: string
  digest?: string
  type?: string
  source?: number
  source_kind?: number
  target?: number
}

const tableOfKind: Readonly<Record<number, { name: string; returning: string }>> = {
  [kindNumbers.DocumentEntry]: { name: 'document_entries', returning: 'unique_id, e.lid' },
  [kindNumbers.SubmissionSet]: { name: 'submission_sets', returning: 'unique_id, e.partner, e.digest' },
  [kindNumbers.Folder]: { name: 'folders', returning: 'unique_id, e.lid' },
  [kindNumbers.Association]: { name: 'associations', returning: 'type, e.source, e.source_kind, e.target' },
}

/** Within a transaction; `routes` by entryUUID. That there was such a submission is remembered for `windowMs`, so that nobody registers it again unawares. */
export async function removeObjects(
  session: Session,
  routes: ReadonlyMap<string, Routed>,
  { nowMs, windowMs }: Remember,
): Promise<void> {
  const all = [...routes.values()]
  const gone = (
    await Promise.all(
      Object.entries(tableOfKind).map(async ([kind, { name, returning }]) => {
        const ofKind = all.filter(route => route.kind === Number(kind)).map(({ object }) => object)
        if (ofKind.length === 0) return []
        const rows = (
          await eachPatient(ofKind, (patient, objects) =>
            session.query<GoneRow>(
              `DELETE FROM ${name} e WHERE e.patient = ? AND e.object = ANY (?::bigint[]) RETURNING e.object, e.${returning}`,
              patient,
              objects,
            ),
          )
        ).flat()
        if (rows.length !== ofKind.length) throw new Error('objects were to be removed that are not there')
        return rows
      }),
    )
  ).flat()
  const named = gone.filter(({ unique_id }) => unique_id !== undefined)
  const versioned = gone.filter(({ lid }) => lid !== undefined)
  // A Folder that loses a member is modified, as one that gains one is. [ITI TF-3:4.2.3.4.6]
  const losing = gone.filter(({ type, source_kind }) => type === 'HasMember' && source_kind === kindNumbers.Folder)
  // An Association is known at those of its ends that lie with another patient.
  const ends = gone.flatMap(({ object: association, source, target }) =>
    [source, target].flatMap(end =>
      end === undefined || patientOf(end) === patientOf(association) ? [] : [{ end, association }],
    ),
  )
  const [, routed] = await Promise.all([
    session.query('DELETE FROM entry_uuids WHERE entry_uuid = ANY (?::text[])', [...routes.keys()]),
    session.query(
      `DELETE FROM unique_ids u USING unnest(?::text[], ?::bigint[]) g(unique_id, object)
       WHERE u.unique_id = g.unique_id AND u.object = g.object RETURNING u.object`,
      named.map(({ unique_id }) => unique_id ?? ''),
      named.map(({ object }) => object),
    ),
    session.query(
      `DELETE FROM logical_ids l USING unnest(?::text[], ?::bigint[]) g(lid, object) WHERE l.lid = g.lid AND l.object = g.object`,
      versioned.map(({ lid }) => lid ?? ''),
      versioned.map(({ object }) => object),
    ),
    session.query(
      `DELETE FROM foreign_ends e USING unnest(?::bigint[], ?::bigint[], ?::bigint[]) g(patient, object, association)
       WHERE e.patient = g.patient AND e.object = g.object AND e.association = g.association`,
      ends.map(({ end }) => patientOf(end)),
      ends.map(({ end }) => end),
      ends.map(({ association }) => association),
    ),
    eachPatient(
      losing.map(({ source = 0 }) => source),
      (patient, objects) =>
        session.query(
          'UPDATE folders SET last_update_time = ? WHERE patient = ? AND object = ANY (?::bigint[])',
          dtmOf(nowMs),
          patient,
          objects,
        ),
    ),
  ])
  if (routed.length !== named.length) throw new Error('the database does not route to its objects by their uniqueIds')
  // What nothing newer has taken the place of is the latest version, though no status comes back.
  await restoreLatest(session, [...new Set(versioned.map(({ lid = '' }) => lid))])
  const sets = named.filter(({ digest }) => digest !== undefined)
  await session.query(
    `INSERT INTO removed_submissions SELECT g.name, g.partner, g.digest, ?
       FROM unnest(?::text[], ?::text[], ?::text[]) g(name, partner, digest)
     ON CONFLICT (name) DO UPDATE SET partner = excluded.partner, digest = excluded.digest, removed_ms = excluded.removed_ms`,
    nowMs,
    sets.map(({ unique_id = '' }) => removedName(unique_id)),
    sets.map(({ partner = '' }) => partner),
    sets.map(({ digest = '' }) => digest),
  )
  await session.query(
    `DELETE FROM removed_submissions WHERE name IN
       (SELECT name FROM removed_submissions WHERE removed_ms < ? ORDER BY removed_ms LIMIT ${mostForgottenAtOnce})`,
    nowMs - windowMs,
  )
}

async function restoreLatest(session: Session, lids: readonly string[]): Promise<void> {
  const newest = await session.query<Routed>(
    `SELECT n.object, n.kind FROM unnest(?::text[]) given(lid) CROSS JOIN LATERAL (${newestOf('given.lid')}) n`,
    lids,
  )
  for (const [kind, table] of [
    [kindNumbers.DocumentEntry, 'document_entries'],
    [kindNumbers.Folder, 'folders'],
  ] as const) {
    const ofKind = newest.filter(route => route.kind === kind).map(({ object }) => object)
    await eachPatient(ofKind, (patient, objects) =>
      session.query(
        `UPDATE ${table} SET latest = 1 WHERE patient = ? AND object = ANY (?::bigint[]) AND lid = ANY (?::text[])`,
        patient,
        objects,
        lids,
      ),
    )
  }
}

/** A statement for each patient, nearly always one. */
function eachPatient<Result>(
  keys: readonly number[],
  work: (patient: number, objects: number[]) => Promise<Result>,
): Promise<Result[]> {
  const ofPatients = new Map<number, number[]>()
  for (const key of keys) {
    const others = ofPatients.get(patientOf(key))
    if (others === undefined) ofPatients.set(patientOf(key), [key])
    else others.push(key)
  }
  return Promise.all([...ofPatients].map(([patient, objects]) => work(patient, objects)))
}

/** Of a submission that was removed no id is kept, only what tells whether it comes again. */
export function removedName(uniqueId: string): string {
  return createHash('sha256').update(uniqueId).digest('base64url')
}
