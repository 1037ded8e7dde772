// The files of segments: `7.open` while records of it may still be taken back, `7.kept` afterwards. The first are looked through
// at the next start, the others are not.
import { dirname, join } from 'node:path'
import type { ChangeableFile, Files } from '../../ports/files.js'
import { assertFolder } from '../unreadable.js'

export interface SegmentFolder {
  /** Numbers of segments that were open when the process before us ended. */
  readonly left: readonly number[]
  /** A new segment, and its file: what is written into that is durable at once. */
  create(): Promise<{ segment: number; file: ChangeableFile }>
  has(segment: number): boolean
  /** What `work` makes of the file; undefined where there is no such segment (any more). */
  use<Result>(segment: number, work: (file: ChangeableFile) => Promise<Result>): Promise<Result | undefined>
  sizeBytes(segment: number): Promise<number>
  /** Nothing in it will be taken back any more; whatever was erased in it is erased on the disk too. */
  keep(segment: number): Promise<void>
  remove(segment: number): Promise<void>
  close(): Promise<void>
}

interface Handle {
  opening: Promise<ChangeableFile>
  users: number
}

const mostHandles = 64

/** Makes the folder with the first segment, not before. At most 64 files are held open. */
export async function openSegmentFolder(files: Files, folder: string): Promise<SegmentFolder> {
  const names = new Map<number, string>()
  if ((await files.stat(folder)) !== undefined) {
    for (const name of await files.list(folder)) {
      if (/^\d{1,9}\.(?:open|kept)$/.test(name)) names.set(Number.parseInt(name, 10), name)
    }
  }
  const left = [...names].filter(([, name]) => name.endsWith('.open')).map(([segment]) => segment)
  let isMade = false
  const handles = new Map<number, Handle>()
  let last = Math.max(0, ...names.keys())

  const pathOf = (name: string) => join(folder, name)

  function handleOf(segment: number, name: string): Handle {
    const handle = handles.get(segment) ?? { opening: files.change(pathOf(name)), users: 0 }
    // The one used last stands last.
    handles.delete(segment)
    handles.set(segment, handle)
    return handle
  }

  /** Closed once nobody uses it and nobody will find it any more. */
  async function release(segment: number, handle: Handle): Promise<void> {
    if (handle.users > 0 || handles.get(segment) === handle) return
    await (await handle.opening.catch(() => undefined))?.close()
  }

  async function forget(segment: number): Promise<void> {
    const handle = handles.get(segment)
    handles.delete(segment)
    if (handle !== undefined) await release(segment, handle)
  }

  async function forgetSpare(): Promise<void> {
    for (const [segment, { users }] of handles) {
      if (handles.size <= mostHandles) return
      if (users === 0) await forget(segment)
    }
  }

  async function use<Result>(
    segment: number,
    work: (file: ChangeableFile) => Promise<Result>,
  ): Promise<Result | undefined> {
    const name = names.get(segment)
    if (name === undefined) return undefined
    const handle = handleOf(segment, name)
    handle.users += 1
    try {
      return await work(await handle.opening)
    } catch (problem) {
      // What failed may be the handle: the next one opens the file anew.
      if (handles.get(segment) === handle) handles.delete(segment)
      await assertFolder(files, folder)
      throw problem
    } finally {
      handle.users -= 1
      await release(segment, handle)
      if (handles.size > mostHandles) await forgetSpare()
    }
  }

  return {
    left,
    async create() {
      last += 1
      const name = `${last}.open`
      if (!isMade) {
        await files.makeFolder(folder)
        // Else a power cut could take the folder with all that is in it.
        await files.syncFolder(dirname(folder))
        isMade = true
      }
      await (await files.create(pathOf(name))).close()
      await files.syncFolder(folder)
      names.set(last, name)
      return { segment: last, file: await files.changeThrough(pathOf(name)) }
    },
    has: segment => names.has(segment),
    use,
    sizeBytes: async segment => (await files.stat(pathOf(names.get(segment) ?? '')))?.sizeBytes ?? 0,
    async keep(segment) {
      const [from, to] = [`${segment}.open`, `${segment}.kept`]
      if (names.get(segment) !== from) return
      // While it is renamed its handle is at hand for all who read.
      await use(segment, async file => {
        await file.sync()
        try {
          await files.rename(pathOf(from), pathOf(to))
        } catch (problem) {
          // Where only its folder could not be synced it has the new name all the same, and is read by that.
          if ((await files.stat(pathOf(from))) === undefined) names.set(segment, to)
          throw problem
        }
        names.set(segment, to)
      })
    },
    async remove(segment) {
      const name = names.get(segment)
      if (name === undefined) return
      names.delete(segment)
      await files.remove(pathOf(name))
      await files.syncFolder(folder)
      await forget(segment)
    },
    async close() {
      for (const segment of [...handles.keys()]) await forget(segment)
    },
  }
}
