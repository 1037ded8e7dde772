// `carnet backup --to PLACE`: a consistent copy of a deployment that goes on serving. The services hand out what is theirs, to an
// administrator and audited; documents that an earlier backup has are not copied again. docs/decisions/0240.
import { basename, join } from 'node:path'
import { isoOf } from '../../ports/clock.js'
import { isOutOfSpace } from '../../repository/full-disk.js'
import type { Parcel } from '../../server/administration/parcels.js'
import { listParcelName, tableParcelNames } from '../../server/administration/table-parcels.js'
import { NotHandedOut, nextFile, openParcelSource, receiveFile, writeFileOf } from '../admin-parcels.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFlag, openDeployment, shellWord } from '../deployment.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { shrinkEarlier } from './chain.js'
import { copyConfig } from './config.js'
import { copyDocuments } from './documents.js'
import {
  type BackedUpService,
  DamagedManifest,
  type Facts,
  generationAfter,
  generationName,
  generationsIn,
  type ListedDocument,
  listedIn,
  type Manifest,
  type Place,
  partialSuffix,
  readManifest,
  writeManifest,
} from './folder.js'
import { assertOutside } from './outside.js'
import { prune } from './pruning.js'
import type { Backup } from './run.js'
import { copyTables } from './tables.js'
import { type BackupTarget, openBackupTarget, type StorageOption } from './target.js'
import { openVault } from './vault.js'

export interface BackupOptions extends DeploymentOptions, StorageOption {
  to: string
  withKeys?: boolean
  /** Generations that stay. */
  keep?: string
  /** File of the keys by which all is encrypted. */
  encryptionKeys?: string
}

export async function backup(options: BackupOptions, given: Context): Promise<void> {
  const target = await openBackupTarget(options.to, options, given)
  try {
    await backUp(options, target)
  } finally {
    await target.close()
  }
}

async function backUp(options: BackupOptions, target: BackupTarget): Promise<void> {
  const { folder, context } = target
  const { ports, terminal } = context
  const keep = keepIn(options)
  const deployment = await openDeployment(options, context)
  await assertOutside(target, deployment)
  const source = await openParcelSource(deployment, options, context)
  const lock = await target.lock()
  const administration = await openAdministration(deployment, options, context)
  const place = { folder, vault: await openVault(folder, options.encryptionKeys, context), context }
  try {
    const all = await generationsIn(place)
    const former = await newestWhole(all, place)
    const name = nameBehind(all.at(-1), context)
    const generation = join(folder, `${name}${partialSuffix}`)
    const manifest = emptyManifest(isoOf(ports.clock.now()))
    const withKeys = options.withKeys === true
    await make({
      ...place,
      deployment,
      administration,
      source,
      generation,
      former,
      manifest,
      withKeys,
      isBucket: target.isBucket,
    }).catch(problem => leftWithoutRoom(problem, generation, target))
    await ports.files.rename(generation, join(folder, name))
    terminal.progress('')
    tell(name, manifest, options, target)
    if (keep !== undefined) tellPruned(await prune(place, keep), context)
    tellShrunk(await shrinkEarlier(place), context)
    if (manifest.damaged.length > 0) terminal.endWith(1)
  } finally {
    source.close()
    administration.close()
    await lock.release()
  }
}

/**
 * The registry first: what it knows by then its repository had before, and has after, unless it was removed meanwhile.
 * The audit last: what waited for it in the two others is there by then, or still waits in their copies.
 */
async function make(run: Backup): Promise<void> {
  const { files, clock } = run.context.ports
  await removePartial(run)
  await files.makeFolder(run.generation, { mode: 0o700 })
  await copyDatabase('registry', run)
  const list = await copyDatabase('repository', run)
  await copyDocuments(list === undefined ? documentsTold(run) : listedIn(run, list), run)
  if (list !== undefined) await files.remove(list)
  if (run.deployment.config.patientIndex !== undefined) await copyDatabase('patient-index', run)
  await copyDatabase('audit', run)
  await copyConfig(run)
  run.manifest.ended = isoOf(clock.now())
  await writeManifest(run, basename(run.generation), run.manifest)
}

/** Nobody else shall want for room because of it. */
async function leftWithoutRoom(problem: unknown, generation: string, { name, context }: BackupTarget): Promise<never> {
  if (!isOutOfSpace(problem)) throw problem
  await context.ports.files.removeFolder(generation).catch(() => {})
  throw new Failure(
    'usage',
    `There is no room for this backup in ${name}: make some, by removing the oldest backups there (folders named by their time; later ones need no earlier ones), and run it again. Documents that have come stay for it.`,
  )
}

/** One folder is encrypted or it is not, and always by keys that are at hand. What is damaged holds up none that is made after it. */
async function newestWhole(generations: readonly string[], place: Place): Promise<string | undefined> {
  for (const generation of generations.toReversed()) {
    try {
      await readManifest(place, generation)
      return generation
    } catch (problem) {
      if (!(problem instanceof DamagedManifest)) throw problem
      place.context.terminal.complain(problem.message)
    }
  }
  return undefined
}

/** More than this is no second backup within a second. */
const clockIsWrongMs = 60_000

function nameBehind(newest: string | undefined, { ports: { clock }, terminal }: Context): string {
  const now = clock.now()
  const name = generationAfter(newest, now)
  if (name > generationName(now + clockIsWrongMs))
    terminal.complain(
      `by the clock of this machine it is ${isoOf(now)}, and there is a backup ${newest}: see which is wrong. This one is named ${name}, so that it is the newest.`,
    )
  return name
}

