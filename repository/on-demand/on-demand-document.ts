// ITI-43 of an on-demand entry: its document is made now, kept where its type says so, and handed out under an id of its own.
// ITI TF-2 §3.43.4.2.2, §3.43.4.2.3.
import type { OnDemandTypeConfig } from '../../config/repository-config.js'
import type { DocumentEntry } from '../../metadata/model.js'
import type { Timer } from '../../ports/clock.js'
import { piecesOf } from '../../ports/files.js'
import type { DocumentRequest, RegistryResponse, RetrievedDocument } from '../../transactions/xds-messages.js'
import type { RepositoryContext } from '../context.js'
import { type Miss, shownId, unknown } from '../document-requests.js'
import { keptDocument, type Retrieving } from '../kept-document.js'
import { type MadeDocument, makeDocument } from './make-document.js'
import { onDemandEntry, RegistrySilent } from './on-demand-entry.js'
import { PlugInFailed } from './plug-in.js'
import { keepSnapshot } from './snapshot.js'

/** Bounded in number (`onDemand.atOnce`) and time (`onDemand.timeoutMs`); over it a Miss that says to ask again. [ITI TF-2:3.43.4.2.2] */
export async function onDemandDocument(
  wanted: DocumentRequest,
  type: OnDemandTypeConfig,
  retrieving: Retrieving,
): Promise<RetrievedDocument | Miss> {
  const { context, exchange } = retrieving
  const { config, ports, production } = context
  if (production.underWay >= config.onDemand.atOnce) return busy
  production.underWay += 1
  try {
    const deadlineMs = ports.clock.monotonicMs() + config.onDemand.timeoutMs
    const { trace, claims, security } = exchange
    const asking = { context, trace, claims, security, deadlineMs, signal: context.closing }
    const entry = await onDemandEntry(wanted.documentUniqueId, asking)
    if (entry === undefined) return unknown(wanted)
    const made = await makeDocument(type, entry, asking)
    return type.persist && mayKeep(context)
      ? await persisted(made, entry, wanted, retrieving)
      : passing(made, entry, wanted, retrieving)
  } catch (problem) {
    return missBecause(problem, wanted, type, retrieving)
  } finally {
    production.underWay -= 1
  }
}

/** In read-only mode, and without room, what is made is handed out all the same. */
function mayKeep({ changes }: RepositoryContext): boolean {
  try {
    changes?.assertOpen('adds')
    return true
  } catch {
    return false
  }
}

/** Nothing of it stays: no NewRepositoryUniqueId says where to have it again. [ITI TF-2:3.43.4.2.2] */
function passing(
  { uniqueId, mimeType, content }: MadeDocument,
  entry: DocumentEntry,
  wanted: DocumentRequest,
  { context: { ports }, exchange }: Retrieving,
): RetrievedDocument {
  let isAsked = false
  let unasked: Timer | undefined
  // Should the answer never begin, nobody else forgets the bytes. The others that it waits for may take their time; one that goes
  // elsewhere may begin a little after its exchange.
  exchange.afterwards?.(() => {
    if (!isAsked) unasked = ports.clock.after(unaskedMs, () => void content.discard(), { idle: true })
  })
  return {
    ...wanted,
    newDocumentUniqueId: uniqueId,
    mimeType,
    sizeBytes: content.sizeBytes,
    ...(entry.patientId === undefined ? {} : { patientId: entry.patientId }),
    async *open() {
      isAsked = true
      unasked?.cancel()
      try {
        if (content.bytes !== undefined) yield content.bytes
        else if (content.path !== undefined) yield* piecesOf(ports.files, content.path)
      } finally {
        await content.discard()
      }
    },
  }
}

const unaskedMs = 60_000

/** The snapshot is registered before it is handed out; what was handed out before is not made a second time. [ITI TF-2:3.43.4.2.3] */
async function persisted(
  made: MadeDocument,
  entry: DocumentEntry,
  wanted: DocumentRequest,
  retrieving: Retrieving,
): Promise<RetrievedDocument | Miss> {
  const { context, exchange } = retrieving
  const { uniqueId, content } = made
  try {
    if (!(await isKept(made, context))) {
      const { production } = context
      // Who asks for the same at the same time gets the same.
      const keeping = production.keeping.get(uniqueId) ?? keepSnapshot(made, entry, context, exchange)
      production.keeping.set(uniqueId, keeping)
      const response = await keeping.finally(() => production.keeping.delete(uniqueId))
      if (response.status !== 'Success') return refusedSnapshot(response)
    }
  } finally {
    await content.discard()
  }
  const { repositoryUniqueId } = context.config
  const snapshot = await keptDocument({ repositoryUniqueId, documentUniqueId: uniqueId }, retrieving)
  if ('errorCode' in snapshot) return snapshot
  return { ...snapshot, ...wanted, newDocumentUniqueId: uniqueId, newRepositoryUniqueId: repositoryUniqueId }
}

/** @throws PlugInFailed when there is another content of this id. [ITI TF-2:3.43.4.2.2] */
async function isKept({ uniqueId, content }: MadeDocument, { documents }: RepositoryContext): Promise<boolean> {
  const [kept] = (await documents.documents(uniqueId)).filter(({ state }) => state === 'registered')
  if (kept === undefined) return false
  if (kept.sha256 === content.sha256) return true
  throw new PlugInFailed(`it gave the uniqueId ${uniqueId} to another content before`)
}

function refusedSnapshot({ errors }: RegistryResponse): Miss {
  const [error] = errors
  const words = `the document was made, but could not be registered: ${error?.codeContext ?? 'nobody says why'}`
  return { errorCode: error?.errorCode ?? 'XDSRepositoryError', words }
}

const busy: Miss = {
  errorCode: 'XDSRepositoryBusy',
  words: 'too many documents are being made at this moment; ask for this one again a little later',
}

/** What went wrong with a plug-in is for whoever runs it; its partner gets a reference. */
function missBecause(
  problem: unknown,
  { documentUniqueId }: DocumentRequest,
  type: OnDemandTypeConfig,
  { context, exchange }: Retrieving,
): Miss {
  if (problem instanceof RegistrySilent) return { errorCode: 'XDSRegistryNotAvailable', words: problem.message }
  const detail = `on-demand type "${type.name}": ${problem instanceof Error ? problem.message : String(problem)}`
  context.alarm({
    ...{ kind: 'on-demand document not made', documentUniqueId, detail },
    traceparent: exchange.trace.traceparent,
  })
  return {
    errorCode: 'XDSRepositoryError',
    words: `the document of the on-demand entry ${shownId(documentUniqueId)} could not be made; why is in the log of this service`,
  }
}
