// How a backup lies in its folder: a generation for each run, and the documents of all generations beside them, each once.
//
//   documents/ab/cd/ID          as in a data folder
//   20261125T141500Z/           a generation; `.partial` behind its name until it is whole
//     manifest.json             what is in it, with digests
//     registry.sqlite  repository.sqlite  audit.sqlite
//     documents.txt             a line each: id, bytes, SHA-256
//     config/                   carnet.json and what it names, keys only when asked for
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { piecesOf } from '../ports/files.js'
import { documentPath } from '../repository/content-files.js'
import type { Context } from './context.js'
import { Failure } from './failure.js'

export interface BackupFile {
  /** Below the generation. */
  file: string
  sizeBytes: number
  sha256: string
}

export interface Manifest {
  format: 1
  /** Whatever was acknowledged before it began is in it. */
  began: string
  ended: string
  databases: (BackupFile & { service: BackedUpService })[]
  /** Databases that are backed up elsewhere, and why. */
  elsewhere: { service: BackedUpService; why: string }[]
  documents: { count: number; bytes: number; list: BackupFile }
  config: BackupFile[]
  /** What carnet.json names outside of the data folder, and keys where they were not asked for. */
  left: string[]
  /** Documents that were removed while the backup was made. */
  removedMeanwhile: string[]
  /** Documents whose bytes are damaged where they are kept. */
  damaged: { id: string; why: string }[]
}

export type BackedUpService = 'registry' | 'repository' | 'audit'

export interface ListedDocument {
  id: string
  sizeBytes: number
  sha256: string
}

export const manifestFile = 'manifest.json'
export const listFile = 'documents.txt'
export const partialSuffix = '.partial'

export function generationName(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')
}

const isGeneration = (name: string) => /^\d{8}T\d{6}Z$/.test(name)

export const pathInBackup = (folder: string, id: string) => documentPath(join(folder, 'documents'), id)

/** Whole ones, oldest first. */
export async function generationsIn(folder: string, { ports }: Context): Promise<string[]> {
  if ((await ports.files.stat(folder)) === undefined) return []
  return (await ports.files.list(folder)).filter(isGeneration).sort()
}

export async function readManifest(folder: string, generation: string, { ports }: Context): Promise<Manifest> {
  const path = join(folder, generation, manifestFile)
  try {
    const manifest = JSON.parse(String(await ports.files.readFile(path))) as Manifest
    if (manifest.format === 1) return manifest
  } catch {
    // Said below.
  }
  throw new Failure('refused', `${path} cannot be read; name another backup with --at, or make a new one.`)
}

/** The list of a generation, line by line. */
export async function* documentsOf(
  folder: string,
  generation: string,
  { ports }: Context,
): AsyncGenerator<ListedDocument> {
  let rest = ''
  for await (const piece of piecesOf(ports.files, join(folder, generation, listFile))) {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [id = '', sizeBytes, sha256 = ''] = line.split(' ')
      yield { id, sizeBytes: Number(sizeBytes), sha256 }
    }
  }
}

export async function factsOf(path: string, { ports }: Context): Promise<{ sizeBytes: number; sha256: string }> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  for await (const piece of piecesOf(ports.files, path)) {
    digest.update(piece)
    sizeBytes += piece.length
  }
  return { sizeBytes, sha256: digest.digest('hex') }
}

/** Removes generations but the newest `keep`, and documents that none of these names. */
export async function prune(
  folder: string,
  keep: number,
  context: Context,
): Promise<{ generations: number; documents: number }> {
  const { files } = context.ports
  const all = await generationsIn(folder, context)
  const leaving = all.slice(0, Math.max(0, all.length - keep))
  if (leaving.length === 0) return { generations: 0, documents: 0 }
  for (const generation of leaving) await files.removeFolder(join(folder, generation))
  const named = new Set<string>()
  for (const generation of all.slice(-keep)) {
    for await (const { id } of documentsOf(folder, generation, context)) named.add(id)
  }
  let documents = 0
  for await (const id of documentsPresent(folder, context)) {
    if (named.has(id)) continue
    await files.remove(pathInBackup(folder, id))
    documents += 1
  }
  return { generations: leaving.length, documents }
}

async function* documentsPresent(folder: string, { ports: { files } }: Context): AsyncGenerator<string> {
  const root = join(folder, 'documents')
  if ((await files.stat(root)) === undefined) return
  for (const outer of await files.list(root)) {
    for (const inner of await files.list(join(root, outer))) yield* await files.list(join(root, outer, inner))
  }
}
