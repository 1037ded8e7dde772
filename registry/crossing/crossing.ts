// The registry's tables on their way from one engine to the other. What leads to objects is the same in both; what of an object stands
// in tables of its own in the embedded database stands in arrays on PostgreSQL. docs/decisions/0384
import { outboxCrossing } from '../../atna-audit/outbox-crossing.js'
import { holdCrossing } from '../../server/hold-crossing.js'
import { type Crossing, plainCrossing, plainWriter } from '../../store/crossing/crossing.js'
import { kindNumbers } from '../tables/columns.js'
import { firstKeyOf, objectsPerPatient } from '../tables/keys.js'
import { objectCrossings } from './objects.js'

const patients: Crossing = {
  table: 'patients',
  columns: { patient: 'number', id: 'text', survivor: 'number', objects: 'number' },
  order: 'patient',
  // PostgreSQL never gives the key of a removed object again.
  apart: ['objects'],
  identity: 'patient',
  embedded: {
    tables: { patients: ['patient', 'id', 'survivor'] },
    sources: [
      {
        select: `patient, id, survivor, (SELECT max(f.object) FROM fragments f WHERE f.object
          BETWEEN p.patient * ${objectsPerPatient} AND p.patient * ${objectsPerPatient} + ${objectsPerPatient - 1}) AS highest`,
        from: 'patients p',
        key: ['patient'],
      },
    ],
    reader: () => row => {
      const highest = row.highest as number | null
      return { ...row, objects: highest === null ? 0 : highest + 1 - firstKeyOf(row.patient as number) }
    },
    writer: database => plainWriter(database, 'patients', ['patient', 'id', 'survivor']),
  },
}

/** Of those whose logicalID is not their entryUUID. */
const logicalIds: Crossing = {
  table: 'logical_ids',
  columns: { lid: 'text', version: 'number', object: 'number', kind: 'number' },
  order: 'lid, object',
  embedded: {
    tables: {},
    sources: (['document_entries', 'folders'] as const).map(table => ({
      select: `lid, version, object, ${table === 'folders' ? kindNumbers.Folder : kindNumbers.DocumentEntry} AS kind`,
      from: table,
      where: 'lid <> entry_uuid',
      key: ['object'],
    })),
  },
}

const key = { object: 'number', kind: 'number' } as const

export const registryCrossings: readonly Crossing[] = [
  patients,
  plainCrossing('assigning_authorities', { oid: 'text' }, { key: ['oid'] }),
  plainCrossing('merges', { subsumed: 'number', survivor: 'number', merged_ms: 'number' }, { key: ['subsumed'] }),
  plainCrossing('national_ids', { national_id: 'text', patient: 'number' }, { key: ['national_id'] }),
  plainCrossing('entry_uuids', { entry_uuid: 'text', ...key }, { key: ['entry_uuid'] }),
  plainCrossing('unique_ids', { unique_id: 'text', ...key }, { key: ['unique_id', 'object'] }),
  logicalIds,
  ...objectCrossings,
  plainCrossing(
    'removed_submissions',
    { name: 'text', partner: 'text', digest: 'text', removed_ms: 'number' },
    { key: ['name'] },
  ),
  holdCrossing,
  outboxCrossing,
]

/** Tables of which nothing crosses, each with why. */
export const registryStays: Readonly<Record<string, string>> = {
  carnet_migrations: 'each engine has steps of its own',
  read_only: 'the command that moves the database takes the note along',
  used_assertions: 'the embedded engine remembers them in its process: a restart forgets them there too',
}
