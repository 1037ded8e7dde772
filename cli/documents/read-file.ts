// A file that is to be sent: its facts, read in pieces, and its bytes again as a stream.
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { piecesOf } from '../../ports/files.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { failureOf } from '../in-words.js'
import { type FileFacts, headBytes } from './metadata-from-file.js'

export interface FileToSend {
  name: string
  sizeBytes: number
  /** Its bytes, each time anew. */
  open(): AsyncIterable<Uint8Array>
}

/** Reading more than this takes long enough to show how far it is. */
const longReadingBytes = 33_554_432

interface ReadFile {
  facts: FileFacts
  file: FileToSend
}

/** Reads a file once: what is to be known of it, and how to read it again while it is sent. @throws Failure, also where the system does not let us */
export function factsOfFile(given: string, context: Context): Promise<ReadFile> {
  return readOnce(given, context).catch(problem => {
    const { code, message } = problem as NodeJS.ErrnoException
    if (typeof code !== 'string') throw problem
    const failure = failureOf(problem)
    throw failure.reason === 'usage' ? failure : new Failure('usage', `${given} cannot be read: ${message}.`)
  })
}

async function readOnce(given: string, { ports, terminal }: Context): Promise<ReadFile> {
  const path = resolve(terminal.workingFolder, given)
  const found = await ports.files.stat(path)
  if (found === undefined) throw new Failure('usage', `${path} does not exist; check the name.`)
  if (found.isFolder) throw new Failure('usage', `${path} is a folder; name the files in it.`)
  if (found.sizeBytes === 0) throw new Failure('usage', `${path} is empty; there is nothing to submit.`)
  const sha1 = createHash('sha1')
  const head: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of piecesOf(ports.files, path)) {
    if (sizeBytes < headBytes) head.push(piece.subarray(0, headBytes - sizeBytes))
    sha1.update(piece)
    sizeBytes += piece.length
    if (found.sizeBytes > longReadingBytes)
      terminal.progress(`reading ${given}: ${percent(sizeBytes, found.sizeBytes)}`)
  }
  terminal.progress('')
  const name = basename(path)
  const { modifiedMs } = found
  return {
    facts: { name, sizeBytes, sha1: sha1.digest('hex'), modifiedMs, head: Buffer.concat(head) },
    file: { name, sizeBytes, open: () => piecesOf(ports.files, path) },
  }
}

export function percent(done: number, all: number): string {
  return `${Math.min(100, Math.floor((done / all) * 100))} %`
}
