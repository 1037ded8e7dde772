// `carnet restore FOLDER`: a backup examined, byte for byte, or made into a data folder of its own that `carnet start` runs from.
// Nothing that is there is overwritten.
import { createHash } from 'node:crypto'
import { dirname, join, relative, resolve } from 'node:path'
import { documentsFolderOf } from '../config/documents-place.js'
import { loadConfig } from '../config/load.js'
import { piecesOf } from '../ports/files.js'
import { placeInFiles } from '../repository/backed-up.js'
import { documentPath } from '../repository/content-files.js'
import { integrityOf } from '../store/integrity.js'
import {
  type BackupFile,
  documentsOf,
  factsOf,
  generationsIn,
  type Manifest,
  pathInBackup,
  readManifest,
} from './backup-folder.js'
import type { Context } from './context.js'
import { Failure } from './failure.js'
import { mebibytes } from './quantities.js'
import { relocated } from './restored-config.js'

export interface RestoreOptions {
  /** A folder that is not there yet, or is empty. */
  data?: string
  /** The generation; the newest otherwise. */
  at?: string
  /** Reads again what was written; without `data` examines the backup alone. */
  verify?: boolean
}

interface Restore {
  folder: string
  generation: string
  manifest: Manifest
  context: Context
  /** What is wrong, in words. */
  found: string[]
}

const mostTold = 20

export async function restore(given: string, options: RestoreOptions, context: Context): Promise<void> {
  if (options.data === undefined && options.verify !== true) {
    throw new Failure('usage', 'give --data with a new folder, or --verify to examine the backup alone.')
  }
  const folder = resolve(context.terminal.workingFolder, given)
  const generation = await generationAsked(folder, options, context)
  const manifest = await readManifest(folder, generation, context)
  const work: Restore = { folder, generation, manifest, context, found: [] }
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

async function generationAsked(folder: string, { at }: RestoreOptions, context: Context): Promise<string> {
  const all = await generationsIn(folder, context)
  const newest = all.at(-1)
  if (newest === undefined)
    throw new Failure('usage', `${folder} holds no whole backup; "carnet backup --to" makes one.`)
  if (at === undefined || all.includes(at)) return at ?? newest
  throw new Failure('usage', `There is no backup ${at}; there are ${all.slice(-10).join(', ')}.`)
}

/** Every file of the generation, and every document that it names. */
async function examine(work: Restore): Promise<void> {
  const { folder, generation, manifest, context, found } = work
  for (const file of [...manifest.databases, ...manifest.config, manifest.documents.list]) {
    context.terminal.progress(file.file)
    found.push(...differences(file, await factsIfThere(join(folder, generation, file.file), context)))
  }
  for (const { file } of manifest.databases) found.push(...(await integrity(join(folder, generation, file))))
  await eachDocument(work, async document => {
    const facts = await factsIfThere(pathInBackup(folder, document.id), context)
    found.push(...differences({ file: `document ${document.id}`, ...document }, facts))
  })
  context.terminal.print(`documents   ${manifest.documents.count}, ${mebibytes(manifest.documents.bytes)}`)
}

async function make(data: string, { verify }: RestoreOptions, work: Restore): Promise<void> {
  const { folder, generation, manifest, context, found } = work
  const { files } = context.ports
  await assertNew(data, context)
  const partial = `${data}.partial`
  await files.removeFolder(partial)
  await files.makeFolder(partial)
  for (const file of manifest.config) {
    const target = join(partial, relative('config', file.file))
    found.push(...(await copied(file, join(folder, generation, file.file), target, work)))
  }
  for (const line of await relocated(join(partial, 'carnet.json'), data, context)) context.terminal.print(line)
  const config = await loadConfig(join(partial, 'carnet.json'), context.ports)
  const places = { registry: config.registry, repository: config.repository, audit: config.atnaAudit }
  for (const database of manifest.databases) {
    const target = places[database.service].database
    found.push(...(await copied(database, join(folder, generation, database.file), target, work)))
    if (verify === true) found.push(...(await integrity(target)))
  }
  if (manifest.databases.some(({ service }) => service === 'repository')) await placeInFiles(config.repository.database)
  await eachDocument(work, async document => {
    const target = documentPath(documentsFolderOf(config.repository), document.id)
    const file = { file: `document ${document.id}`, ...document }
    found.push(...(await copied(file, pathInBackup(folder, document.id), target, work)))
    if (verify === true) found.push(...differences(file, await factsIfThere(target, context)))
  })
  await files.rename(partial, data)
  context.terminal.print(
    `restored    ${data}: ${manifest.documents.count} documents, ${mebibytes(manifest.documents.bytes)}`,
  )
  for (const { service, why } of manifest.elsewhere)
    context.terminal.complain(`restore the database of the ${service} by its own means; ${why}`)
  for (const path of manifest.left) context.terminal.complain(`not in the backup: ${path}`)
  context.terminal.print(`next: npx carnet start --data ${data}; then: npx carnet fsck --data ${data}`)
}

async function assertNew(data: string, { ports: { files } }: Context): Promise<void> {
  const found = await files.stat(data)
  if (found === undefined) return
  if (found.isFolder && (await files.list(data)).length === 0) return files.removeFolder(data)
  throw new Failure('usage', `${data} is there already; nothing is overwritten: name a new folder with --data.`)
}

/** The disk has many files together sooner than one after another. */
const atOnce = 32

async function eachDocument(
  work: Restore,
  see: (document: { id: string; sizeBytes: number; sha256: string }) => Promise<void>,
): Promise<void> {
  const { folder, generation, manifest, context, found } = work
  const { count } = manifest.documents
  if (manifest.documents.list.file === '') return
  let seen = 0
  let batch: Promise<void>[] = []
  for await (const document of documentsOf(folder, generation, context)) {
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

/** Copies, durably, and compares what was read. */
async function copied(file: BackupFile, from: string, to: string, { context }: Restore): Promise<string[]> {
  const { files } = context.ports
  if ((await files.stat(from)) === undefined) return differences(file, undefined)
  await files.makeFolder(dirname(to))
  const target = await files.create(to, { mode: /\.(key|p12)$/.test(to) ? 0o600 : 0o640 })
  const digest = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const piece of piecesOf(files, from)) {
      digest.update(piece)
      sizeBytes += piece.length
      await target.write(piece)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  await files.syncFolder(dirname(to))
  return differences(file, { sizeBytes, sha256: digest.digest('hex') })
}

async function factsIfThere(
  path: string,
  context: Context,
): Promise<{ sizeBytes: number; sha256: string } | undefined> {
  return (await context.ports.files.stat(path)) === undefined ? undefined : factsOf(path, context)
}

function differences(expected: BackupFile, facts: { sizeBytes: number; sha256: string } | undefined): string[] {
  if (facts === undefined) return [`${expected.file} is missing`]
  if (facts.sizeBytes !== expected.sizeBytes) {
    return [`${expected.file} has ${facts.sizeBytes} bytes instead of ${expected.sizeBytes}`]
  }
  return facts.sha256 === expected.sha256 ? [] : [`${expected.file} is damaged: other bytes than were backed up`]
}

async function integrity(database: string): Promise<string[]> {
  return (await integrityOf(database)).map(line => `${database}: ${line}`)
}
