// The tables of the patient index: records as their sources tell them, the persons that they are taken to be of, and why.
import type { Migration } from '../store/store.js'

export const patientIndexMigrations: readonly Migration[] = [
  {
    name: 'patient-index-0001-persons',
    sqlite: [
      'CREATE TABLE domains (domain INTEGER PRIMARY KEY, oid TEXT NOT NULL UNIQUE)',
      // `survivor` is the row itself until two persons turn out to be one; all of a chain point to the last.
      'CREATE TABLE persons (person INTEGER PRIMARY KEY, survivor INTEGER NOT NULL)',
      'CREATE INDEX persons_by_survivor ON persons (survivor)',
      // What names the person and no record of a source: the id in the affinity domain, the national number.
      `CREATE TABLE person_ids (
        domain INTEGER NOT NULL,
        extension TEXT NOT NULL,
        person INTEGER NOT NULL,
        PRIMARY KEY (domain, extension)
      ) WITHOUT ROWID`,
      'CREATE INDEX person_ids_by_person ON person_ids (person)',
      // `ended_by` is the record into which a source has merged it.
      `CREATE TABLE records (
        record INTEGER PRIMARY KEY,
        domain INTEGER NOT NULL,
        extension TEXT NOT NULL,
        person INTEGER NOT NULL,
        body TEXT NOT NULL,
        changed_ms INTEGER NOT NULL,
        ended_by INTEGER,
        UNIQUE (domain, extension)
      )`,
      'CREATE INDEX records_by_person ON records (person)',
      'CREATE TABLE keys (key TEXT NOT NULL, born TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, born, record)) WITHOUT ROWID',
      'CREATE INDEX keys_by_record ON keys (record)',
    ],
  },
  {
    name: 'patient-index-0002-decisions',
    sqlite: [
      // Pairs that somebody has to look at: `verdict` is open, same or different.
      `CREATE TABLE reviews (
        review INTEGER PRIMARY KEY,
        one INTEGER NOT NULL,
        other INTEGER NOT NULL,
        weight REAL NOT NULL,
        parts TEXT NOT NULL,
        verdict TEXT NOT NULL,
        decided_by TEXT,
        changed_ms INTEGER NOT NULL,
        UNIQUE (one, other)
      )`,
      'CREATE INDEX reviews_by_verdict ON reviews (verdict, weight)',
      `CREATE TABLE history (
        entry INTEGER PRIMARY KEY,
        person INTEGER NOT NULL,
        record INTEGER,
        what TEXT NOT NULL,
        why TEXT NOT NULL,
        by TEXT NOT NULL,
        at_ms INTEGER NOT NULL
      )`,
      'CREATE INDEX history_by_person ON history (person)',
      // Messages that wait for those who are told of changes.
      `CREATE TABLE notices (
        notice INTEGER PRIMARY KEY,
        target TEXT NOT NULL,
        event TEXT NOT NULL,
        body TEXT NOT NULL,
        at_ms INTEGER NOT NULL
      )`,
      'CREATE INDEX notices_by_target ON notices (target, notice)',
    ],
  },
  {
    // Records without traits are those of before: refiling.ts goes through them while the service runs.
    name: 'patient-index-0003-traits',
    sqlite: [
      'ALTER TABLE records ADD COLUMN traits TEXT',
      'CREATE INDEX records_unfiled ON records (record) WHERE traits IS NULL',
    ],
  },
  {
    name: 'patient-index-0004-undoing',
    sqlite: [
      // What a person was itself merged into, while `survivor` is the end of the chain.
      'ALTER TABLE persons ADD COLUMN merged_into INTEGER',
      'UPDATE persons SET merged_into = survivor WHERE survivor <> person',
      'CREATE INDEX persons_by_merged_into ON persons (merged_into) WHERE merged_into IS NOT NULL',
      // What else happened when a source ended a record: it left the one person, or a person was joined with another by it.
      'ALTER TABLE records ADD COLUMN ended_from INTEGER',
      'ALTER TABLE records ADD COLUMN ended_with INTEGER',
      'CREATE INDEX records_by_end ON records (ended_by) WHERE ended_by IS NOT NULL',
      // Ids that went over to another person, and whose they were.
      `CREATE TABLE moved_ids (
        domain INTEGER NOT NULL,
        extension TEXT NOT NULL,
        from_person INTEGER NOT NULL,
        PRIMARY KEY (domain, extension, from_person)
      ) WITHOUT ROWID`,
    ],
  },
  {
    name: 'patient-index-0005-deferred',
    sqlite: [
      // Questions of other communities that are answered later.
      `CREATE TABLE deferred (
        question INTEGER PRIMARY KEY,
        partner TEXT NOT NULL,
        url TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        due_ms INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0
      )`,
      'CREATE INDEX deferred_by_time ON deferred (due_ms)',
      'CREATE INDEX deferred_by_partner ON deferred (partner)',
    ],
  },
  {
    name: 'patient-index-0006-located',
    sqlite: [
      // By what id other communities know a person, by the extension of the id that they were told here.
      `CREATE TABLE located (
        own TEXT NOT NULL,
        community TEXT NOT NULL,
        patient_id TEXT NOT NULL,
        heard_ms INTEGER NOT NULL,
        PRIMARY KEY (own, community)
      ) WITHOUT ROWID`,
      'CREATE INDEX located_by_time ON located (heard_ms)',
    ],
  },
  {
    name: 'patient-index-0007-told-apart',
    // From whom a record was told apart, whichever of the two is named first.
    sqlite: ['CREATE INDEX reviews_by_other ON reviews (other)'],
  },
]
