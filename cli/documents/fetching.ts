// An entry that was found, and all that it takes to fetch what it stands for. ITI-18, ITI-43.
import type { DocumentEntry } from '../../metadata/model.js'
import { retrieveDocumentSet } from '../../transactions/xds.js'
import type { RetrievedDocument } from '../../transactions/xds-messages.js'
import type { AuditedCaller } from '../audited-caller.js'
import { openCommandCaller } from '../command-caller.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertSuccess } from '../in-words.js'
import { type ElsewhereOptions, ofCommunity, reaching, withHome } from './elsewhere.js'
import { entryOf } from './stored-queries.js'

export interface RetrieveOptions extends DeploymentOptions, ElsewhereOptions {
  output: string
  /** The document is a manifest; its images are wanted. */
  images?: boolean
}

export interface Fetching {
  entry: DocumentEntry
  caller: AuditedCaller
  deployment: Deployment
  options: RetrieveOptions
  context: Context
  /** Gone afterwards. */
  folder: string
}

/** Finds the entry, here or at the community that is named, and opens a way there for as long as `work` takes. */
export async function fetching(
  uniqueId: string,
  asked: RetrieveOptions,
  context: Context,
  work: (fetching: Fetching) => Promise<void>,
): Promise<void> {
  const own = await openDeployment(asked, context)
  const options = await withHome(asked, own, context.ports)
  const deployment = reaching(own, options)
  const entry = await entryOf(uniqueId, deployment, options, context)
  if (options.home === undefined) assertOurRepository(entry, deployment)
  const { files } = context.ports
  const folder = await files.temporaryFolder('carnet-retrieve-')
  try {
    const caller = await openCommandCaller(deployment, options, context, { folder })
    try {
      await work({ entry, caller, deployment, options, context, folder })
    } finally {
      await caller.close()
    }
  } finally {
    await files.removeFolder(folder)
  }
}

/** The document of the entry; `what` is told in a failure. */
export async function retrieved(
  { entry, caller, deployment, options }: Fetching,
  what: string,
): Promise<{ document: RetrievedDocument; traceId: string }> {
  const name = { repositoryUniqueId: entry.repositoryUniqueId!, documentUniqueId: entry.uniqueId! }
  const documents = [{ ...ofCommunity(options), ...name }]
  const { response, traceId } = await caller.call(
    retrieveDocumentSet,
    { documents },
    { url: deployment.urls.repository },
  )
  assertSuccess(response, what, traceId, options)
  const [document] = response.documents
  if (document === undefined)
    throw new Failure('refused', `The repository answered without a document (trace ${traceId}).`)
  return { document, traceId }
}

function assertOurRepository({ repositoryUniqueId, uniqueId }: DocumentEntry, { config }: Deployment): void {
  if (repositoryUniqueId === config.repository.repositoryUniqueId) return
  throw new Failure(
    'refused',
    `The document ${uniqueId} is in the repository ${repositoryUniqueId}, which is not the one of this deployment (${config.repository.repositoryUniqueId}); ask there.`,
  )
}
