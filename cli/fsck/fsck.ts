// `carnet fsck`: holds registry, repository and audit of a running deployment against one another, reads every document, and says what
// does not agree. With --repair it does what cannot make anything worse, and says what it did. docs/decisions/0241.
import { dirname, resolve } from 'node:path'
import { isoOf } from '../../ports/clock.js'
import { openParcelSource } from '../admin-parcels.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { examineDocuments, examineEntries, examineUnsettled } from './passes.js'
import { repair } from './repair.js'
import { type Examination, type Found, findingsIn, type Report } from './report.js'

export interface FsckOptions extends DeploymentOptions {
  /** MiB of documents to read in a second. */
  rate: string
  /** False: the bytes of documents are not read. */
  bytes: boolean
  json?: boolean
  /** A file for the report as JSON. */
  report?: string
  repair?: boolean
  /** A folder of backups, to repair damaged documents from. */
  from?: string
  /** Where these are encrypted. */
  encryptionKeys?: string
  /** Where these are in a bucket. */
  storage?: string
}

export async function fsck(options: FsckOptions, context: Context): Promise<void> {
  const { terminal, ports } = context
  const bytesPerSecond = rateIn(options)
  await assertPlaces(options, context)
  const deployment = await openDeployment(options, context)
  const administration = await openAdministration(deployment, options, context)
  const source = await openParcelSource(deployment, options, context)
  const report: Report = {
    began: isoOf(ports.clock.now()),
    ended: '',
    looked: { documents: 0, bytes: 0, entries: 0 },
    found: [],
  }
  const examination: Examination = { deployment, administration, source, context, report, ...bytesPerSecond }
  try {
    await examineUnsettled(examination)
    await examineDocuments(examination)
    await examineEntries(examination)
    terminal.progress('')
    if (options.repair === true) await repair(examination, options)
  } finally {
    source.close()
    administration.close()
  }
  terminal.progress('')
  report.ended = isoOf(ports.clock.now())
  await tell(report, options, context)
}

/** Before hours of reading, not behind them. */
async function assertPlaces({ report, repair: isRepair, from }: FsckOptions, { terminal, ports }: Context) {
  if (from !== undefined && isRepair !== true)
    throw new Failure('usage', '--from is where --repair takes the bytes of damaged documents from: give both.')
  const folders = [report === undefined ? undefined : dirname(report), from?.startsWith('s3://') ? undefined : from]
  for (const folder of folders) {
    if (folder === undefined) continue
    const found = await ports.files.stat(resolve(terminal.workingFolder, folder))
    if (found?.isFolder !== true) throw new Failure('usage', `${folder} is no folder; check the name.`)
  }
  if (report !== undefined && (await ports.files.stat(resolve(terminal.workingFolder, report)))?.isFolder === true)
    throw new Failure('usage', `${report} is a folder; name a file for the report.`)
}

function rateIn({ rate, bytes }: FsckOptions): { bytesPerSecond: number | undefined } {
  const mebibytes = Number(rate)
  if (!(mebibytes > 0)) throw new Failure('usage', '--rate is a number of MiB a second, above 0.')
  return { bytesPerSecond: bytes ? mebibytes * 1024 * 1024 : undefined }
}

async function tell(report: Report, options: FsckOptions, context: Context): Promise<void> {
  const { terminal, ports } = context
  const json = `${JSON.stringify(report, undefined, 1)}\n`
  // What took hours is told before a disk that is full can hinder it.
  if (options.json === true) terminal.print(json.trimEnd())
  else for (const line of inWords(report)) terminal.print(line)
  const left = report.found.filter(({ repaired }) => repaired === undefined)
  if (left.length > 0) terminal.endWith(1)
  if (options.report !== undefined) {
    await ports.files.replace(resolve(terminal.workingFolder, options.report), json, { mode: 0o600 })
  }
}

const mostTold = 200

function inWords({ looked, found }: Report): string[] {
  const mebibytes = Math.round(looked.bytes / 1024 / 1024)
  const told = found.slice(0, mostTold).map(lineOf)
  return [
    `looked at   ${looked.documents} documents (${mebibytes} MiB read), ${looked.entries} entries`,
    ...told,
    ...(found.length > told.length ? [`… and ${found.length - told.length} more: --report FILE has all`] : []),
    findingsIn(found),
    ...(found.length > 0 ? ['what each of them is, and what to do: docs/OPERATIONS.md, Examine'] : []),
  ]
}

function lineOf({ kind, words, repaired }: Found): string {
  return `${kind.padEnd(16)}${words}${repaired === undefined ? '' : ` — ${repaired}`}`
}
