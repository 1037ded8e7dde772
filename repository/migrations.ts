// The repository's schema: submissions that it has taken on, and their documents.
import { holdTable } from '../server/holds.js'
import type { Migration } from '../store/store.js'

export const repositoryMigrations: Migration[] = [
  {
    name: '0040-repository-documents',
    sqlite: [
      `CREATE TABLE submission (
         id TEXT NOT NULL UNIQUE,
         unique_id TEXT,
         partner TEXT NOT NULL,
         message_id TEXT,
         digest TEXT NOT NULL,
         traceparent TEXT NOT NULL,
         state TEXT NOT NULL CHECK (state IN ('registering', 'registered')),
         received_ms INTEGER NOT NULL,
         settled_ms INTEGER,
         answer TEXT,
         iti42_message_id TEXT NOT NULL,
         iti42_body BLOB
       )`,
      'CREATE INDEX submission_sent_before ON submission (digest)',
      'CREATE INDEX submission_unique_id ON submission (unique_id)',
      "CREATE INDEX submission_pending ON submission (received_ms) WHERE state = 'registering'",
      // The content comes last, so that reading the other columns does not walk through its pages.
      `CREATE TABLE document (
         id TEXT NOT NULL UNIQUE,
         submission_id TEXT NOT NULL,
         unique_id TEXT NOT NULL,
         entry_uuid TEXT NOT NULL,
         patient_id TEXT,
         mime_type TEXT NOT NULL,
         size INTEGER NOT NULL,
         sha1 TEXT NOT NULL,
         sha256 TEXT NOT NULL,
         chunk_digests BLOB NOT NULL,
         content BLOB
       )`,
      'CREATE INDEX document_unique_id ON document (unique_id)',
      'CREATE INDEX document_submission ON document (submission_id)',
    ],
  },
  {
    // The digest holds the uniqueId: what is the same submission is found by that.
    name: '0041-repository-fewer-indexes',
    sqlite: ['DROP INDEX submission_sent_before'],
  },
  {
    name: '0042-repository-removals',
    sqlite: [
      // Documents out of reach whose bytes are being removed; `audit` is for whoever finishes it.
      'CREATE TABLE removal (document_id TEXT PRIMARY KEY, audit TEXT NOT NULL) WITHOUT ROWID',
      // Submissions of which documents were removed, by what tells whether they come again.
      `CREATE TABLE removed_submission (
         digest TEXT NOT NULL,
         partner TEXT NOT NULL,
         removed_ms INTEGER NOT NULL,
         PRIMARY KEY (digest, partner)
       ) WITHOUT ROWID`,
      'CREATE INDEX removed_submission_age ON removed_submission (removed_ms)',
    ],
  },
  {
    // Without a place: in the row where it has a content, else in a file.
    name: '0043-repository-places',
    sqlite: ['ALTER TABLE document ADD COLUMN place TEXT'],
  },
  { name: '0044-repository-holds', sqlite: holdTable },
  {
    // Key-encryption keys in use, each with something that only it unwraps.
    name: '0045-repository-document-keys',
    sqlite: ['CREATE TABLE document_key (name TEXT PRIMARY KEY, proof BLOB NOT NULL) WITHOUT ROWID'],
  },
  {
    // The wsse:Security that came with it, handed on as it is for as long as the registry has to be told.
    name: '0046-repository-assertions',
    sqlite: ['ALTER TABLE submission ADD COLUMN iti42_security TEXT'],
  },
  {
    // DICOM instances are documents that no entry describes: what is known of one, as JSON.
    name: '0047-repository-instances',
    sqlite: ['ALTER TABLE document ADD COLUMN instance TEXT'],
  },
  {
    // Which folder the documents are in, by its mark; a row once there is one.
    name: '0048-repository-folder',
    sqlite: ['CREATE TABLE documents_folder (id TEXT NOT NULL)'],
  },
]
