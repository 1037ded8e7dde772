// Carries out a removal in the safe order: metadata first, all or nothing; then the documents that nothing describes any more.
// ITI-62, ITI-86; docs/decisions/0123.
import { PartnerUnavailable } from '../../soap/call.js'
import type { Administration } from '../administration.js'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertSuccess, lineOf } from '../in-words.js'
import type { Journal } from './journal.js'
import type { PlannedDocument } from './plan.js'

/** Documents in one request: each is answered when all of them are gone. */
const atOnce = 50

interface Running {
  administration: Administration
  options: DeploymentOptions
  context: Context
}

/** @throws Failure when something is left; the journal then says what. */
export async function runRemoval(journal: Journal, running: Running): Promise<void> {
  await removeObjects(journal, running)
  const left = await removeAll(journal, running)
  if (left.length === 0) return journal.forget()
  await journal.keep({ ...journal.unfinished, documents: left.map(({ document }) => document) })
  const lines = left.map(({ document, why }) => `  ${document.uniqueId}: ${why}`)
  throw new Failure(
    'refused',
    [`${left.length} document(s) are left; "carnet remove --resume" tries again:`, ...lines].join('\n'),
  )
}

async function removeObjects(journal: Journal, { administration, options, context }: Running): Promise<void> {
  const { objects, entries, documents } = journal.unfinished
  if (objects.length === 0) return
  try {
    const { response, traceId } = await administration.removeMetadata(objects)
    if (response.status !== 'Success') await journal.forget()
    assertSuccess(response, 'The removal of the metadata', traceId, options)
    context.terminal.print(`metadata of ${objects.length} object(s) removed (trace ${traceId})`)
  } catch (problem) {
    if (!(problem instanceof PartnerUnavailable)) throw problem
    throw new Failure(
      'unreachable',
      `${problem.message}; whether the metadata were removed is not known, and nothing else was done: "carnet remove --resume" finds out and goes on.`,
    )
  }
  await journal.keep({ objects: [], entries, documents })
}

interface Left {
  document: PlannedDocument
  why: string
}

async function removeAll(journal: Journal, running: Running): Promise<Left[]> {
  const { administration, context } = running
  const { documents } = journal.unfinished
  const left: Left[] = []
  for (let at = 0; at < documents.length; at += atOnce) {
    context.terminal.progress(`documents removed: ${at} of ${documents.length}`)
    const undescribed: PlannedDocument[] = []
    for (const document of documents.slice(at, at + atOnce)) {
      // Asked at the last moment: somebody may have registered it again meanwhile.
      const described = await administration.described([document.uniqueId])
      if (described.length === 0) undescribed.push(document)
      else left.push({ document, why: 'the registry has an entry for it, which its domain may hide from queries' })
    }
    left.push(...(await removeDocuments(undescribed, running)))
    const rest = [...left.map(each => each.document), ...documents.slice(at + atOnce)]
    await journal.keep({ ...journal.unfinished, documents: rest })
  }
  context.terminal.progress('')
  if (documents.length > 0) {
    const gone = documents.length - left.length
    context.terminal.print(`${gone} of ${documents.length} document(s) removed, or gone before`)
  }
  return left
}

async function removeDocuments(documents: PlannedDocument[], { administration }: Running): Promise<Left[]> {
  if (documents.length === 0) return []
  const requests = documents.map(({ uniqueId, repositoryUniqueId }) => ({
    documentUniqueId: uniqueId,
    repositoryUniqueId,
  }))
  const { response, traceId } = await administration.removeDocuments(requests)
  if (response.status === 'Success') return []
  const errors = response.errors.filter(({ severity }) => severity === 'Error')
  const general = errors.find(({ location }) => !documents.some(({ uniqueId }) => uniqueId === location))
  return documents.flatMap(document => {
    const own = errors.find(({ location }) => location === document.uniqueId)
    // It was not there: what is asked for twice is gone after the first time.
    if (own?.errorCode === 'XDSDocumentUniqueIdError') return []
    const error = own ?? general
    return error === undefined ? [] : [{ document, why: `${lineOf(error).trim()} (trace ${traceId})` }]
  })
}
