// What is broken on purpose to see that it is found: promises that a registry, a repository or a disk does not keep.
import type { Faults } from './world.js'

export interface Mutation {
  title: string
  faults(): Faults
  /** What the judge says of it. */
  found: RegExp
}

/** Found within a few worlds. */
export const mutations: readonly Mutation[] = [
  {
    title: 'the repository answers before its commits are synced',
    faults: () => ({ repository: { syncsNothing: true } }),
    found: /acknowledged|bytes|audit/,
  },
  {
    title: 'the registry answers before its commits are synced',
    faults: () => ({ registry: { syncsNothing: true } }),
    found: /acknowledged|registered|title|audit/,
  },
  {
    title: 'one commit in fifty of the registry is believed and not made',
    faults: () => ({ registry: { forgottenCommits: 2 } }),
    found: /acknowledged|registered|title|audit|answer/,
  },
  {
    title: 'documents are not synced before they are acknowledged',
    faults: () => ({ repository: { losesContents: true } }),
    // Or the mark of their folder is gone with them, and the repository does not start.
    found: /damaged|bytes|not all services run again/,
  },
  {
    title: 'the names of documents are not synced',
    faults: () => ({ repository: { losesNames: true } }),
    // Or the mark of their folder is gone with them, and the repository does not start.
    found: /damaged|bytes|not all services run again/,
  },
  {
    title: 'an audit record of the registry is dropped now and then',
    faults: () => ({ registry: { skips: everyTenth('INSERT INTO audit_outbox') } }),
    found: /audit record/,
  },
  {
    title: 'an audit record is taken for delivered before the audit service has it',
    faults: () => ({ audit: { syncsNothing: true } }),
    found: /audit record/,
  },
]

/** What takes more worlds to come about: `npm run simulate -- --mutations`. */
export const rareMutations: readonly Mutation[] = [
  {
    title: 'a legal hold is put at the registry and not kept',
    faults: () => ({ registry: { skips: every('INSERT INTO hold') } }),
    found: /metadata were removed under a legal hold|a legal hold is not at the registry/,
  },
  {
    title: 'a legal hold is put at the repository and not kept',
    faults: () => ({ repository: { skips: every('INSERT INTO hold') } }),
    found: /bytes were removed under a legal hold|a legal hold is not at the repository/,
  },
  {
    title:
      'segments are compacted, documents moved and keys wrapped anew, and the rows of the documents say nothing of it',
    faults: () => ({ repository: { skips: every('UPDATE document SET place') } }),
    found: /damaged|bytes|not all services run again|rows/,
  },
  {
    title: 'what is replaced stays in force',
    faults: () => ({ registry: { skips: every('UPDATE document_entries SET status') } }),
    found: /it is Approved and has 1 replacements/,
  },
  {
    title: 'an Association in ten is not kept',
    faults: () => ({ registry: { skips: everyTenth('INSERT INTO associations') } }),
    found: /memberships|is not in it/,
  },
  {
    title: 'patients who are merged keep what they had',
    faults: () => ({ registry: { skips: every('UPDATE patients SET survivor') } }),
    found: / is of .* and not of /,
  },
  {
    title: 'what is removed leaves a row behind',
    faults: () => ({ registry: { skips: every('DELETE FROM document_entries') } }),
    found: /removed|that nobody sent|unlike its documents|entries|registered|internal error/,
  },
  {
    title: 'documents that are removed are overwritten and unlinked in words only',
    faults: () => ({ repository: { keepsWhatIsRemoved: true } }),
    found: /it was removed, and .* has it still|documents are .* times at file/,
  },
  {
    title: 'what a backup has is not synced before it is whole',
    faults: () => ({ backups: { losesContents: true } }),
    found: /backup .* cannot be restored/,
  },
  {
    title: 'a backup copies the repository before the registry',
    faults: () => ({ backups: { first: 'repository' } }),
    found: /it is registered, and has no bytes/,
  },
  {
    title: 'a backup copies the audit before what is audited',
    faults: () => ({ backups: { first: 'audit' } }),
    found: /restored: submission .* has no audit record of ITI-42/,
  },
]

function every(start: string): (sql: string) => boolean {
  return sql => sql.startsWith(start)
}

function everyTenth(start: string): (sql: string) => boolean {
  let count = 0
  return sql => sql.startsWith(start) && ++count % 10 === 0
}
