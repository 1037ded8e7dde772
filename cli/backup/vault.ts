// How files lie in the folder of backups: as they are, or each encrypted with a key of its own, which a key-encryption key wraps
// (`--encryption-keys`, a file as for the documents of a repository). Whoever has the folder alone then reads nothing in it. docs/decisions/0275.
import { relative, resolve, sep } from 'node:path'
import { type OpenFile, piecesOf } from '../../ports/files.js'
import { type KeyRing, keysInFile } from '../../repository/encryption/key-ring.js'
import {
  type ChunkOf,
  keyBytes,
  openChunk,
  sealChunk,
  sealedChunkBytes,
  sealedSize,
} from '../../repository/encryption/sealed-bytes.js'
import type { WrappedKey } from '../../repository/encryption/sealed-place.js'
import { CannotStart } from '../../server/service.js'
import { chunkBytes } from '../../soap/message.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { spansOf } from './spans.js'

export interface Vault {
  readonly isSealed: boolean
  /** @throws Failure where it lies there in the other way, or the keys do not open it. */
  read(path: string): AsyncGenerator<Buffer>
  create(path: string): Promise<VaultFile>
  /** Whether a whole file of this content can have so many bytes in the folder. */
  fits(bytesInFolder: number, contentBytes: number): boolean
}

export interface VaultFile {
  write(bytes: Buffer): Promise<void>
  /** All is written; it is durable once it has been synced. */
  finish(): Promise<void>
  /** Also where it was not finished. */
  close(): Promise<void>
}

const mode = { mode: 0o600 }

/** `keys` is a file, named as on the command line. @throws Failure where they cannot be used. */
export async function openVault(folder: string, keys: string | undefined, context: Context): Promise<Vault> {
  if (keys === undefined) return plainVault(context)
  try {
    const path = resolve(context.terminal.workingFolder, keys)
    return sealedVault(folder, await keysInFile(path, context.ports), context)
  } catch (problem) {
    throw problem instanceof CannotStart ? new Failure('configuration', problem.message) : problem
  }
}

function plainVault({ ports: { files } }: Context): Vault {
  return {
    isSealed: false,
    async *read(path) {
      let isFirst = true
      for await (const piece of piecesOf(files, path)) {
        if (isFirst && isSealed(piece))
          throw new Failure('usage', `${path} is encrypted; name the file of its keys with --encryption-keys.`)
        isFirst = false
        yield piece
      }
    },
    async create(path) {
      const file = await files.create(path, mode)
      return { write: bytes => file.write(bytes), finish: async () => {}, close: () => file.close() }
    },
    fits: (bytesInFolder, contentBytes) => bytesInFolder === contentBytes,
  }
}

function sealedVault(folder: string, keys: KeyRing, { ports: { files, randomness } }: Context): Vault {
  /** A file that lies in the place of another is found out; what is being written has the name that it will have. */
  const idOf = (path: string) =>
    relative(folder, path)
      .split(sep)
      .join('/')
      .replace(/\.(partial|new)(?=\/|$)/g, '')

  return {
    isSealed: true,
    async *read(path) {
      const id = idOf(path)
      const spans = spansOf(piecesOf(files, path), sealedChunkBytes, headBytes)
      try {
        const key = await opened(keys, wrappedIn((await spans.next()).value, path), id, path)
        let index = 0
        for await (const sealed of spans) {
          yield openedChunk(sealed, { key, id, index }, path)
          index += 1
        }
      } finally {
        await spans.return(undefined)
      }
    },
    async create(path) {
      const id = idOf(path)
      const key = Buffer.from(randomness.bytes(keyBytes))
      const head = headOf(await keys.wrap(key, id))
      const file = await files.create(path, mode)
      try {
        await file.write(head)
      } catch (problem) {
        await file.close()
        throw problem
      }
      return sealing(file, { key, id })
    },
    fits: (bytesInFolder, contentBytes) => bytesInFolder === headBytes + sealedSize(contentBytes),
  }
}

/** What is written is sealed in chunks, one behind the other. */
function sealing(file: OpenFile, of: Omit<ChunkOf, 'index'>): VaultFile {
  let held: Buffer[] = []
  let heldBytes = 0
  let index = 0

  async function seal(): Promise<void> {
    await file.write(sealChunk(Buffer.concat(held), { ...of, index }))
    index += 1
    held = []
    heldBytes = 0
  }

  return {
    async write(bytes) {
      for (let rest = bytes; rest.length > 0; ) {
        const some = rest.subarray(0, chunkBytes - heldBytes)
        held.push(some)
        heldBytes += some.length
        rest = rest.subarray(some.length)
        if (heldBytes === chunkBytes) await seal()
      }
    },
    finish: async () => (heldBytes > 0 ? seal() : undefined),
    close: () => file.close(),
  }
}

async function opened(keys: KeyRing, wrapped: WrappedKey, id: string, path: string): Promise<Buffer> {
  try {
    return await keys.unwrap(wrapped, id)
  } catch (problem) {
    throw new Failure('refused', `${path} cannot be decrypted: ${(problem as Error).message}`)
  }
}

function openedChunk(sealed: Buffer, chunk: ChunkOf, path: string): Buffer {
  try {
    return openChunk(sealed, chunk)
  } catch (problem) {
    throw new Failure('refused', `${path} is damaged: ${(problem as Error).message}`)
  }
}

/** In front of the chunks: which key has wrapped this file's own, padded so that all heads are as long. */
const headBytes = 512
const mark = 'carnet sealed 1 '

function headOf({ name, bytes }: WrappedKey): Buffer {
  const line = `${mark}${name} ${Buffer.from(bytes).toString('base64')}`
  return Buffer.from(`${line.padEnd(headBytes - 1)}\n`)
}

const isSealed = (head: Buffer) => head.subarray(0, mark.length).toString() === mark

function wrappedIn(head: Buffer | undefined, path: string): WrappedKey {
  if (head === undefined || !isSealed(head))
    throw new Failure('refused', `${path} is not encrypted; leave --encryption-keys out.`)
  const [name = '', bytes = ''] = head.subarray(mark.length).toString().trim().split(' ')
  return { name, bytes: Buffer.from(bytes, 'base64') }
}
