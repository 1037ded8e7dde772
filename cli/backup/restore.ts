// `carnet restore FOLDER`: a backup examined, byte for byte, or made into a data folder of its own that `carnet start` runs from.
// Nothing that is there is overwritten.
import { dirname, join, relative, resolve } from 'node:path'
import { documentsFolderOf } from '../../config/documents-place.js'
import { loadConfig } from '../../config/load.js'
import { type OpenFile, piecesOf } from '../../ports/files.js'
import { markRemoved, placeInFiles, placeInFilesOnServer } from '../../repository/administration/backed-up.js'
import { documentPath } from '../../repository/content-files.js'
import { integrityOf, integrityOfWritten } from '../../store/integrity.js'
import type { Context } from '../context.js'
import { dataFlag } from '../deployment.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { brokenLinks, databaseIn } from './chain.js'
import {
  type BackupFile,
  documentsOf,
  type Facts,
  factsOfPieces,
  generationsIn,
  type Manifest,
  type ManifestDatabase,
  type Place,
  pathInBackup,
  readManifest,
} from './folder.js'
import { newFolder } from './new-folder.js'
import { emptyTargets, examineTables, fillTargets, type TargetOptions, targetsFor } from './restore-tables.js'
import { relocated } from './restored-config.js'
import { type BackupTarget, openBackupTarget, type StorageOption } from './target.js'
import { forgetUnregistered } from './unregistered.js'
import { openVault } from './vault.js'

export interface RestoreOptions extends StorageOption, TargetOptions {
  /** A folder that is not there yet, or is empty. */
  data?: string
  /** The generation; the newest otherwise. */
  at?: string
  /** Reads again what was written; without `data` examines the backup alone. */
  verify?: boolean
  /** File of the keys, where the backup is encrypted. */
  encryptionKeys?: string
}

interface Restore extends Place {
  generation: string
  manifest: Manifest
  /** What is wrong, in words. */
  found: string[]
  /** What lies there is no file of this machine. */
  isBucket: boolean
}

const mostTold = 20

export async function restore(given: string, options: RestoreOptions, context: Context): Promise<void> {
  const target = await openBackupTarget(given, options, context)
  try {
    await restoreFrom(target, options)
  } finally {
    await target.close()
  }
}

async function restoreFrom(target: BackupTarget, options: RestoreOptions): Promise<void> {
  const { folder, context, isBucket } = target
  if (options.data === undefined && options.verify !== true) {
    throw new Failure('usage', 'give --data with a new folder, or --verify to examine the backup alone.')
  }
  const place = { folder, vault: await openVault(folder, options.encryptionKeys, context), context }
  const generation = await generationAsked(place, options)
  const manifest = await readManifest(place, generation)
  const work: Restore = { ...place, generation, manifest, found: [], isBucket }
  context.terminal.print(`backup      ${generation}, begun ${manifest.began}`)
  if (options.data === undefined) await examine(work)
  else await make(resolve(context.terminal.workingFolder, options.data), options, work)
  context.terminal.progress('')
  for (const line of work.found.slice(0, mostTold)) context.terminal.complain(line)
  if (work.found.length > 0) {
    throw new Failure(
      'refused',
      `${work.found.length} things are not as they were backed up; restore another backup with --at, or bring these back from elsewhere.`,
    )
  }
  context.terminal.print('verified: all is as it was backed up')
}

async function generationAsked(place: Place, { at }: RestoreOptions): Promise<string> {
  const { folder } = place
  const all = await generationsIn(place)
  const newest = all.at(-1)
  if (newest === undefined)
    throw new Failure('usage', `${folder} holds no whole backup; "carnet backup --to" makes one.`)
  if (at === undefined || all.includes(at)) return at ?? newest
  throw new Failure('usage', `There is no backup ${at}; there are ${all.slice(-10).join(', ')}.`)
}

