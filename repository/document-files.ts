// The files of large documents. A name is made of our own id and of nothing that a sender chose: `ab/cd/abcd….`
import { dirname, join } from 'node:path'
import type { Files, OpenFile } from '../ports/files.js'
import type { Spooled } from '../soap/message.js'
import { StoreFull } from '../store/failures.js'

export interface DocumentFiles {
  /** Moves spooled bytes to the place of this document; they are durable when this returns. */
  place(id: string, content: Spooled): Promise<void>
  /** From now on the database answers for these: the sweep asks it. */
  settled(ids: string[]): void
  open(id: string): Promise<OpenFile>
  sizeBytes(id: string): Promise<number | undefined>
  remove(id: string): Promise<void>
  /** As remove(), durably: no crash brings the file back. */
  erase(id: string): Promise<void>
  /** Removes the files that no row knows: what a crash between file and commit, or between commit and removal, left. */
  sweep(isKept: (id: string) => boolean): Promise<number>
}

/** Where documents arrive, below the folder of the documents. */
export const incomingFolder = (folder: string) => join(folder, 'incoming')

/** Opens the folder. What was still arriving when the process before us ended is thrown away: call it before anything arrives. */
export async function openDocumentFiles(files: Files, folder: string): Promise<DocumentFiles> {
  const incoming = incomingFolder(folder)
  await files.makeFolder(incoming)
  for (const leftover of await files.list(incoming)) await files.remove(join(incoming, leftover))
  await files.syncFolder(folder)

  const folders = new Set<string>()
  const placing = new Set<string>()
  const pathOf = (id: string) => join(folder, id.slice(0, 2), id.slice(2, 4), id)

  /** Makes the two levels of folders, and their names durable. */
  async function folderFor(path: string): Promise<void> {
    const inner = dirname(path)
    if (folders.has(inner)) return
    await files.makeFolder(inner)
    await files.syncFolder(dirname(inner))
    await files.syncFolder(folder)
    folders.add(inner)
  }

  async function* present(): AsyncGenerator<string> {
    for (const outer of (await files.list(folder)).filter(isSubfolder)) {
      for (const inner of (await files.list(join(folder, outer))).filter(isSubfolder)) {
        yield* (await files.list(join(folder, outer, inner))).filter(isId)
      }
    }
  }

  return {
    async place(id, content) {
      placing.add(id)
      await folderFor(pathOf(id))
      try {
        await content.keepAs(pathOf(id))
      } catch (problem) {
        throw isFull(problem)
          ? new StoreFull('the folder of the documents has no space left on its disk', { cause: problem })
          : problem
      }
    },
    settled(ids) {
      for (const id of ids) placing.delete(id)
    },
    open: id => files.open(pathOf(id)),
    sizeBytes: async id => (await files.stat(pathOf(id)))?.sizeBytes,
    remove: id => files.remove(pathOf(id)),
    async erase(id) {
      if ((await files.stat(pathOf(id))) === undefined) return
      await files.remove(pathOf(id))
      await files.syncFolder(dirname(pathOf(id)))
    },
    async sweep(isKept) {
      let removed = 0
      for await (const id of present()) {
        if (placing.has(id) || isKept(id)) continue
        await files.remove(pathOf(id))
        removed += 1
      }
      return removed
    },
  }
}

const isSubfolder = (name: string) => /^[0-9a-f]{2}$/.test(name)
const isId = (name: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)

function isFull(problem: unknown): boolean {
  const { code } = problem as { code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT'
}
