// Which objects are under a legal hold, on PostgreSQL.
import { holdTableOnServer } from '../../server/holds-on-server.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Session } from '../../store/postgres/session.js'
import { patientOf } from '../tables/keys.js'
import { at, placesOf } from './places.js'

export const holdMigration: PostgresMigration = { name: 'registry-0004-holds', postgres: holdTableOnServer }

/** From the objects to the holds, of which there may be any number. */
const ofDocuments = ['document_entries', 'submission_sets', 'folders']
  .map(table => `SELECT e.object, h.id FROM ${at(table)} JOIN hold h ON h.kind = 'document' AND h.value = e.unique_id`)
  .join(' UNION ALL ')

/** By the keys of objects the holds that they are under: those of their patient, under whatever id a merge has brought them, and those of their uniqueIds. */
export async function heldAmong(session: Session, keys: readonly number[]): Promise<Map<number, string>> {
  const place = placesOf(keys)
  const [patientHolds, documentHolds] = await Promise.all([
    session.query<{ patient: number; id: string }>(
      `SELECT own.patient, min(h.id) AS id FROM patients own JOIN patients merged ON merged.survivor = own.survivor
       JOIN hold h ON h.kind = 'patient' AND h.value = merged.id WHERE own.patient = ANY (?::bigint[]) GROUP BY own.patient`,
      [...new Set(keys.map(patientOf))],
    ),
    session.query<{ object: number; id: string }>(ofDocuments, ...place, ...place, ...place),
  ])
  const byPatient = new Map(patientHolds.map(({ patient, id }) => [patient, id]))
  const byObject = new Map(documentHolds.map(({ object, id }) => [object, id]))
  return new Map(
    keys.flatMap(key => {
      const hold = byObject.get(key) ?? byPatient.get(patientOf(key))
      return hold === undefined ? [] : [[key, hold] as const]
    }),
  )
}