/** Every file of the generation and of those that it leans on, and every document that it names. */
async function examine(work: Restore): Promise<void> {
  const { folder, generation, manifest, context, found } = work
  for (const file of [...manifest.config, manifest.documents.list]) {
    context.terminal.progress(file.file)
    found.push(...differences(file, await factsIfThere(join(folder, generation, file.file), work)))
  }
  for (const database of manifest.databases) {
    context.terminal.progress(database.file)
    found.push(...(await examineDatabase(database, work)))
  }
  for (const tables of manifest.tables ?? []) {
    context.terminal.progress(tables.file)
    await examineTables(tables, work)
  }
  await eachDocument(work, async document => {
    const facts = await factsIfThere(pathInBackup(folder, document.id), work)
    found.push(...differences({ file: `document ${document.id}`, ...document }, facts))
  })
  context.terminal.print(`documents   ${manifest.documents.count}, ${mebibytes(manifest.documents.bytes)}`)
}

async function examineDatabase(database: ManifestDatabase, work: Restore): Promise<string[]> {
  const { folder, vault, generation, manifest, context } = work
  const inPlace = join(folder, generation, database.file)
  const broken = await brokenLinks(work, generation, manifest, database.service)
  if (broken.length > 0) return broken
  if (database.delta === undefined && !vault.isSealed && !work.isBucket) return integrity(inPlace, database.file)
  // SQLite looks into files alone, and in clear.
  const pieces = databaseIn(work, generation, manifest, database.service)
  let wrong: string[] = []
  const found = await integrityOfWritten(async file => {
    wrong = await written(database, pieces, file)
    return wrong.length === 0
  }, context.ports.files)
  return found?.map(line => `${database.file}: ${line}`) ?? wrong
}

/** The database as it was backed up, of all that it leans on; false where that is damaged, which is told. */
async function madeWhole(database: ManifestDatabase, to: string, work: Restore): Promise<boolean> {
  const { generation, manifest, found } = work
  const broken = await brokenLinks(work, generation, manifest, database.service)
  found.push(...broken)
  if (broken.length > 0) return false
  const wrong = await copied(database, databaseIn(work, generation, manifest, database.service), to, work)
  found.push(...wrong)
  return wrong.length === 0
}

async function make(data: string, options: RestoreOptions, work: Restore): Promise<void> {
  const { manifest, context } = work
  const targets = targetsFor(manifest, options)
  const place = await newFolder(data, context)
  try {
    await fill(place.partial, data, { ...options, targets }, work)
    await place.keep()
  } catch (problem) {
    // A disk may be full of it.
    await place.drop().catch(() => {})
    throw problem
  }
  context.terminal.print(
    `restored    ${data}: ${manifest.documents.count} documents, ${mebibytes(manifest.documents.bytes)}`,
  )
  for (const { service, why } of manifest.elsewhere) {
    context.terminal.complain(`restore the database of the ${service} by its own means; ${why}`)
    if (service === 'repository') context.terminal.complain(`then, in it, before the start: ${placeInFilesOnServer}`)
  }
  for (const path of manifest.left) context.terminal.complain(`not in the backup: ${path}`)
  const flag = dataFlag({ data })
  context.terminal.print(`next: npx carnet start${flag}; then: npx carnet fsck${flag}`)
}

interface Filling extends RestoreOptions {
  targets: ReturnType<typeof targetsFor>
}

/** `partial` with all that the data folder is to have. */
async function fill(
  partial: string,
  data: string,
  { targets, verify, databasePasswordFile }: Filling,
  work: Restore,
): Promise<void> {
  const { folder, generation, manifest, context, found } = work
  const { files } = context.ports
  for (const file of manifest.config) {
    const target = join(partial, relative('config', file.file))
    found.push(...(await copiedFile(file, join(folder, generation, file.file), target, work)))
  }
  const passwordFile = databasePasswordFile && resolve(context.terminal.workingFolder, databasePasswordFile)
  for (const line of await relocated(join(partial, 'carnet.json'), data, context, { ...targets, passwordFile }))
    context.terminal.print(line)
  const config = await loadConfig(join(partial, 'carnet.json'), context.ports)
  const places = {
    registry: config.registry,
    repository: config.repository,
    audit: config.atnaAudit,
    'patient-index': config.patientIndex,
  }
  // Before anything is copied that takes long; all of it, or nothing, before the documents.
  const servers = await emptyTargets(config, work)
  await fillTargets(servers, verify === true, work)
  for (const database of manifest.databases) {
    const target = places[database.service]?.database
    // Its settings are in the backup too: a database without them is nobody's.
    if (target === undefined)
      throw new Failure('refused', `${database.file} is of a service that carnet.json does not have.`)
    const isWhole = await madeWhole(database, target, work)
    if (isWhole && verify === true) found.push(...(await integrity(target, target)))
  }
  if ((await files.stat(config.repository.database)) !== undefined) {
    await markRemoved(config.repository.database, manifest.removedMeanwhile)
    await placeInFiles(config.repository.database)
  }
  await forgetUnregistered(config, servers, context)
  await eachDocument(work, async document => {
    const target = documentPath(documentsFolderOf(config.repository), document.id)
    const file = { file: `document ${document.id}`, ...document }
    found.push(...(await copiedFile(file, pathInBackup(folder, document.id), target, work)))
    if (verify === true) found.push(...differences(file, await factsWritten(target, context)))
  })
}

