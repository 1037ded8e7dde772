// The commands of whoever keeps a deployment running.
import { Argument, type Command, Option } from 'commander'
import { type BackupOptions, backup } from '../backup/backup.js'
import { type RestoreOptions, restore } from '../backup/restore.js'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { type FsckOptions, fsck } from '../fsck/fsck.js'
import { type ImportOptions, importDocuments } from '../import/import.js'
import { repeated, talking } from '../program-options.js'
import { documentPlaces } from './document-places.js'
import {
  liftHold,
  listHolds,
  type PutHoldOptions,
  putHold,
  type RetentionOptions,
  retention,
  syncHolds,
} from './holds.js'
import { type MigrateOptions, migrate } from './migrate.js'
import { type MoveOptions, moveDocuments } from './move-documents.js'
import { type ReadOnlyOptions, readOnly } from './read-only.js'
import { rewrapDocuments } from './rewrap-documents.js'

export function addOperations(program: Command, context: Context): void {
  talking(
    program
      .command('backup')
      .description('back up databases, documents and configuration while all goes on serving, as an administrator'),
  )
    .requiredOption(
      '--to <place>',
      'folder of the backups, or s3://bucket/prefix; what one before has is not kept again',
    )
    .addOption(storageFile())
    .option('--with-keys', 'private keys too')
    .option('--encryption-keys <file>', 'encrypt all by the keys in this file')
    .option('--keep <n>', 'afterwards remove all backups but the newest n')
    .action((options: BackupOptions) => backup(options, context))

  program
    .command('restore')
    .description('make a new data folder of a backup, or examine a backup')
    .argument('<place>', 'folder of the backups, or s3://bucket/prefix')
    .addOption(storageFile())
    .option('--data <dir>', 'data folder to make, or an empty one, as a disk of its own is')
    .option('--at <name>', 'which backup; the newest by default')
    .option('--encryption-keys <file>', 'file of the keys, where it is encrypted')
    .option('--registry-database <url>', 'empty database on a PostgreSQL server, where that of the registry was on one')
    .option('--repository-database <url>', 'likewise, of the repository')
    .option('--database-password-file <file>', 'the password for these; one in the URL is seen by all on this machine')
    .option('--verify', 'read again what was written; without --data only examine the backup')
    .action((folder: string, options: RestoreOptions) => restore(folder, options, context))

  talking(
    program
      .command('fsck')
      .description(
        'hold registry, repository and audit against one another, and read every document, as an administrator',
      ),
  )
    .option('--rate <MiB>', 'documents read in a second', '32')
    .option('--no-bytes', 'read no documents')
    .option('--json', 'the report as JSON')
    .option('--report <file>', 'write the report there, as JSON')
    .option('--repair', 'settle what was left half done, and put back damaged documents; nothing is removed')
    .option('--from <place>', 'folder of backups, or s3://bucket/prefix, that have the bytes of damaged documents')
    .addOption(storageFile())
    .option('--encryption-keys <file>', 'file of the keys, where these are encrypted')
    .action((options: FsckOptions) => fsck(options, context))

  talking(
    program
      .command('read-only')
      .description('let partners change nothing while queries and retrievals go on, as an administrator'),
  )
    .addArgument(new Argument('[state]', 'what to do; without, how it stands is shown').choices(['on', 'off']))
    .option('--why <text>', 'what partners are told', 'maintenance')
    .addOption(new Option('--service <name>', 'one of the two alone').choices(['registry', 'repository']))
    .action((state: 'on' | 'off' | undefined, options: ReadOnlyOptions) => readOnly(state, options, context))

  const documents = program.command('documents').description('where the repository keeps its documents')
  talking(documents.command('places').description('show how many documents are where, as an administrator')).action(
    (options: DeploymentOptions) => documentPlaces(options, context),
  )
  talking(
    documents
      .command('rewrap')
      .description('wrap the keys of all encrypted documents by the current key, as an administrator'),
  ).action((options: DeploymentOptions) => rewrapDocuments(options, context))
  talking(
    documents
      .command('move')
      .description('move all documents elsewhere while the repository goes on serving, as an administrator'),
  )
    .requiredOption('--to <place>', 'folder, or s3://bucket/prefix')
    .option('--rate <MiB>', 'documents moved in a second', '32')
    .action((options: MoveOptions) => moveDocuments(options, context))

  talking(program.command('migrate').description('show what the next start would change in each database'))
    .option('--plan', 'show it; nothing is changed')
    .option('--sql', 'with the statements')
    .option('--rehearse', 'take the steps on a copy of each database, and say how long it took')
    .action((options: MigrateOptions) => migrate(options, context))
}

const storageFile = () =>
  new Option('--storage <file>', 'says where s3:// is: JSON with endpoint, credentials and the like')

export function addImport(program: Command, context: Context): void {
  talking(
    program
      .command('import')
      .description('submit documents in bulk, from XDM folders or from a table (.csv) with files (ITI-41)'),
  )
    .argument('<path>', 'a folder with XDM media below it, or a .csv whose first line names the columns')
    .option('--patient <CX>', 'in the place of the patients of the source')
    .option('--announce', 'announce each patient before the first document (ITI-44)')
    .option('--at-once <n>', 'submissions under way at a time', '4')
    .option('--report <file>', 'a line of JSON for each submission')
    .option('--anew', 'send again what an earlier run has imported')
    .action((path: string, options: ImportOptions) => importDocuments(path, options, context))
}

export function addHolds(program: Command, context: Context): void {
  const hold = program.command('hold').description('legal holds: documents that nobody may remove; as an administrator')
  talking(hold.command('put').description('put one, or one of that name in its place'))
    .argument('<name>', 'name of the hold, as case-2026-17')
    .option('--patient <CX>', 'all documents of this patient')
    .option('--document <uniqueId>', 'this document; may be repeated', repeated, [])
    .requiredOption('--reason <text>', 'why; for administrators and the audit')
    .action((name: string, options: PutHoldOptions) => putHold(name, options, context))
  talking(hold.command('lift').description('let what is under it be removed again'))
    .argument('<name>', 'name of the hold')
    .action((name: string, options: DeploymentOptions) => liftHold(name, options, context))
  talking(hold.command('list').description('show all')).action((options: DeploymentOptions) =>
    listHolds(options, context),
  )
  talking(
    hold
      .command('sync')
      .description('bring repository and audit service to what the registry holds, merged patients included'),
  ).action((options: DeploymentOptions) => syncHolds(options, context))

  talking(program.command('retention').description('count documents that are old, and those of them that are held'))
    .requiredOption('--before <date>', 'received before this date')
    .option('--list', 'each of them')
    .option('--json', 'the counts as JSON')
    .action((options: RetentionOptions) => retention(options, context))
}
