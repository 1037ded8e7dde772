// Large documents, each a file. A name is made of our own id and of nothing that a sender chose: `ab/cd/abcd….`
import { basename, dirname, join } from 'node:path'
import type { Files } from '../ports/files.js'
import type { ContentStore, NewContent } from './content-store.js'
import { roomInWords } from './full-disk.js'
import { mostOrphans, tooManyOrphans } from './orphans.js'
import { assertFolder } from './unreadable.js'

/** The place of such a document: its id says the rest. */
export const inFile = 'file'

/** Where documents arrive, below the folder of the documents. */
export const incomingFolder = (folder: string) => join(folder, 'incoming')

/** Of a document, below that folder. */
export const documentPath = (folder: string, id: string) => join(folder, id.slice(0, 2), id.slice(2, 4), id)

/** Opens the folder. What was still arriving when the process before us ended is thrown away: call it before anything arrives. */
export async function openContentFiles(
  files: Files,
  folder: string,
  incoming = incomingFolder(folder),
): Promise<ContentStore> {
  await files.makeFolder(incoming)
  for (const leftover of await files.list(incoming)) {
    const path = join(incoming, leftover)
    // A folder of a process on a database that was on a server before.
    await ((await files.stat(path))?.isFolder ? files.removeFolder(path) : files.remove(path))
  }
  await files.syncFolder(folder)
  // A process before us may have made it and ended before its name was durable.
  await files.syncFolder(dirname(folder))

  const folders = new Set<string>()
  const placing = new Set<string>()
  const pathOf = (id: string) => documentPath(folder, id)

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

  async function place({ id, content }: NewContent): Promise<void> {
    placing.add(id)
    try {
      await folderFor(pathOf(id))
      await (content.path === undefined ? written(content.open?.() ?? [], pathOf(id)) : content.keepAs(pathOf(id)))
    } catch (problem) {
      throw roomInWords(problem)
    }
  }

  async function written(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, path: string): Promise<void> {
    const arriving = join(incoming, basename(path))
    try {
      const file = await files.create(arriving)
      try {
        for await (const piece of pieces) await file.write(piece)
      } finally {
        await file.close()
      }
      await files.renameAndSync(arriving, path)
    } catch (problem) {
      await files.remove(arriving).catch(() => {})
      throw problem
    }
  }

  const final = (ids: readonly string[]) => {
    for (const id of ids) placing.delete(id)
  }

  return {
    async put(contents) {
      try {
        for (const content of contents) await place(content)
      } catch (problem) {
        const ids = contents.map(({ id }) => id)
        for (const id of ids) await files.remove(pathOf(id)).catch(() => {})
        final(ids)
        throw problem
      }
      return new Map(contents.map(({ id }) => [id, inFile]))
    },
    final,
    async open({ id }) {
      return files.open(pathOf(id)).catch(async problem => {
        if (!isAbsent(problem)) throw problem
        await assertFolder(files, incoming)
        return undefined
      })
    },
    async sizeBytes({ id }) {
      const found = await files.stat(pathOf(id))
      if (found === undefined) await assertFolder(files, incoming)
      return found?.sizeBytes
    },
    remove: ({ id }) => files.remove(pathOf(id)),
    async erase({ id }) {
      const path = pathOf(id)
      // Also what an earlier attempt has removed and not synced.
      if ((await files.stat(dirname(path))) === undefined) return assertFolder(files, incoming)
      await files.remove(path)
      await files.syncFolder(dirname(path))
    },
    async sweep({ standing }) {
      const isLeft = (id: string) => placing.has(id) || standing(id)?.place === inFile
      const unknown: string[] = []
      let moved = 0
      for await (const id of present()) {
        if (isLeft(id)) continue
        // A document that is elsewhere by its row was moved: what is here was left, there or on the way.
        if (standing(id) === undefined) unknown.push(id)
        else {
          await files.remove(pathOf(id))
          moved += 1
        }
        if (unknown.length > mostOrphans) throw new Error(tooManyOrphans('files', `in ${folder}`, 'folder'))
      }
      const removed = unknown.filter(id => !isLeft(id))
      for (const id of removed) await files.remove(pathOf(id))
      return moved + removed.length
    },
    async close() {},
  }
}

const isSubfolder = (name: string) => /^[0-9a-f]{2}$/.test(name)
const isId = (name: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)

const isAbsent = (problem: unknown) => (problem as { code?: unknown }).code === 'ENOENT'
