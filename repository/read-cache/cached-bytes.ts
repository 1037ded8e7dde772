// Bytes that were fetched lately, as files of this machine: bounded in number and size, the longest unused go first. Each is encrypted with a
// key of its own that only the memory of this process has: what is read is what was kept, or is not read at all; what is dropped is gone
// for good whatever the disk remembers; and what a process leaves nobody reads. docs/decisions/0363-a-cache-in-front-of-the-bucket.md
import { join } from 'node:path'
import type { Files } from '../../ports/files.js'
import type { Randomness } from '../../ports/randomness.js'
import { chunkBytes } from '../../soap/message.js'
import type { Place, PlacedContent } from '../content-store.js'
import { keyBytes, openChunk, sealChunk, tagBytes } from '../encryption/sealed-bytes.js'

export interface CachedBytes {
  /** Undefined where it is not kept, or not as it was. */
  take(content: PlacedContent): Promise<Buffer | undefined>
  sizeBytes(content: PlacedContent): number | undefined
  /** Copies them; where there is much to do, or no room, it does not. */
  keep(content: PlacedContent, bytes: Buffer): void
  /** When it resolves nobody can read any of it. */
  drop(id: string): Promise<void>
  clear(): Promise<void>
  readonly heldBytes: number
}

export interface OpenCachedBytes {
  files: Pick<Files, 'create' | 'open' | 'remove' | 'removeFolder' | 'makeFolder'>
  randomness: Randomness
  /** Its own: what is there is removed. */
  folder: string
  mostBytes: number
  /** Whether anything more may be kept now. */
  hasRoom?: () => boolean
}

interface Entry {
  place: Place
  key: Buffer
  path: string
  /** As kept. */
  sealedBytes: number
  /** False where it could not be. */
  written: Promise<boolean>
}

/** One chunk of a document, encrypted or not: what is longer is read by ranges, and asks rarely for its length. */
const mostOfOne = chunkBytes + tagBytes
/** An entry takes some three hundred bytes of memory. */
const mostEntries = 50_000
const mostWriting = 8

/** `folder` is emptied first: what an earlier process has left nobody can decrypt. */
export async function openCachedBytes(options: OpenCachedBytes): Promise<CachedBytes> {
  const { files, randomness, folder, mostBytes, hasRoom = () => true } = options
  await files.removeFolder(folder)
  await files.makeFolder(folder, { mode: 0o700 })
  /** The one unused for longest first. */
  const entries = new Map<string, Entry>()
  const going = new Map<string, Promise<void>>()
  let heldBytes = 0
  let writing = 0
  let number = 0

  async function write(path: string, bytes: Buffer): Promise<boolean> {
    writing += 1
    try {
      const file = await files.create(path, { mode: 0o600 })
      try {
        await file.write(bytes)
      } finally {
        await file.close()
      }
      return true
    } catch {
      return false
    } finally {
      writing -= 1
    }
  }

  function drop(id: string): Promise<void> {
    const entry = entries.get(id)
    if (entry === undefined) return going.get(id) ?? Promise.resolve()
    entries.delete(id)
    entry.key.fill(0)
    heldBytes -= entry.sealedBytes
    const gone = Promise.all([going.get(id), entry.written])
      // Without its key a file that stays is noise.
      .then(() => files.remove(entry.path).catch(() => {}))
      .finally(() => {
        if (going.get(id) === gone) going.delete(id)
      })
    going.set(id, gone)
    return gone
  }

  function makeRoom(): void {
    for (const id of entries.keys()) {
      if (heldBytes <= mostBytes && entries.size <= mostEntries) return
      void drop(id)
    }
  }

  async function read({ path, key, sealedBytes }: Entry, id: string): Promise<Buffer> {
    const file = await files.open(path)
    try {
      return openChunk(await file.read(0, sealedBytes), { key, id, index: 0 })
    } finally {
      await file.close()
    }
  }

  return {
    async take({ id, place }) {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      if (entry.place === place && (await entry.written)) {
        const found = await read(entry, id).catch(() => undefined)
        if (found !== undefined) {
          if (entries.delete(id)) entries.set(id, entry)
          return found
        }
      }
      if (entries.get(id) === entry) await drop(id)
      return undefined
    },
    sizeBytes({ id, place }) {
      const entry = entries.get(id)
      return entry?.place === place ? entry.sealedBytes - tagBytes : undefined
    },
    keep({ id, place }, bytes) {
      const sealedBytes = bytes.length + tagBytes
      const isTooMuch = bytes.length > mostOfOne || sealedBytes > mostBytes || writing >= mostWriting
      if (isTooMuch || entries.has(id) || !hasRoom()) return
      const key = randomness.bytes(keyBytes)
      const path = join(folder, String(number++))
      const written = write(path, sealChunk(bytes, { key, id, index: 0 }))
      const entry = { place, key, path, sealedBytes, written }
      entries.set(id, entry)
      heldBytes += sealedBytes
      void written.then(isThere => (isThere || entries.get(id) !== entry ? undefined : drop(id)))
      makeRoom()
    },
    drop,
    async clear() {
      await Promise.all([...entries.keys()].map(drop))
      await Promise.all(going.values())
    },
    get heldBytes() {
      return heldBytes
    },
  }
}
