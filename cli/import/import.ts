// `carnet import`: documents in bulk, from XDM folders or from a table with files, each by an ITI-41 of its own. What is refused is told and
// does not stop the others; what was interrupted goes on; what is there already is found to be there. docs/decisions/0244.
import { resolve } from 'node:path'
import { openDomain } from '../../affinity/affinity-domain.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { sourceIdOf } from '../documents/submission.js'
import { Failure } from '../failure.js'
import { ourIdentity } from '../our-identity.js'
import { assertCx } from '../patients/patient.js'
import { bar } from '../quantities.js'
import { oneLine } from '../table.js'
import { csvItems } from './from-table.js'
import { xdmItems } from './from-xdm.js'
import type { ImportItem } from './items.js'
import { openImportJournal } from './journal.js'
import { type ImportOutcome, openImporter } from './one-item.js'

export interface ImportOptions extends DeploymentOptions {
  /** In the place of the patients of the source. */
  patient?: string
  /** Patients are announced before their first document. */
  announce?: boolean
  /** Submissions under way at a time. */
  atOnce: string
  /** A file with a line of JSON for each submission. */
  report?: string
  anew?: boolean
}

export interface ImportCounts {
  imported: number
  there: number
  before: number
  refused: number
}

const mostAtOnce = 32

export async function importDocuments(given: string, options: ImportOptions, context: Context): Promise<void> {
  const { terminal, ports } = context
  const atOnce = Number(options.atOnce)
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > mostAtOnce) {
    throw new Failure('usage', `--at-once is a whole number from 1 to ${mostAtOnce}.`)
  }
  if (options.patient !== undefined) assertCx(options.patient)
  const path = resolve(terminal.workingFolder, given)
  const deployment = await openDeployment(options, context)
  const items = () => itemsOf(path, deployment, options, context)
  const total = await countOf(items())
  const journal = await openImportJournal(deployment.folder, path, { anew: options.anew === true }, context)
  const importer = await openImporter(deployment, options, context)
  const report =
    options.report === undefined ? undefined : await ports.files.append(resolve(terminal.workingFolder, options.report))
  const counts: ImportCounts = { imported: 0, there: 0, before: 0, refused: 0 }

  async function told(item: ImportItem, outcome: ImportOutcome): Promise<void> {
    counts[outcome.kind] += 1
    if (outcome.kind === 'refused') {
      terminal.progress('')
      for (const line of outcome.errors) terminal.complain(`${item.name}: ${oneLine(line)}`)
    }
    await report?.write(Buffer.from(`${JSON.stringify({ name: item.name, ...outcome })}\n`))
    terminal.progress(progressOf(counts, total))
  }

  const ending = new AbortController()
  // The second one ends the process.
  const forgetEnd = ports.processes.onEnd(signal => {
    forgetEnd()
    terminal.progress('')
    terminal.complain('carnet: ending behind what is under way; the same again ends at once')
    ending.abort(signal)
  })
  try {
    await inLanes(items(), { atOnce, ending: ending.signal }, async item => {
      if (journal.isDone(item.key)) {
        counts.before += 1
        return
      }
      const outcome = await importer.take(item)
      if (outcome.kind !== 'refused') await journal.done(item.key)
      await told(item, outcome)
    })
  } finally {
    forgetEnd()
    terminal.progress('')
    terminal.print(inWords(counts, total))
    await report?.close()
    await journal.close()
    await importer.close()
  }
  if (ending.signal.aborted) terminal.endWith(ending.signal.reason === 'SIGINT' ? 130 : 143)
  else if (counts.refused > 0) terminal.endWith(1)
}

async function* itemsOf(
  path: string,
  deployment: Deployment,
  options: ImportOptions,
  context: Context,
): AsyncGenerator<ImportItem> {
  const found = await context.ports.files.stat(path)
  if (found === undefined) throw new Failure('usage', `${path} does not exist; check the name.`)
  if (found.isFolder) return yield* xdmItems({ folder: path, patient: options.patient }, context)
  if (!/\.csv$/i.test(path)) {
    throw new Failure('usage', `${path} is neither a folder with XDM media nor a .csv; unpack archives first.`)
  }
  const { cert } = await ourIdentity(deployment.folder, 'client', options, context)
  const domain = await openDomain(deployment.config.profile, context.ports.files)
  yield* csvItems({ file: path, patient: options.patient, sourceId: sourceIdOf(cert), domain }, context)
}

async function countOf(items: AsyncGenerator<ImportItem>): Promise<number> {
  let count = 0
  for await (const _ of items) count += 1
  if (count === 0)
    throw new Failure('usage', 'there is nothing to import: no METADATA.XML in the folder, or no row in the table.')
  return count
}

/** So many at a time; the first failure of one ends all, and whoever wants an end has it behind those that are under way. */
async function inLanes(
  items: AsyncGenerator<ImportItem>,
  { atOnce, ending }: { atOnce: number; ending: AbortSignal },
  work: (item: ImportItem) => Promise<void>,
): Promise<void> {
  let ended = false
  const lane = async () => {
    try {
      while (!ended && !ending.aborted) {
        const { value: item, done } = await items.next()
        if (done === true) return
        await work(item)
      }
    } catch (problem) {
      ended = true
      throw problem
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane))
  await items.return(undefined)
  const failed = lanes.find(each => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function progressOf({ imported, there, before, refused }: ImportCounts, total: number): string {
  const done = imported + there + before + refused
  return `${bar(done, total)} ${done} of ${total}${refused > 0 ? `, ${refused} refused` : ''}`
}

function inWords({ imported, there, before, refused }: ImportCounts, total: number): string {
  const done = imported + there + before + refused
  const parts = [
    `${imported} imported`,
    ...(there > 0 ? [`${there} were there already`] : []),
    ...(before > 0 ? [`${before} by an earlier run`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(done < total ? [`${total - done} not reached: run it again to go on`] : []),
  ]
  return parts.join(', ')
}
