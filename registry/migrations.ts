// The registry's tables. The key of an object leads with its patient, so that rows of one patient lie side by side in
// every table; see tables/keys.ts and docs/decisions/0031.
import { holdTable } from '../server/holds.js'
import type { Migration } from '../store/store.js'

export const registryMigrations: readonly Migration[] = [
  {
    name: 'registry-0001-patients',
    sqlite: [
      // `survivor` is the row itself until a merge ends the id; afterwards the one that all of the chain point to.
      `CREATE TABLE patients (
        patient INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        survivor INTEGER NOT NULL
      )`,
      'CREATE INDEX patients_by_survivor ON patients (survivor)',
      'CREATE TABLE assigning_authorities (oid TEXT PRIMARY KEY) WITHOUT ROWID',
    ],
  },
  {
    name: 'registry-0002-objects',
    sqlite: [
      // Routing: from an id to the object, and with its key to the patient.
      'CREATE TABLE entry_uuids (entry_uuid TEXT PRIMARY KEY, object INTEGER NOT NULL, kind INTEGER NOT NULL) WITHOUT ROWID',
      `CREATE TABLE unique_ids (
        unique_id TEXT NOT NULL,
        object INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        PRIMARY KEY (unique_id, object)
      ) WITHOUT ROWID`,
      'CREATE TABLE fragments (object INTEGER PRIMARY KEY, head BLOB NOT NULL, body BLOB NOT NULL)',
      'CREATE TABLE codes (code_key INTEGER PRIMARY KEY, code TEXT NOT NULL, scheme TEXT NOT NULL, UNIQUE (code, scheme))',
      `CREATE TABLE document_entries (
        object INTEGER PRIMARY KEY,
        entry_uuid TEXT NOT NULL,
        lid TEXT NOT NULL,
        version INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        status INTEGER NOT NULL,
        type INTEGER NOT NULL,
        class_code INTEGER,
        type_code INTEGER,
        practice_setting_code INTEGER,
        healthcare_facility_type_code INTEGER,
        format_code INTEGER,
        creation_time TEXT,
        service_start_time TEXT,
        service_stop_time TEXT,
        document_availability TEXT,
        hash TEXT,
        size TEXT
      )`,
      'CREATE INDEX document_entries_by_lid ON document_entries (lid, version)',
      `CREATE TABLE submission_sets (
        object INTEGER PRIMARY KEY,
        entry_uuid TEXT NOT NULL,
        status INTEGER NOT NULL,
        source_id TEXT,
        submission_time TEXT,
        content_type_code INTEGER
      )`,
      `CREATE TABLE folders (
        object INTEGER PRIMARY KEY,
        entry_uuid TEXT NOT NULL,
        lid TEXT NOT NULL,
        version INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        status INTEGER NOT NULL,
        last_update_time TEXT NOT NULL
      )`,
      'CREATE INDEX folders_by_lid ON folders (lid, version)',
      // The ends are keys of objects, also of another patient's where an entry is included by reference.
      `CREATE TABLE associations (
        object INTEGER PRIMARY KEY,
        entry_uuid TEXT NOT NULL,
        status INTEGER NOT NULL,
        type TEXT NOT NULL,
        source INTEGER NOT NULL,
        target INTEGER NOT NULL
      )`,
      'CREATE INDEX associations_by_source ON associations (source)',
      'CREATE INDEX associations_by_target ON associations (target)',
      // Attributes with several values.
      `CREATE TABLE object_codes (
        object INTEGER NOT NULL,
        attribute INTEGER NOT NULL,
        code INTEGER NOT NULL,
        PRIMARY KEY (object, attribute, code)
      ) WITHOUT ROWID`,
      'CREATE TABLE author_persons (object INTEGER NOT NULL, person TEXT NOT NULL, PRIMARY KEY (object, person)) WITHOUT ROWID',
      `CREATE TABLE reference_ids (
        object INTEGER NOT NULL,
        reference_id TEXT NOT NULL,
        PRIMARY KEY (object, reference_id)
      ) WITHOUT ROWID`,
    ],
  },
  {
    name: 'registry-0003-submissions',
    sqlite: [
      `CREATE TABLE submissions (
        unique_id TEXT PRIMARY KEY,
        partner TEXT NOT NULL,
        digest TEXT NOT NULL,
        message_id TEXT,
        committed_ms INTEGER NOT NULL,
        answer TEXT NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  {
    name: 'registry-0004-merges',
    sqlite: [
      // Which id was merged into which, one step each; `patients.survivor` is where the chain ends.
      'CREATE TABLE merges (subsumed INTEGER PRIMARY KEY, survivor INTEGER NOT NULL, merged_ms INTEGER NOT NULL)',
      'CREATE INDEX merges_by_survivor ON merges (survivor)',
      'CREATE TABLE national_ids (national_id TEXT PRIMARY KEY, patient INTEGER NOT NULL) WITHOUT ROWID',
      'CREATE INDEX national_ids_by_patient ON national_ids (patient)',
    ],
  },
  {
    // By the key of the SubmissionSet, which unique_ids leads to: rows are added at the patient's place, not anywhere.
    name: 'registry-0005-submissions-by-object',
    sqlite: [
      `CREATE TABLE registered_submissions (
        object INTEGER PRIMARY KEY,
        partner TEXT NOT NULL,
        digest TEXT NOT NULL,
        message_id TEXT,
        committed_ms INTEGER NOT NULL,
        answer TEXT NOT NULL
      )`,
      `INSERT INTO registered_submissions
        SELECT u.object, s.partner, s.digest, s.message_id, s.committed_ms, s.answer
        FROM submissions s JOIN unique_ids u ON u.unique_id = s.unique_id AND u.kind = 2`,
      'DROP TABLE submissions',
    ],
  },
  {
    name: 'registry-0006-hidden-entries',
    // Versions of entries that the affinity domain shows to no query.
    sqlite: ['CREATE TABLE hidden_entries (object INTEGER PRIMARY KEY)'],
  },
  {
    name: 'registry-0007-removed-submissions',
    sqlite: [
      // `name` is a digest of the uniqueId: what was removed leaves no id behind.
      `CREATE TABLE removed_submissions (
        name TEXT PRIMARY KEY,
        partner TEXT NOT NULL,
        digest TEXT NOT NULL,
        removed_ms INTEGER NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX removed_submissions_by_age ON removed_submissions (removed_ms)',
    ],
  },
  { name: 'registry-0008-holds', sqlite: holdTable },
  // Fragments in phrases say so by a number in `head`, and old ones stay as they are: versions that do not know the form are to stay away.
  { name: 'registry-0009-fragments-in-phrases', sqlite: [] },
  {
    // Whether two objects are joined is found at once, however many others either of them is joined to.
    name: 'registry-0010-associations-by-both-ends',
    sqlite: ['CREATE INDEX associations_by_ends ON associations (source, target)', 'DROP INDEX associations_by_source'],
  },
]