/** By a repository that hands out no list with its database: those that it has now, and so those of a copy made before but for what was removed. */
async function* documentsTold({ administration }: Backup): AsyncGenerator<ListedDocument> {
  for (let after = ''; ; ) {
    const query = new URLSearchParams({ after, limit: '200' })
    const answer = await administration.resource<{ documents: ListedDocument[] }>(
      'repository',
      `examine/documents?${query}`,
    )
    yield* answer.documents
    const last = answer.documents.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

/** What an interrupted backup has left; its documents stay and are not copied again. */
async function removePartial({ folder, context }: Backup): Promise<void> {
  const { files } = context.ports
  const left = (await files.list(folder)).filter(name => name.endsWith(partialSuffix))
  for (const name of left) await files.removeFolder(join(folder, name))
}

/** Where the list of documents is that came with it. */
async function copyDatabase(service: BackedUpService, run: Backup): Promise<string | undefined> {
  const { deployment, source, manifest, context } = run
  context.terminal.progress(`${service}: database`)
  const { urls } = deployment
  const url = service === 'patient-index' ? urls.patientIndex : urls[service]
  const parcels = source.parcels(`${url}/admin/backup/database`)
  try {
    const first = await nextFile(parcels)
    if (first === tableParcelNames.schema) await copyTables(service, parcels, run)
    else await copyFile(service, parcels, run)
    return (await nextFile(parcels)) === listParcelName ? await copyList(parcels, run) : undefined
  } catch (problem) {
    if (!(problem instanceof NotHandedOut) || problem.status !== 409) throw problem
    manifest.elsewhere.push({ service, why: problem.message })
    return undefined
  } finally {
    await parcels.return(undefined)
  }
}

async function copyFile(service: BackedUpService, parcels: AsyncGenerator<Parcel>, run: Backup): Promise<void> {
  const file = `${service}.sqlite`
  const progress = (bytes: number) => run.context.terminal.progress(`${service}: database, ${mebibytes(bytes)}`)
  const written = await writeFileOf(parcels, join(run.generation, file), run, progress)
  run.manifest.databases.push({ service, file, ...(written as Facts) })
}

/** Read to its end before the documents are asked for: the service holds its copy until then. */
async function copyList(parcels: AsyncGenerator<Parcel>, run: Backup): Promise<string> {
  const list = join(run.generation, askedFile)
  await receiveFile(parcels, list, run)
  await nextFile(parcels)
  return `${list}${partialSuffix}`
}

const askedFile = 'documents.asked'

function emptyManifest(began: string): Manifest {
  return {
    format: 1,
    began,
    ended: '',
    databases: [],
    tables: [],
    elsewhere: [],
    documents: { count: 0, bytes: 0, list: { file: '', sizeBytes: 0, sha256: '' } },
    config: [],
    left: [],
    removedMeanwhile: [],
    damaged: [],
  }
}

function keepIn({ keep }: BackupOptions): number | undefined {
  if (keep === undefined) return undefined
  const number = Number(keep)
  if (Number.isInteger(number) && number >= 1) return number
  throw new Failure('usage', '--keep is a whole number from 1.')
}

function tell(
  name: string,
  manifest: Manifest,
  options: BackupOptions,
  { name: to, flags, context: { terminal } }: BackupTarget,
): void {
  const { databases, tables, documents, elsewhere, left, removedMeanwhile, damaged } = manifest
  for (const { service, sizeBytes } of databases) terminal.print(`${service.padEnd(11)} ${mebibytes(sizeBytes)}`)
  for (const { service, rows, bytes, newBytes } of tables ?? [])
    terminal.print(`${service.padEnd(11)} ${rows} rows, ${mebibytes(bytes)}, of which ${mebibytes(newBytes)} new`)
  terminal.print(`documents   ${documents.count}, ${mebibytes(documents.bytes)}`)
  for (const { service, why } of elsewhere)
    terminal.complain(`not in this backup: the database of the ${service}; ${why}`)
  for (const path of left) terminal.complain(`not in this backup: ${path}`)
  if (removedMeanwhile.length > 0)
    terminal.print(`removed while this backup was made: ${removedMeanwhile.length} documents`)
  for (const { id, why } of damaged) terminal.complain(`damaged: document ${id}: ${why}`)
  terminal.print(`backup      ${to}/${name}`)
  const { encryptionKeys } = options
  const keys = `${flags}${encryptionKeys === undefined ? '' : ` --encryption-keys ${shellWord(encryptionKeys)}`}`
  const place = shellWord(to)
  const targets = (tables ?? []).map(({ service }) => ` --${service}-database postgres://…`).join('')
  terminal.print(
    `verify it: npx carnet restore ${place} --verify${keys}; run it: npx carnet restore ${place} --data NEW${targets}${keys}`,
  )
  if (damaged.length > 0) terminal.complain(`next: npx carnet fsck${dataFlag(options)}`)
}

function tellPruned(
  { generations, documents }: { generations: number; documents: number },
  { terminal }: Context,
): void {
  if (generations > 0)
    terminal.print(`pruned      ${generations} older backups and ${documents} documents that only they had`)
}

function tellShrunk({ bytes, kept }: { bytes: number; kept: string[] }, { terminal }: Context): void {
  if (bytes > 0) terminal.print(`shrunk      earlier backups by ${mebibytes(bytes)} that later ones have too`)
  for (const line of kept) terminal.complain(line)
}
