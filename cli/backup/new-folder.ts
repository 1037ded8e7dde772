// The data folder that a restore makes: beside its place until it is whole, and once at a time.
import { join } from 'node:path'
import { takeLock } from '../../store/lock.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { partialSuffix } from './folder.js'

export interface NewFolder {
  /** What is to be in it is written here. */
  partial: string
  /** Puts it in its place. */
  keep(): Promise<void>
  /** Leaves nothing of it. */
  drop(): Promise<void>
}

const lockFile = '.restoring'
/** What a file system has of its own. */
const nobodys: readonly string[] = ['lost+found', partialSuffix]

/**
 * An empty folder may be there: it is filled and not replaced, for it may be a link, or a disk of its own. @throws Failure where anything is in it,
 * or somebody else restores there
 */
export async function newFolder(data: string, { ports: { files } }: Context): Promise<NewFolder> {
  const found = await files.stat(data)
  const isEmpty = found?.isFolder === true && (await files.list(data)).every(name => nobodys.includes(name))
  if (found !== undefined && !isEmpty)
    throw new Failure('usage', `${data} is there already; nothing is overwritten: name a new folder with --data.`)
  const partial = isEmpty ? join(data, partialSuffix) : `${data}${partialSuffix}`
  await files.makeFolder(partial)
  const lock = await takeLock(join(partial, lockFile), files)
  if (lock === undefined) throw new Failure('usage', `Another restore makes ${data}: wait for its end.`)
  const isLock = (name: string) => name.startsWith(lockFile)
  // Of one that was interrupted.
  for (const name of await files.list(partial)) if (!isLock(name)) await files.removeFolder(join(partial, name))

  async function unlock(): Promise<void> {
    lock?.release()
    for (const name of await files.list(partial)) if (isLock(name)) await files.remove(join(partial, name))
  }

  return {
    partial,
    async keep() {
      await unlock()
      if (!isEmpty) return files.rename(partial, data)
      // Its settings last: nobody starts on what has databases and no carnet.json.
      const names = (await files.list(partial)).filter(name => name !== settings)
      for (const name of [...names, settings]) await files.rename(join(partial, name), join(data, name))
      await files.removeFolder(partial)
    },
    async drop() {
      lock.release()
      await files.removeFolder(partial)
    },
  }
}

const settings = 'carnet.json'
