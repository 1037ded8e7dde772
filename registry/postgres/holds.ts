// Which objects are under a legal hold, on PostgreSQL.
import { holdTableOnServer } from '../../server/holds-on-server.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Session } from '../../store/postgres/session.js'
import { patientOf } from '../tables/keys.js'

export const holdMigration: PostgresMigration = { name: 'registry-0004-holds', postgres: holdTableOnServer }

/** By the keys of objects the holds that they are under: those of their patient, under whatever id a merge has brought them, and those of their uniqueIds. */
export async function heldAmong(session: Session, keys: readonly number[]): Promise<Map<number, string>> {
  const [ofPatients, ofDocuments] = await Promise.all([
    session.query<{ patient: number; id: string }>(
      `SELECT own.patient, min(h.id) AS id FROM patients own JOIN patients merged ON merged.survivor = own.survivor
       JOIN hold h ON h.kind = 'patient' AND h.value = merged.id WHERE own.patient = ANY (?::bigint[]) GROUP BY own.patient`,
      [...new Set(keys.map(patientOf))],
    ),
    session.query<{ object: number; id: string }>(
      `SELECT u.object, h.id FROM hold h JOIN unique_ids u ON u.unique_id = h.value
       WHERE h.kind = 'document' AND u.object = ANY (?::bigint[])`,
      keys,
    ),
  ])
  const byPatient = new Map(ofPatients.map(({ patient, id }) => [patient, id]))
  const byObject = new Map(ofDocuments.map(({ object, id }) => [object, id]))
  return new Map(
    keys.flatMap(key => {
      const hold = byObject.get(key) ?? byPatient.get(patientOf(key))
      return hold === undefined ? [] : [[key, hold] as const]
    }),
  )
}
