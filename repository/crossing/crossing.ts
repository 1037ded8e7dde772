// The repository's tables on their way from one engine to the other. What processes have in hand belongs to none on PostgreSQL: the first
// to start goes on with it. docs/decisions/0384
import { outboxCrossing } from '../../atna-audit/outbox-crossing.js'
import { holdCrossing } from '../../server/hold-crossing.js'
import { type Crossing, plainCrossing, plainWriter } from '../../store/crossing/crossing.js'
import { outOfSegment } from './contents.js'

const noProcess = 0

const submissionColumns = [
  ...['id', 'unique_id', 'partner', 'message_id', 'digest', 'traceparent', 'state', 'received_ms', 'settled_ms'],
  ...['answer', 'iti42_message_id', 'iti42_body', 'iti42_security'],
]

const submissions: Crossing = {
  table: 'submission',
  columns: {
    ...{ id: 'text', number: 'number', unique_id: 'text', partner: 'text', message_id: 'text', digest: 'text' },
    ...{ traceparent: 'text', state: 'text', owner: 'number', received_ms: 'number', settled_ms: 'number' },
    ...{ answer: 'text', iti42_message_id: 'text', iti42_body: 'bytes', iti42_security: 'text' },
  },
  order: 'number',
  apart: ['owner'],
  identity: 'number',
  embedded: {
    tables: { submission: submissionColumns },
    sources: [
      {
        select: `${submissionColumns.join(', ')}, rowid AS number, ${noProcess} AS owner`,
        from: 'submission',
        key: ['rowid'],
      },
    ],
    writer(database) {
      const write = plainWriter(database, 'submission', ['rowid', ...submissionColumns])
      return row => write({ ...row, rowid: row.number ?? null })
    },
  },
}

const documentColumns = [
  ...['id', 'submission_id', 'unique_id', 'entry_uuid', 'patient_id', 'mime_type', 'size', 'sha1', 'sha256'],
  ...['chunk_digests', 'place', 'instance'],
]

const documents: Crossing = {
  table: 'document',
  columns: {
    ...{ id: 'text', submission_id: 'text', number: 'number', unique_id: 'text', entry_uuid: 'text' },
    ...{ patient_id: 'text', mime_type: 'text', size: 'number', sha1: 'text', sha256: 'text' },
    ...{ chunk_digests: 'bytes', place: 'text', instance: 'text' },
  },
  from: 'document JOIN submission ON submission.id = document.submission_id',
  order: 'submission.number, document.number',
  // What is removed leaves gaps on PostgreSQL.
  apart: ['number'],
  embedded: {
    tables: { document: [...documentColumns, 'content'] },
    sources: [
      {
        select: `${documentColumns.filter(name => name !== 'place').join(', ')},
          coalesce(place, iif(content IS NULL, 'file', 'row')) AS place`,
        from: 'document',
        key: ['rowid'],
      },
    ],
    /** Those of one submission were added together, one after the other. */
    reader() {
      let of: unknown
      let number = 0
      return row => {
        number = row.submission_id === of ? number + 1 : 0
        of = row.submission_id
        return { ...row, number, place: outOfSegment(String(row.place)) }
      }
    },
    writer: database => plainWriter(database, 'document', documentColumns),
  },
}

const removals: Crossing = {
  table: 'removal',
  columns: { document_id: 'text', owner: 'number', audit: 'text' },
  order: 'document_id',
  apart: ['owner'],
  embedded: {
    tables: { removal: ['document_id', 'audit'] },
    sources: [{ select: `document_id, ${noProcess} AS owner, audit`, from: 'removal', key: ['document_id'] }],
    writer: database => plainWriter(database, 'removal', ['document_id', 'audit']),
  },
}

/** In which folder its documents are; nothing of a repository that has never had any there. */
const identity = (repositoryUniqueId: string): Crossing => ({
  table: 'repository_identity',
  columns: { repository_unique_id: 'text', folder_id: 'text' },
  from: '(SELECT * FROM repository_identity WHERE folder_id IS NOT NULL) repository_identity',
  order: 'folder_id',
  embedded: {
    tables: { documents_folder: ['id'] },
    sources: [{ select: 'id AS folder_id', from: 'documents_folder', key: ['rowid'] }],
    reader: () => row => ({ ...row, repository_unique_id: repositoryUniqueId }),
    writer(database) {
      const write = plainWriter(database, 'documents_folder', ['id'])
      return row => write({ id: row.folder_id ?? null })
    },
  },
})

export function repositoryCrossings(repositoryUniqueId: string): readonly Crossing[] {
  return [
    submissions,
    documents,
    removals,
    plainCrossing(
      'removed_submission',
      { digest: 'text', partner: 'text', removed_ms: 'number' },
      { key: ['digest', 'partner'] },
    ),
    plainCrossing('document_key', { name: 'text', proof: 'bytes' }, { key: ['name'] }),
    identity(repositoryUniqueId),
    holdCrossing,
    outboxCrossing,
  ]
}

/** Tables of which nothing crosses, each with why. */
export const repositoryStays: Readonly<Record<string, string>> = {
  carnet_migrations: 'each engine has steps of its own',
  read_only: 'the command that moves the database takes the note along',
  used_assertions: 'the embedded engine remembers them in its process: a restart forgets them there too',
  loose_content: 'the embedded engine finds bytes without a row by looking for them when it starts',
}
