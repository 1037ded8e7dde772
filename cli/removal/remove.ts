// `carnet remove ID…`: finds what has to go together, shows it, and removes metadata and documents. `--resume` goes on with what was interrupted.
import { type Administration, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { oneLine } from '../table.js'
import { type Journal, journalsIn, openJournal } from './journal.js'
import { type PlannedDocument, type PlannedObject, planRemoval, type RemovalPlan } from './plan.js'
import { runRemoval } from './run.js'

export interface RemoveOptions extends DeploymentOptions {
  yes?: boolean
  withDependents?: boolean
  resume?: boolean
}

export async function remove(ids: string[], options: RemoveOptions, context: Context): Promise<void> {
  if (ids.length > 0 === (options.resume === true)) {
    throw new Failure('usage', 'name what to remove (entryUUIDs or uniqueIds), or say --resume.')
  }
  const deployment = await openDeployment(options, context)
  const administration = await openAdministration(deployment, options, context)
  try {
    const work = { administration, deployment, options, context }
    if (options.resume === true) return await resume(options, work)
    const plan = await planFor(ids, work)
    show(plan, context)
    assertWanted(plan, options)
    if (options.yes !== true)
      return context.terminal.print(`nothing was removed yet; the same again with --yes does it`)
    await runRemoval(await openJournal(deployment.folder, unfinishedOf(plan), context), work)
    context.terminal.print('done; nothing is left of it')
  } finally {
    administration.close()
  }
}

interface Work {
  administration: Administration
  deployment: Deployment
  options: RemoveOptions
  context: Context
}

const isUuid = (id: string) => id.startsWith('urn:uuid:')

/** A uniqueId is that of documents or of a submission set; of which nobody knows anything, of a document whose metadata are gone. */
async function planFor(ids: string[], { administration, deployment }: Work): Promise<RemovalPlan> {
  const asked: string[] = []
  const undescribed: string[] = []
  for (const id of ids) {
    const found = isUuid(id) ? await withVersions(id, administration) : await byUniqueId(id, administration)
    asked.push(...found)
    if (found.length > 0) continue
    if (isUuid(id)) throw new Failure('refused', `The registry has no entry, submission set or folder ${id}.`)
    undescribed.push(id)
  }
  const [hidden] = await administration.described(undescribed)
  if (hidden !== undefined) {
    throw new Failure(
      'refused',
      `The registry has entries for ${hidden} that it does not tell this certificate; nothing was removed. It tells them to partners with the role admin or document-administrator.`,
    )
  }
  const plan = await planRemoval([...new Set(asked)], administration)
  const { repositoryUniqueId } = deployment.config.repository
  const { kept } =
    undescribed.length === 0
      ? { kept: [] }
      : await administration.resource<{ kept: string[] }>('repository', 'documents/kept', { uniqueIds: undescribed })
  const unknown = undescribed.filter(id => !kept.includes(id))
  if (unknown.length > 0) {
    throw new Failure(
      'refused',
      `Neither the registry nor the repository knows ${unknown.join(', ')}; it may be gone already.`,
    )
  }
  const isOurs = (document: PlannedDocument) => document.repositoryUniqueId === repositoryUniqueId
  const elsewhere = plan.documents.filter(document => !isOurs(document))
  return {
    objects: plan.objects,
    documents: [...plan.documents.filter(isOurs), ...kept.map(uniqueId => ({ uniqueId, repositoryUniqueId }))],
    staying: [
      ...plan.staying,
      ...elsewhere.map(each => `${each.uniqueId}, in the repository ${each.repositoryUniqueId}: have it removed there`),
    ],
  }
}

/** With one version of an entry all others go, or the one before it would be the document again. */
async function withVersions(id: string, looks: Administration): Promise<string[]> {
  const [entry] = await looks.documentEntries({ entryUUIDs: [id] })
  if (entry?.uniqueId === undefined || entry.logicalID === undefined) return byEntryUUID(id, looks)
  const { uniqueId, logicalID } = entry
  const versions = (await looks.documentEntries({ uniqueId })).filter(each => each.logicalID === logicalID)
  return [...new Set([id, ...versions.map(({ entryUUID }) => entryUUID)])]
}

async function byEntryUUID(id: string, looks: Administration): Promise<string[]> {
  const entries = await looks.documentEntries({ entryUUIDs: [id] })
  if (entries.length > 0) return [id]
  if ((await looks.submissionSet({ entryUUID: id })) !== undefined) return [id]
  return (await looks.folders([id])).length > 0 ? [id] : []
}

/** All versions of a document, and all entries that describe it. */
async function byUniqueId(uniqueId: string, looks: Administration): Promise<string[]> {
  const entries = await looks.documentEntries({ uniqueId })
  if (entries.length > 0) return entries.map(({ entryUUID }) => entryUUID)
  const set = await looks.submissionSet({ uniqueId })
  return set === undefined ? [] : [set.entryUUID]
}

const reasons: Readonly<Record<PlannedObject['why'], string>> = {
  asked: 'as asked',
  member: 'member of the submission set',
  joined: '',
  empty: 'would be left without a member',
  dependent: 'made from what goes',
}

function show({ objects, documents, staying }: RemovalPlan, { terminal }: Context): void {
  for (const { kind, name, why } of objects.filter(each => each.kind !== 'Association')) {
    terminal.print(`remove   ${kind}  ${oneLine(name)}  (${reasons[why]})`)
  }
  const associations = objects.filter(({ kind }) => kind === 'Association').length
  if (associations > 0) terminal.print(`remove   ${associations} Association(s) that join them`)
  for (const { uniqueId, repositoryUniqueId } of documents) {
    terminal.print(`remove   the document ${oneLine(uniqueId)} in the repository ${oneLine(repositoryUniqueId)}`)
  }
  for (const reason of staying) terminal.print(`stays    the document ${oneLine(reason)}`)
}

function assertWanted({ objects }: RemovalPlan, { withDependents }: RemoveOptions): void {
  const dependents = objects.filter(({ why, kind }) => why === 'dependent' && kind === 'DocumentEntry')
  if (dependents.length === 0 || withDependents === true) return
  throw new Failure(
    'refused',
    `${dependents.length} document(s) were made from what is to go (transformations, signatures, snapshots) and would go too; nothing was removed. Say --with-dependents if that is meant.`,
  )
}

function unfinishedOf({ objects, documents }: RemovalPlan): Journal['unfinished'] {
  return {
    objects: objects.map(({ entryUUID }) => entryUUID),
    entries: objects.filter(({ kind }) => kind !== 'Association').map(({ entryUUID }) => entryUUID),
    documents,
  }
}

async function resume(options: RemoveOptions, work: Work): Promise<void> {
  const { deployment, context } = work
  const journals = await journalsIn(deployment.folder, context)
  if (journals.length === 0) return context.terminal.print('no removal was interrupted')
  if (options.yes !== true) {
    for (const { unfinished } of journals) {
      const { objects, documents } = unfinished
      context.terminal.print(`interrupted: ${objects.length} object(s), ${documents.length} document(s) to go`)
    }
    return context.terminal.print(`"carnet remove --resume --yes${dataFlag(options)}" goes on`)
  }
  for (const journal of journals) await goOn(journal, work)
  context.terminal.print('done; nothing is left of it')
}

/** Whether the registry has done it is told by what it still has: all of it, or nothing. */
async function goOn(journal: Journal, work: Work): Promise<void> {
  const { objects, entries, documents } = journal.unfinished
  if (objects.length > 0) {
    const present: string[] = []
    for (const id of entries) present.push(...(await byEntryUUID(id, work.administration)))
    if (present.length === 0) await journal.keep({ objects: [], entries, documents })
    else if (present.length < entries.length) {
      throw new Failure(
        'refused',
        `Of ${entries.length} objects of an interrupted removal ${present.length} are there, which no removal leaves so; plan anew: carnet remove ${present[0]}`,
      )
    }
  }
  await runRemoval(journal, work)
}
