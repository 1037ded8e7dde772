// Where arriving bytes wait: few of them in memory, more in a file of the incoming folder, with their digests made on the way.
import { join } from 'node:path'
import { type Files, type OpenFile, piecesOf } from '../ports/files.js'
import type { Randomness } from '../ports/randomness.js'
import { keyBytes } from './chunk-digests.js'
import { type Digests, digester, digestsOf } from './digests.js'
import type { AnswerTo } from './fault.js'
import type { Spooled } from './message.js'

/** One for each process; a writer for each part that arrives. */
export interface Spool {
  receive(): SpoolWriter
}

export interface SpoolWriter {
  /** A promise means: wait before you send more. @throws SpoolFull */
  write(bytes: Uint8Array): Promise<void> | void
  end(): Promise<Spooled>
  /** Forgets what has come. */
  abort(): Promise<void>
}

/** Bytes could not be taken in: no space, no file handle, or more requests under way than the budget allows. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull'
  /** Of the request whose bytes these were, where its envelope had been read by then. */
  action?: string
  answerTo?: AnswerTo
}

export interface OpenSpool {
  files: Files
  randomness: Randomness
  /** Has to be there; whoever runs at start empties it of what a crash has left. */
  folder: string
  /** Contents up to this size stay in memory. */
  inMemoryBytes?: number
  /** As long as all of them have no more than that; only where each content is discarded in the end. */
  mostInMemoryBytes?: number
  /** Bytes on the disk of all requests under way. */
  budget?: { take(bytes: number): boolean; give(bytes: number): void }
}

/** In memory up to 64 KiB unless `inMemoryBytes` says otherwise, then in a file; not durable: whoever keeps what has come syncs it. */
export function openSpool(options: OpenSpool): Spool {
  const inMemoryBytes = options.inMemoryBytes ?? 65_536
  const held = { bytes: 0, most: options.mostInMemoryBytes ?? Number.POSITIVE_INFINITY }
  return { receive: () => receive(options, inMemoryBytes, held) }
}

interface Held {
  bytes: number
  most: number
}

/** What has come stays in memory until it is too much for that; then all of it goes to a file. */
function receive(options: OpenSpool, inMemoryBytes: number, held: Held): SpoolWriter {
  let pieces: Buffer[] = []
  let sizeBytes = 0
  let file: SpoolWriter | undefined
  return {
    write(bytes) {
      if (file !== undefined) return file.write(bytes)
      sizeBytes += bytes.byteLength
      held.bytes += bytes.byteLength
      // A copy, for a small piece may be a view of a large block that would stay alive with it.
      pieces.push(Buffer.from(bytes))
      if (sizeBytes <= inMemoryBytes && held.bytes <= held.most) return
      file = receiveInFile(options)
      const before = Buffer.concat(pieces)
      letGo()
      return file.write(before)
    },
    async end() {
      if (file !== undefined) return file.end()
      const bytes = Buffer.concat(pieces)
      pieces = []
      return inMemory(bytes, letGo)
    },
    async abort() {
      letGo()
      await file?.abort()
    },
  }

  function letGo(): void {
    pieces = []
    held.bytes -= sizeBytes
    sizeBytes = 0
  }
}

function inMemory(bytes: Buffer, letGo: () => void): Spooled {
  const spooled: Spooled & { bytes: Buffer | undefined } = {
    bytes,
    path: undefined,
    open: () => [bytes],
    keepAs: () => Promise.reject(new Error('bytes in memory have no file to keep')),
    async discard() {
      spooled.bytes = undefined
      letGo()
    },
    ...digestsOf(bytes),
  }
  return spooled
}

const blockBytes = 262_144

/** Blocks that nobody fills or writes any more: made anew for each of some thousand parts they would be gigabytes before they are collected. */
const blocks: Buffer[] = []
const mostBlocks = 32

const aBlock = (): Buffer => blocks.pop() ?? Buffer.allocUnsafeSlow(blockBytes)

