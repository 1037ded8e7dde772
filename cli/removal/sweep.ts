// `carnet sweep`: finds removals of which one half is missing, documents without metadata and metadata without documents, and with
// --repair removes the other half. It asks the services, and takes nothing for gone because a question failed. docs/decisions/0123.
import type { DocumentEntry } from '../../metadata/model.js'
import { type Administration, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { oneLine } from '../table.js'
import { journalsIn, openJournal } from './journal.js'
import { type PlannedDocument, planRemoval } from './plan.js'
import { runRemoval } from './run.js'

export interface SweepOptions extends DeploymentOptions {
  /** Where the last sweep stopped. */
  after?: string
  /** Documents to look at. */
  limit: string
  /** Of whom the entries are looked at, too. */
  patient: string[]
  repair?: boolean
  yes?: boolean
}

interface ListedDocument {
  id: string
  uniqueId: string
}

export interface Work {
  administration: Administration
  deployment: Deployment
  options: SweepOptions
  context: Context
}

export async function sweep(options: SweepOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const administration = await openAdministration(deployment, options, context)
  try {
    await sweepBy({ administration, deployment, options, context })
  } finally {
    administration.close()
  }
}

export async function sweepBy(work: Work): Promise<void> {
  const { options, context } = work
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) throw new Failure('usage', '--limit is a whole number from 1.')
  await tellOfInterrupted(work)
  const undescribed = await undescribedDocuments(limit, work)
  const empty = await entriesWithoutDocument(work)
  const found = undescribed.length + empty.length
  if (found === 0) return context.terminal.print('no half-done removal was found')
  if (options.repair !== true || options.yes !== true) {
    return context.terminal.print(`${found} found; nothing was removed: --repair --yes removes the other half of each`)
  }
  await repair(undescribed, empty, work)
}

async function tellOfInterrupted({ deployment, options, context }: Work): Promise<void> {
  const { length } = await journalsIn(deployment.folder, context)
  if (length === 0) return
  context.terminal.print(`${length} removal(s) were interrupted: "carnet remove --resume${dataFlag(options)}"`)
}

const page = 100
/** With fewer documents it may well be that nothing is registered. */
const enoughToTell = 5

/** Documents that nothing in the registry describes. */
async function undescribedDocuments(limit: number, work: Work): Promise<string[]> {
  const { administration, context, options } = work
  const undescribed: string[] = []
  let after = options.after ?? ''
  let looked = 0
  while (looked < limit) {
    const query = new URLSearchParams({ after, limit: String(Math.min(page, limit - looked)) })
    const { documents } = await administration.resource<{ documents: ListedDocument[] }>(
      'repository',
      `documents?${query}`,
    )
    const described = new Set(await administration.described(documents.map(({ uniqueId }) => uniqueId)))
    undescribed.push(...documents.map(({ uniqueId }) => uniqueId).filter(uniqueId => !described.has(uniqueId)))
    looked += documents.length
    context.terminal.progress(`documents looked at: ${looked}`)
    after = documents.at(-1)?.id ?? after
    if (documents.length === 0) break
  }
  context.terminal.progress('')
  const more = looked < limit ? '' : `; go on with --after ${after}`
  context.terminal.print(`${looked} document(s) looked at, ${undescribed.length} without metadata${more}`)
  assertRightRegistry(looked, undescribed.length, work)
  for (const uniqueId of undescribed) context.terminal.print(`no metadata   document ${oneLine(uniqueId)}`)
  return undescribed
}

/** A registry that knows not one document is another one, or a new one: it does not say that all of them were removed. */
function assertRightRegistry(looked: number, undescribed: number, { options, deployment }: Work): void {
  if (options.repair !== true || looked < enoughToTell || undescribed < looked) return
  throw new Failure(
    'refused',
    `The registry at ${deployment.urls.registry} knows none of the ${looked} documents that were looked at; it can hardly be the one they were registered in. Nothing was removed.`,
  )
}

/** Entries of the patients named that lead to our repository, which does not have their document. */
async function entriesWithoutDocument({
  administration,
  deployment,
  options,
  context,
}: Work): Promise<DocumentEntry[]> {
  const ours = deployment.config.repository.repositoryUniqueId
  const empty: DocumentEntry[] = []
  for (const patientId of options.patient) {
    const entries = (await administration.documentEntries({ patientId })).filter(
      entry => entry.repositoryUniqueId === ours && entry.objectType !== 'on-demand',
    )
    for (let at = 0; at < entries.length; at += page) {
      const part = entries.slice(at, at + page)
      const uniqueIds = part.map(({ uniqueId }) => uniqueId ?? '')
      const { kept } = await administration.resource<{ kept: string[] }>('repository', 'documents/kept', { uniqueIds })
      empty.push(...part.filter(({ uniqueId }) => !kept.includes(uniqueId ?? '')))
    }
    context.terminal.print(`${entries.length} entries of ${patientId} looked at`)
  }
  for (const { entryUUID, uniqueId } of empty) {
    context.terminal.print(`no document   DocumentEntry ${entryUUID}, uniqueId ${oneLine(uniqueId ?? '')}`)
  }
  return empty
}

async function repair(undescribed: string[], empty: DocumentEntry[], work: Work): Promise<void> {
  const { administration, deployment, context } = work
  const { repositoryUniqueId } = deployment.config.repository
  const documents: PlannedDocument[] = undescribed.map(uniqueId => ({ uniqueId, repositoryUniqueId }))
  const plan = await planRemoval(
    empty.map(({ entryUUID }) => entryUUID),
    administration,
  )
  if (plan.objects.some(({ why }) => why === 'dependent')) {
    throw new Failure(
      'refused',
      'Documents were made from some whose bytes are gone, and would go with them; nothing was removed. Decide of each with "carnet remove".',
    )
  }
  const unfinished = {
    objects: plan.objects.map(({ entryUUID }) => entryUUID),
    entries: plan.objects.filter(({ kind }) => kind !== 'Association').map(({ entryUUID }) => entryUUID),
    documents,
  }
  await runRemoval(await openJournal(deployment.folder, unfinished, context), work)
  context.terminal.print('done; nothing is left of it')
}
