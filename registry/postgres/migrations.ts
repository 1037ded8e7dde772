// The registry's tables on PostgreSQL. What belongs to a patient is spread by the patient's number, so that a query for one
// patient finds all of it in one place; small tables lead from ids to that place. docs/decisions/0221, docs/SCALING.md.
import { readOnlyTable } from '../../server/read-only-on-server.js'
import { usedAssertionsTable } from '../../server/used-on-server.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import { holdMigration } from './holds.js'

/** Never changed once released: rows would have to move. */
const partitions = 16

/** What is distributed by patient. */
export const tablesByPatient = [
  'document_entries',
  'submission_sets',
  'folders',
  'associations',
  'foreign_ends',
] as const

/** What leads from an id to the key of an object. */
export const lookupTables = ['entry_uuids', 'unique_ids', 'logical_ids'] as const

const id = 'text COLLATE "C"'

/** Of every object: its key, whose upper part is the patient's number, and the fragment that is sent. */
const object = `patient bigint NOT NULL, object bigint NOT NULL, entry_uuid ${id} NOT NULL, status smallint NOT NULL,
  head text NOT NULL, body text NOT NULL`

export const registryMigrations: readonly PostgresMigration[] = [
  {
    name: 'registry-0001-patients',
    postgres: [
      // `survivor` is the row itself until a merge ends the id; `objects` counts the keys that were given, none of them twice.
      `CREATE TABLE patients (
        patient bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id ${id} NOT NULL UNIQUE,
        survivor bigint NOT NULL,
        objects bigint NOT NULL DEFAULT 0
      )`,
      'CREATE INDEX patients_by_survivor ON patients (survivor)',
      `CREATE TABLE assigning_authorities (oid ${id} PRIMARY KEY)`,
      'CREATE TABLE merges (subsumed bigint PRIMARY KEY, survivor bigint NOT NULL, merged_ms bigint NOT NULL)',
      'CREATE INDEX merges_by_survivor ON merges (survivor)',
      `CREATE TABLE national_ids (national_id ${id} PRIMARY KEY, patient bigint NOT NULL)`,
      'CREATE INDEX national_ids_by_patient ON national_ids (patient)',
    ],
  },
  {
    name: 'registry-0002-objects',
    postgres: [
      // From an id to the object, and with its key to the patient.
      `CREATE TABLE entry_uuids (entry_uuid ${id} PRIMARY KEY, object bigint NOT NULL, kind smallint NOT NULL)`,
      `CREATE TABLE unique_ids (unique_id ${id} NOT NULL, object bigint NOT NULL, kind smallint NOT NULL, PRIMARY KEY (unique_id, object))`,
      // Of objects whose logicalID is not their entryUUID.
      `CREATE TABLE logical_ids (lid ${id} NOT NULL, object bigint NOT NULL, kind smallint NOT NULL, PRIMARY KEY (lid, object))`,
      ...byPatient(
        'document_entries',
        `${object}, unique_id ${id} NOT NULL, lid ${id} NOT NULL, version bigint NOT NULL, latest smallint NOT NULL,
        type smallint NOT NULL, class_code uuid, type_code uuid, practice_setting_code uuid,
        healthcare_facility_type_code uuid, format_code uuid, creation_time ${id}, service_start_time ${id},
        service_stop_time ${id}, document_availability text, hash text, size text, event_code_list uuid[] NOT NULL,
        confidentiality_code uuid[] NOT NULL, author_persons text[] COLLATE "C" NOT NULL,
        reference_ids text[] COLLATE "C" NOT NULL, hidden smallint NOT NULL`,
      ),
      // With what is remembered of the submission, for the decision about sending it again.
      ...byPatient(
        'submission_sets',
        `${object}, unique_id ${id} NOT NULL, source_id ${id}, submission_time ${id}, content_type_code uuid,
        author_persons text[] COLLATE "C" NOT NULL, partner text NOT NULL, digest text NOT NULL, message_id text,
        committed_ms bigint NOT NULL, answer text NOT NULL`,
      ),
      ...byPatient(
        'folders',
        `${object}, unique_id ${id} NOT NULL, lid ${id} NOT NULL, version bigint NOT NULL, latest smallint NOT NULL,
        last_update_time ${id} NOT NULL, code_list uuid[] NOT NULL`,
      ),
      ...byPatient(
        'associations',
        `${object}, type ${id} NOT NULL, source bigint NOT NULL, source_kind smallint NOT NULL, target bigint NOT NULL,
        target_kind smallint NOT NULL`,
      ),
      'CREATE INDEX associations_by_source ON associations (patient, source, target)',
      'CREATE INDEX associations_by_target ON associations (patient, target)',
      // Ends of Associations that lie with another patient, by the end's: an entry that is included by reference.
      `CREATE TABLE foreign_ends (patient bigint NOT NULL, object bigint NOT NULL, which smallint NOT NULL,
        association bigint NOT NULL, PRIMARY KEY (patient, object, which, association)) PARTITION BY HASH (patient)`,
      ...partitionsOf('foreign_ends'),
    ],
  },
  {
    name: 'registry-0003-removed-submissions',
    postgres: [
      // `name` is a digest of the uniqueId: what was removed leaves no id behind.
      `CREATE TABLE removed_submissions (name ${id} PRIMARY KEY, partner text NOT NULL, digest text NOT NULL, removed_ms bigint NOT NULL)`,
      'CREATE INDEX removed_submissions_by_age ON removed_submissions (removed_ms)',
    ],
  },
  holdMigration,
  { name: 'registry-0005-read-only', postgres: readOnlyTable },
  { name: 'registry-0006-used-assertions', postgres: usedAssertionsTable },
  // Fragments in phrases say so in `head`, and old ones stay as they are: versions that do not know the form are to stay away.
  { name: 'registry-0007-fragments-in-phrases', postgres: [] },
  {
    // The newest version is found from the end of the index, however many there are.
    name: 'registry-0008-versions-in-order',
    postgres: [
      'ALTER TABLE logical_ids ADD COLUMN version bigint',
      ...['document_entries', 'folders'].map(
        // Read whole before it is joined: the two tables are spread by different columns.
        table => `WITH given AS MATERIALIZED (SELECT object, version FROM ${table})
          UPDATE logical_ids l SET version = given.version FROM given WHERE given.object = l.object`,
      ),
      'ALTER TABLE logical_ids ALTER COLUMN version SET NOT NULL',
      'CREATE INDEX logical_ids_in_order ON logical_ids (lid, version, object)',
    ],
  },
]

function byPatient(table: string, columns: string): string[] {
  return [
    `CREATE TABLE ${table} (${columns}, PRIMARY KEY (patient, object)) PARTITION BY HASH (patient)`,
    ...partitionsOf(table),
  ]
}

function partitionsOf(table: string): string[] {
  return Array.from(
    { length: partitions },
    (_, part) =>
      `CREATE TABLE ${table}_${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${part})`,
  )
}