function giveBlock(block: Buffer): void {
  if (blocks.length < mostBlocks) blocks.push(block)
}

// One block is filled while the other is written, so that a connection and the disk work at the same time in two blocks
// of memory; when both are full the connection has to wait.
function receiveInFile({ files, randomness, folder, budget }: OpenSpool): SpoolWriter {
  const path = join(folder, `${randomness.uuid()}.incoming`)
  const digests = digester(randomness.bytes(keyBytes))
  let opened: Promise<OpenFile> | undefined
  let filling = aBlock()
  let spare = aBlock()
  let closed = false
  let filled = 0
  let takenBytes = 0
  let writing: Promise<void> = Promise.resolve()
  let failure: SpoolFull | undefined

  const fail = (problem: unknown): never => {
    failure ??= spoolFull(problem)
    throw failure
  }
  /** The blocks may be another document's by then. */
  const assertOpen = () => {
    if (closed) throw new Error('bytes came for a document that was ended before')
  }
  const flush = (): Promise<void> => {
    assertOpen()
    const block = filling.subarray(0, filled)
    ;[filling, spare] = [spare, filling]
    filled = 0
    const before = writing
    writing = (async () => {
      await before
      opened ??= files.create(path, { mode: 0o600 })
      await (await opened).write(block)
    })()
    writing.catch(() => {})
    return before
  }
  const take = (bytes: Uint8Array): number => {
    assertOpen()
    const count = Math.min(bytes.byteLength, blockBytes - filled)
    filling.set(bytes.subarray(0, count), filled)
    filled += count
    return count
  }
  const takeRest = async (bytes: Uint8Array): Promise<void> => {
    let rest = bytes
    while (rest.byteLength > 0) {
      if (filled === blockBytes) await flush().catch(fail)
      rest = rest.subarray(take(rest))
    }
  }
  const close = async (): Promise<void> => {
    await writing.catch(() => {})
    if (!closed) for (const block of [filling, spare]) giveBlock(block)
    closed = true
    await (await opened?.catch(() => undefined))?.close()
  }
  const giveBack = () => {
    budget?.give(takenBytes)
    takenBytes = 0
  }

  return {
    write(bytes) {
      if (failure !== undefined) throw failure
      if (budget?.take(bytes.byteLength) === false)
        fail('a document cannot be taken in: too many bytes are under way in this service')
      takenBytes += bytes.byteLength
      digests.update(bytes)
      const done = take(bytes)
      return done === bytes.byteLength ? undefined : takeRest(bytes.subarray(done))
    },
    async end() {
      assertOpen()
      await flush().catch(fail)
      await writing.catch(fail)
      await close().catch(fail)
      return inFile(files, path, digests.end(), giveBack)
    },
    async abort() {
      await close().catch(() => {})
      giveBack()
      if (opened !== undefined) await gone(files, path)
    },
  }
}

/** Whoever is done with a document has done what was asked: a file that cannot be removed goes with the next start. */
const gone = (files: Files, path: string) => files.remove(path).catch(() => {})

function inFile(files: Files, path: string, digests: Digests, giveBack: () => void): Spooled {
  let there = true
  const leave = () => {
    there = false
    giveBack()
  }
  return {
    bytes: undefined,
    path,
    open: () => piecesOf(files, path),
    async keepAs(place) {
      await files.renameAndSync(path, place)
      leave()
    },
    async discard() {
      if (!there) return
      leave()
      await gone(files, path)
    },
    ...digests,
  }
}

const words: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this host',
  EIO: 'the disk reports an error',
}

// The partner reads this: a reason in words and nothing of our paths.
function spoolFull(problem: unknown): SpoolFull {
  if (typeof problem === 'string') return new SpoolFull(problem)
  const { code = 'the file cannot be written' } = problem as NodeJS.ErrnoException
  return new SpoolFull(`a document cannot be taken in: ${words[code] ?? code}`, { cause: problem })
}