/** The disk has many files together sooner than one after another. */
const atOnce = 32

async function eachDocument(
  work: Restore,
  see: (document: { id: string; sizeBytes: number; sha256: string }) => Promise<void>,
): Promise<void> {
  const { generation, manifest, context, found } = work
  const { count } = manifest.documents
  if (manifest.documents.list.file === '') return
  let seen = 0
  let batch: Promise<void>[] = []
  for await (const document of documentsOf(work, generation)) {
    const seeing = see(document)
    // It is awaited with the others of its batch; until then its failure must not count as one that nobody sees.
    seeing.catch(() => {})
    batch.push(seeing)
    seen += 1
    if (batch.length < atOnce) continue
    await Promise.all(batch)
    batch = []
    context.terminal.progress(`documents: ${seen} of ${count}`)
  }
  await Promise.all(batch)
  if (seen !== count) found.push(`the list of documents has ${seen} lines instead of ${count}`)
}

async function copiedFile(file: BackupFile, from: string, to: string, work: Restore): Promise<string[]> {
  if ((await work.context.ports.files.stat(from)) === undefined) return differences(file, undefined)
  return copied(file, work.vault.read(from), to, work)
}

/** Copies, durably, and compares what was read. */
async function copied(
  file: BackupFile,
  from: AsyncIterable<Buffer>,
  to: string,
  { context }: Restore,
): Promise<string[]> {
  const { files } = context.ports
  await files.makeFolder(dirname(to))
  const target = await files.create(to, { mode: /\.(key|p12)$/.test(to) ? 0o600 : 0o640 })
  let wrong: string[]
  try {
    wrong = await written(file, from, target)
    await target.sync()
  } finally {
    await target.close()
  }
  await files.syncFolder(dirname(to))
  return wrong
}

/** Compares what was read; damage that decryption finds is told like any other. */
async function written(file: BackupFile, from: AsyncIterable<Buffer>, target: OpenFile): Promise<string[]> {
  try {
    return differences(file, await factsOfPieces(from, piece => target.write(piece)))
  } catch (problem) {
    if (!(problem instanceof Failure) || problem.reason !== 'refused') throw problem
    return [problem.message]
  }
}

async function factsIfThere(path: string, { vault, context }: Place): Promise<Facts | string | undefined> {
  if ((await context.ports.files.stat(path)) === undefined) return undefined
  try {
    return await factsOfPieces(vault.read(path))
  } catch (problem) {
    if (!(problem instanceof Failure) || problem.reason !== 'refused') throw problem
    return problem.message
  }
}

async function factsWritten(path: string, { ports: { files } }: Context): Promise<Facts | undefined> {
  return (await files.stat(path)) === undefined ? undefined : factsOfPieces(piecesOf(files, path))
}

/** `facts` may be what was wrong already. */
function differences(expected: BackupFile, facts: Facts | string | undefined): string[] {
  if (typeof facts === 'string') return [facts]
  if (facts === undefined) return [`${expected.file} is missing`]
  if (facts.sizeBytes !== expected.sizeBytes) {
    return [`${expected.file} has ${facts.sizeBytes} bytes instead of ${expected.sizeBytes}`]
  }
  return facts.sha256 === expected.sha256 ? [] : [`${expected.file} is damaged: other bytes than were backed up`]
}

async function integrity(database: string, name: string): Promise<string[]> {
  return (await integrityOf(database)).map(line => `${name}: ${line}`)
}
