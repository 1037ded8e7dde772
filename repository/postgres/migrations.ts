// The repository's tables on PostgreSQL, shared by any number of processes. docs/decisions/0260.
import { holdTableOnServer } from '../../server/holds-on-server.js'
import { readOnlyTable } from '../../server/read-only-on-server.js'
import { usedAssertionsTable } from '../../server/used-on-server.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'

const id = 'text COLLATE "C"'

export const repositoryMigrations: readonly PostgresMigration[] = [
  {
    name: 'repository-0001-documents',
    postgres: [
      // `owner` is the process that looks after a submission until the registry's word is known.
      `CREATE TABLE submission (
        id ${id} PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY,
        unique_id ${id},
        partner ${id} NOT NULL,
        message_id ${id},
        digest ${id} NOT NULL,
        traceparent text NOT NULL,
        state text NOT NULL CHECK (state IN ('registering', 'registered')),
        owner bigint NOT NULL,
        received_ms bigint NOT NULL,
        settled_ms bigint,
        answer text,
        iti42_message_id text NOT NULL,
        iti42_body bytea
      )`,
      'CREATE INDEX submission_unique_id ON submission (unique_id)',
      `CREATE INDEX submission_pending ON submission (owner, received_ms) WHERE state = 'registering'`,
      `CREATE TABLE document (
        id ${id} PRIMARY KEY,
        submission_id ${id} NOT NULL,
        number integer NOT NULL,
        unique_id ${id} NOT NULL,
        entry_uuid ${id} NOT NULL,
        patient_id ${id},
        mime_type text NOT NULL,
        size bigint NOT NULL,
        sha1 text NOT NULL,
        sha256 text NOT NULL,
        chunk_digests bytea NOT NULL,
        place text NOT NULL
      )`,
      'CREATE INDEX document_unique_id ON document (unique_id)',
      'CREATE INDEX document_submission ON document (submission_id)',
      // Out of reach, their bytes being removed by `owner`; `audit` is for whoever finishes it.
      `CREATE TABLE removal (document_id ${id} PRIMARY KEY, owner bigint NOT NULL, audit text NOT NULL)`,
      'CREATE INDEX removal_owner ON removal (owner)',
      `CREATE TABLE removed_submission (digest ${id}, partner ${id}, removed_ms bigint NOT NULL, PRIMARY KEY (digest, partner))`,
      'CREATE INDEX removed_submission_age ON removed_submission (removed_ms)',
      // Bytes that belong to no document, or not yet, or no more, and the process that sees to them.
      `CREATE TABLE loose_content (document_id ${id}, place ${id}, owner bigint NOT NULL, PRIMARY KEY (document_id, place))`,
      'CREATE INDEX loose_content_owner ON loose_content (owner)',
      'CREATE TABLE document_key (name text PRIMARY KEY, proof bytea NOT NULL)',
      // One row: whose database this is, and in which folder its documents are.
      `CREATE TABLE repository_identity (one boolean PRIMARY KEY DEFAULT true CHECK (one), repository_unique_id text NOT NULL, folder_id text)`,
    ],
  },
  { name: 'repository-0002-holds', postgres: holdTableOnServer },
  { name: 'repository-0003-instances', postgres: ['ALTER TABLE document ADD COLUMN instance text'] },
  { name: 'repository-0004-read-only', postgres: readOnlyTable },
  { name: 'repository-0005-used-assertions', postgres: usedAssertionsTable },
  {
    // The wsse:Security that came with it, handed on as it is for as long as the registry has to be told.
    name: 'repository-0006-assertions',
    postgres: ['ALTER TABLE submission ADD COLUMN iti42_security text'],
  },
]
