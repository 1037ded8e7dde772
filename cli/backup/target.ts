// Where backups are: a folder, or a bucket (`s3://bucket/prefix`), of which a file says how it is reached (`--storage`).
import { join, resolve } from 'node:path'
import { bucketIn } from '../../config/documents-place.js'
import { readStorageFile, StorageFileProblem } from '../../config/storage-file.js'
import { openObjectStorage } from '../../repository/object-storage.js'
import { CannotStart } from '../../server/service.js'
import { takeLock } from '../../store/lock.js'
import type { Context } from '../context.js'
import { shellWord } from '../deployment.js'
import { Failure } from '../failure.js'
import { bucketFiles } from './bucket-files.js'
import { type Lease, takeLease } from './bucket-lease.js'

export interface StorageOption {
  /** File that says where the bucket is. */
  storage?: string
}

export interface BackupTarget {
  /** Also of a bucket: a path below which `context` reads and writes. */
  folder: string
  context: Context
  /** As the user calls it, with what else has to be said of it. */
  name: string
  flags: string
  isBucket: boolean
  /** @throws Failure where somebody else makes a backup there. */
  lock(): Promise<Lease>
  close(): Promise<void>
}

const form = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,5}$/

/**
 * `lock` keeps two backups out of one place; reading needs none. To be closed. @throws Failure where a bucket is named and no file says how it is
 * reached.
 */
export async function openBackupTarget(
  given: string,
  { storage }: StorageOption,
  context: Context,
): Promise<BackupTarget> {
  if (given.startsWith('s3://')) return inBucket(given, storage, context)
  const folder = resolve(context.terminal.workingFolder, given)
  return {
    ...{ folder, context, name: folder, flags: '', isBucket: false },
    async lock() {
      await context.ports.files.makeFolder(folder, { mode: 0o700 })
      return (await takeLock(join(folder, '.lock'), context.ports.files)) ?? isTaken(folder)
    },
    close: async () => {},
  }
}

async function inBucket(given: string, storage: string | undefined, context: Context): Promise<BackupTarget> {
  const place = form.test(given) ? bucketIn(given) : undefined
  if (place === undefined)
    throw new Failure('usage', `${given} is no place for backups; name a bucket and a prefix, as s3://bucket/backups.`)
  if (storage === undefined)
    throw new Failure('usage', `say where ${given} is: --storage FILE, with endpoint and credentials in it.`)
  const { ports, terminal } = context
  const opened = await openedStorage(resolve(terminal.workingFolder, storage), context)
  const bucket = opened.bucketAt(place)
  // No folder has such a name.
  const root = resolve('/', `s3:${place.bucket}`, place.prefix)
  const files = bucketFiles({ bucket, root, files: ports.files })
  return {
    ...{ folder: root, name: given, flags: ` --storage ${shellWord(storage)}`, isBucket: true },
    context: { ...context, ports: { ...ports, files } },
    async lock() {
      const lease = await takeLease(bucket, ports)
      return 'taken' in lease ? isTaken(given, lease.taken) : lease
    },
    close: async () => opened.close(),
  }
}

async function openedStorage(path: string, { ports }: Context) {
  try {
    const config = await readStorageFile(path, ports.files)
    return await openObjectStorage({ config, target: undefined, ports, told: () => {} })
  } catch (problem) {
    const isSaid = problem instanceof StorageFileProblem || problem instanceof CannotStart
    throw isSaid ? new Failure('configuration', problem.message) : problem
  }
}

function isTaken(where: string, how = 'wait for its end'): never {
  throw new Failure('usage', `Another backup is being made in ${where}: ${how}.`)
}
