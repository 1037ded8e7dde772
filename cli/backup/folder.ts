// How a backup lies in its folder: a generation for each run, and the documents of all generations beside them, each once.
//
//   documents/ab/cd/ID          as in a data folder
//   pieces/ab/NAME              rows of tables, each piece once for all generations (table-pieces.ts)
//   20261125T141500Z/           a generation; `.partial` behind its name until it is whole
//     manifest.json             what is in it, with digests
//     registry.sqlite  repository.sqlite  audit.sqlite
//     registry.delta …          of an earlier generation, in the place of these: what the next one has otherwise (chain.ts)
//     registry.tables …         in the place of a file, where a database is on a server: its tables, and of which pieces they are made
//     documents.txt             a line each: id, bytes, SHA-256
//     config/                   carnet.json and what it names, keys only when asked for
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { documentPath } from '../../repository/content-files.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import type { Vault } from './vault.js'

/** A folder of backups, and how it is read and written. */
export interface Place {
  folder: string
  vault: Vault
  context: Context
}

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
  databases: ManifestDatabase[]
  /** Databases that were on a server. */
  tables?: ManifestTables[]
  /** Its databases do not lean on those of the next. */
  staysWhole?: true
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

export interface ManifestDatabase extends BackupFile {
  service: BackedUpService
  /** In the place of the file: it has to be made of the database in the generation `from`. */
  delta?: BackupFile & { from: string }
}

export interface ManifestTables extends BackupFile {
  service: BackedUpService
  rows: number
  bytes: number
  /** Of these, what no backup before had. */
  newBytes: number
}

export type BackedUpService = 'registry' | 'repository' | 'audit' | 'patient-index'

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

/** Names tell the order: none may stand before the newest, be it of the same second or of a clock that has been set back since. */
export function generationAfter(newest: string | undefined, epochMs: number): string {
  const name = generationName(epochMs)
  if (newest === undefined || newest < name) return name
  const [, day = '', time = ''] = /^(\d{8})T(\d{6})Z$/.exec(newest) ?? []
  const parts = [day.replace(/^(....)(..)/, '$1-$2-'), time.replace(/^(..)(..)/, '$1:$2:')]
  return generationName(Date.parse(`${parts.join('T')}Z`) + 1_000)
}

const isGeneration = (name: string) => /^\d{8}T\d{6}Z$/.test(name)

export const pathInBackup = (folder: string, id: string) => documentPath(join(folder, 'documents'), id)

/** Whole ones, oldest first. */
export async function generationsIn({ folder, context }: Pick<Place, 'folder' | 'context'>): Promise<string[]> {
  const { files } = context.ports
  if ((await files.stat(folder)) === undefined) return []
  return (await files.list(folder)).filter(isGeneration).sort()
}

/** Of a backup that nothing can be made of any more. */
export class DamagedManifest extends Failure {
  constructor(path: string) {
    super(
      'refused',
      `${path} cannot be read: this backup is damaged. Restore another one with --at; move this one away, so that others can be made and pruned.`,
    )
  }
}

/** @throws DamagedManifest where it is not there or cannot be read, Failure where it cannot be decrypted with the keys that were given. */
export async function readManifest({ folder, vault }: Place, generation: string): Promise<Manifest> {
  const path = join(folder, generation, manifestFile)
  try {
    const pieces: Buffer[] = []
    for await (const piece of vault.read(path)) pieces.push(piece)
    const manifest = JSON.parse(String(Buffer.concat(pieces))) as Manifest
    if (manifest.format === 1) return manifest
  } catch (problem) {
    if (problem instanceof Failure) throw problem
    // Said below.
  }
  throw new DamagedManifest(path)
}

/** A backup exists from here on: all that it names must be on the disk before. */
export function writeManifest(place: Place, generation: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`
  return writeWhole(place, join(place.folder, generation, manifestFile), Buffer.from(text))
}

/** In the place of what may be there, at once. */
export async function writeWhole({ vault, context }: Place, path: string, bytes: Buffer): Promise<void> {
  const { files } = context.ports
  const beside = `${path}.new`
  await files.remove(beside)
  const file = await vault.create(beside)
  try {
    await file.write(bytes)
    await file.finish()
  } finally {
    await file.close()
  }
  await files.syncFile(beside)
  await files.rename(beside, path)
}

/** The list of a generation, line by line. */
export const documentsOf = (place: Place, generation: string) =>
  listedIn(place, join(place.folder, generation, listFile))

export async function* listedIn({ vault }: Pick<Place, 'vault'>, list: string): AsyncGenerator<ListedDocument> {
  for await (const line of linesIn(vault.read(list))) {
    const [id = '', sizeBytes, sha256 = ''] = line.split(' ')
    yield { id, sizeBytes: Number(sizeBytes), sha256 }
  }
}

export async function* linesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

export interface Facts {
  sizeBytes: number
  sha256: string
}

export const factsOf = ({ vault }: Pick<Place, 'vault'>, path: string): Promise<Facts> =>
  factsOfPieces(vault.read(path))

/** `write` puts each piece where it belongs, before the next is asked for. */
export async function factsOfPieces(
  pieces: AsyncIterable<Buffer>,
  write?: (piece: Buffer) => Promise<void>,
): Promise<Facts> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  for await (const piece of pieces) {
    digest.update(piece)
    sizeBytes += piece.length
    await write?.(piece)
  }
  return { sizeBytes, sha256: digest.digest('hex') }
}
