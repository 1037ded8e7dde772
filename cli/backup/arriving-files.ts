// Files that are being written and belong elsewhere: on this machine they have no name, so that nothing of them is left when this process ends,
// however it ends. Here they are found by the name that they will have.
import { sep } from 'node:path'
import type { Files, OpenFile } from '../../ports/files.js'
import { namelessFile } from '../../store/nameless-file.js'

export interface Arriving {
  file: OpenFile
  sizeBytes: number
  /** Of the same bytes; whoever has read may close it. */
  reading: OpenFile
}

export interface ArrivingFiles {
  create(path: string): Promise<OpenFile>
  look(path: string): Arriving | undefined
  /** Undefined where there is none. */
  read(path: string): Promise<Buffer> | undefined
  stat(path: string): { sizeBytes: number; modifiedMs: number; isFolder: boolean } | undefined
  below(folder: string): string[]
  rename(from: string, to: string): void
  /** One that is not there is no error. */
  remove(path: string): Promise<void>
}

export function openArriving(files: Pick<Files, 'create' | 'temporaryFolder' | 'removeFolder'>): ArrivingFiles {
  const all = new Map<string, Arriving>()
  const below = (folder: string) => [...all.keys()].filter(path => path.startsWith(folder + sep))

  return {
    async create(path) {
      await all.get(path)?.file.close()
      const file = await namelessFile(files)
      const arriving = { file, sizeBytes: 0, reading: { ...file, close: async () => {} } }
      all.set(path, arriving)
      return {
        ...file,
        async write(bytes) {
          await file.write(bytes)
          arriving.sizeBytes += bytes.byteLength
        },
        // It is what there is of it until it is elsewhere.
        close: async () => {},
      }
    },
    look: path => all.get(path),
    read(path) {
      const found = all.get(path)
      return found?.file.read(0, found.sizeBytes)
    },
    stat(path) {
      const found = all.get(path)
      if (found !== undefined) return { sizeBytes: found.sizeBytes, modifiedMs: 0, isFolder: false }
      return below(path).length > 0 ? { sizeBytes: 0, modifiedMs: 0, isFolder: true } : undefined
    },
    below,
    rename(from, to) {
      for (const path of all.has(from) ? [from] : below(from)) {
        const found = all.get(path)
        all.delete(path)
        if (found !== undefined) all.set(to + path.slice(from.length), found)
      }
    },
    async remove(path) {
      const found = all.get(path)
      all.delete(path)
      await found?.file.close()
    },
  }
}
