// `carnet backup --to PLACE`: a consistent copy of a deployment that goes on serving. The services hand out what is theirs, to an
// administrator and audited; documents that an earlier backup has are not copied again. docs/decisions/0240.
import { join } from 'node:path'
import { isoOf } from '../ports/clock.js'
import { piecesOf } from '../ports/files.js'
import { documentsIn, markRemoved } from '../repository/backed-up.js'
import { NotHandedOut, openParcelSource, type ParcelSource, writeFileOf } from './admin-parcels.js'
import { type Administration, openAdministration } from './administration.js'
import { shrinkEarlier } from './backup-chain.js'
import { copyConfig } from './backup-config.js'
import { copyDocuments } from './backup-documents.js'
import {
  type BackedUpService,
  type Facts,
  factsOfPieces,
  generationName,
  generationsIn,
  type ListedDocument,
  type Manifest,
  type Place,
  partialSuffix,
  prune,
  readManifest,
  writeManifest,
} from './backup-folder.js'
import { type BackupTarget, openBackupTarget, type StorageOption } from './backup-target.js'
import { openVault } from './backup-vault.js'
import type { Context } from './context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from './deployment.js'
import { Failure } from './failure.js'
import { mebibytes } from './quantities.js'

export interface BackupOptions extends DeploymentOptions, StorageOption {
  to: string
  withKeys?: boolean
  /** Generations that stay. */
  keep?: string
  /** File of the keys by which all is encrypted. */
  encryptionKeys?: string
}

/** One run. */
export interface Backup extends Place {
  deployment: Deployment
  administration: Administration
  source: ParcelSource
  /** Where this generation is put together. */
  generation: string
  /** Where databases lie in clear, to be looked into: the generation itself, unless that is to be encrypted or in a bucket. */
  scratch: string
  manifest: Manifest
  withKeys: boolean
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
  assertOutside(target, deployment)
  const source = await openParcelSource(deployment, options, context)
  const lock = await target.lock()
  const administration = await openAdministration(deployment, options, context)
  const place = { folder, vault: await openVault(folder, options.encryptionKeys, context), context }
  const lookedAtElsewhere = place.vault.isSealed || target.isBucket
  const scratch = lookedAtElsewhere ? await ports.files.temporaryFolder('carnet-backup-') : undefined
  try {
    const [newest] = (await generationsIn(place)).slice(-1)
    // One folder is encrypted or it is not, and always by keys that are at hand.
    if (newest !== undefined) await readManifest(place, newest)
    const name = generationName(ports.clock.now())
    const generation = join(folder, `${name}${partialSuffix}`)
    const manifest = emptyManifest(isoOf(ports.clock.now()))
    const withKeys = options.withKeys === true
    await make({
      ...place,
      deployment,
      administration,
      source,
      generation,
      scratch: scratch ?? generation,
      manifest,
      withKeys,
    })
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
    if (scratch !== undefined) await ports.files.removeFolder(scratch)
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
  const repository = await copyDatabase('repository', run)
  if (repository !== undefined) {
    await copyDocuments(documentsIn(repository), run)
    await markRemoved(repository, run.manifest.removedMeanwhile)
  } else {
    await copyDocuments(documentsTold(run), run)
  }
  if (run.deployment.config.patientIndex !== undefined) await copyDatabase('patient-index', run)
  await copyDatabase('audit', run)
  await copyConfig(run)
  if (run.manifest.removedMeanwhile.length > 0) await measureAgain('repository', run)
  if (run.scratch !== run.generation) await putDatabases(run)
  run.manifest.ended = isoOf(clock.now())
  await writeManifest(run, `${generationName(Date.parse(run.manifest.began))}${partialSuffix}`, run.manifest)
}

/** By the repository, where its database is on a server: those that it has now, and so those of a copy made before but for what was removed. */
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

/** Where the copy is; undefined when the database is not the service's own to hand out. */
async function copyDatabase(service: BackedUpService, run: Backup): Promise<string | undefined> {
  const { deployment, source, scratch, manifest, context } = run
  const file = `${service}.sqlite`
  const progress = (bytes: number) => context.terminal.progress(`${service}: database, ${mebibytes(bytes)}`)
  progress(0)
  try {
    const { urls } = deployment
    const url = service === 'patient-index' ? urls.patientIndex : urls[service]
    const parcels = source.parcels(`${url}/admin/backup/database`)
    const vault = await openVault(scratch, undefined, context)
    const written = await writeFileOf(parcels, join(scratch, file), { vault, context }, progress)
    await parcels.next()
    manifest.databases.push({ service, file, ...(written as Facts) })
    return join(scratch, file)
  } catch (problem) {
    if (!(problem instanceof NotHandedOut) || problem.status !== 409) throw problem
    manifest.elsewhere.push({ service, why: problem.message })
    return undefined
  }
}

async function measureAgain(service: BackedUpService, { scratch, manifest, context }: Backup): Promise<void> {
  for (const database of manifest.databases.filter(each => each.service === service)) {
    Object.assign(database, await factsOfPieces(piecesOf(context.ports.files, join(scratch, database.file))))
  }
}

async function putDatabases({ scratch, generation, manifest, vault, context }: Backup): Promise<void> {
  const { files } = context.ports
  for (const { file } of manifest.databases) {
    const sealed = await vault.create(join(generation, file))
    try {
      for await (const piece of piecesOf(files, join(scratch, file))) await sealed.write(piece)
      await sealed.finish()
    } finally {
      await sealed.close()
    }
    await files.syncFile(join(generation, file))
  }
}

/** Whoever sweeps the bucket of the documents, or moves them away, would meet the backups there. */
function assertOutside({ name, isBucket }: BackupTarget, { config }: Deployment): void {
  const { documents } = config.repository
  const isInside = (a: string, b: string) => a === b || a.startsWith(`${b}/`)
  if (!isBucket || !(isInside(name, documents) || isInside(documents, name))) return
  throw new Failure(
    'usage',
    `The documents themselves are in ${documents}; name another prefix, or better another storage.`,
  )
}

function emptyManifest(began: string): Manifest {
  return {
    format: 1,
    began,
    ended: '',
    databases: [],
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
  const { databases, documents, elsewhere, left, removedMeanwhile, damaged } = manifest
  for (const { service, sizeBytes } of databases) terminal.print(`${service.padEnd(11)} ${mebibytes(sizeBytes)}`)
  terminal.print(`documents   ${documents.count}, ${mebibytes(documents.bytes)}`)
  for (const { service, why } of elsewhere)
    terminal.complain(`not in this backup: the database of the ${service}; ${why}`)
  for (const path of left) terminal.complain(`not in this backup: ${path}`)
  if (removedMeanwhile.length > 0)
    terminal.print(`removed while this backup was made: ${removedMeanwhile.length} documents`)
  for (const { id, why } of damaged) terminal.complain(`damaged: document ${id}: ${why}`)
  terminal.print(`backup      ${to}/${name}`)
  const keys = `${flags}${options.encryptionKeys === undefined ? '' : ` --encryption-keys ${options.encryptionKeys}`}`
  terminal.print(
    `verify it: npx carnet restore ${to} --verify${keys}; run it: npx carnet restore ${to} --data NEW${keys}`,
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
