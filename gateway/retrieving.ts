// Documents on their way through a gateway: from a repository or a community onto our disk, from there to whoever asked, and gone.
import type { ErrorCode, RegistryError } from '../metadata/model.js'
import type { Clock } from '../ports/clock.js'
import type { Exchange } from '../server/actor.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type { DocumentRequest, RetrieveDocumentSetResponse, RetrievedDocument } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'

/** What came from one place. */
export interface Portion {
  documents: RetrievedDocument[]
  errors: RegistryError[]
}

/** [ITI TF-2: Table 3.43.4.2.2-1] */
export function togetherOf(portions: readonly Portion[]): RetrieveDocumentSetResponse {
  const documents = portions.flatMap(portion => portion.documents)
  const errors = portions.flatMap(portion => portion.errors)
  const hasFailed = errors.some(({ severity }) => severity === 'Error')
  return { status: !hasFailed ? 'Success' : documents.length > 0 ? 'PartialSuccess' : 'Failure', documents, errors }
}

export function documentError(
  errorCode: ErrorCode,
  { documentUniqueId }: DocumentRequest,
  why: string,
  traceId: string,
): RegistryError {
  return {
    errorCode,
    codeContext: `document ${documentUniqueId.slice(0, 256)}: ${why} (trace ${traceId})`,
    severity: 'Error',
    location: documentUniqueId.slice(0, 256),
  }
}

/** From our own repositories, each asked once for all that it has. */
export async function fromRepositories(
  wanted: readonly DocumentRequest[],
  { config, onward, ports }: GatewayContext,
  exchange: Exchange<RetrieveDocumentSetResponse>,
): Promise<Portion> {
  const { traceId } = exchange.trace
  const byRepository = new Map<string, DocumentRequest[]>()
  for (const document of wanted) {
    const id = document.repositoryUniqueId.replace(/^urn:oid:/, '')
    byRepository.set(id, [...(byRepository.get(id) ?? []), document])
  }
  const portions = await Promise.all(
    [...byRepository].map(async ([id, documents]): Promise<Portion> => {
      const to = config.repositories.find(({ repositoryUniqueId }) => repositoryUniqueId === id)
      const failed = (code: ErrorCode, why: string): Portion => ({
        documents: [],
        errors: documents.map(document => documentError(code, document, why, traceId)),
      })
      if (to === undefined) return failed('XDSUnknownRepositoryId', `no repository ${id} is behind this gateway`)
      try {
        const answer = await onward.ask(retrieveDocumentSet, { documents }, to, exchange)
        const ours = answer.documents.map(document =>
          lastingOnce({ ...document, homeCommunityId: config.homeCommunityId }, ports.clock),
        )
        return { documents: ours, errors: answer.errors }
      } catch (problem) {
        return failed('XDSRepositoryError', `the repository ${id} did not answer: ${(problem as Error).message}`)
      }
    }),
  )
  return { documents: portions.flatMap(each => each.documents), errors: portions.flatMap(each => each.errors) }
}

/** An answer that is never sent keeps its documents for no longer than this. */
const keptMs = 30 * 60_000

/** Its bytes are given once, and are gone from our disk with the last of them, or when nobody comes for them. */
export function lastingOnce(document: RetrievedDocument, clock: Pick<Clock, 'after'>): RetrievedDocument {
  const timer = clock.after(keptMs, () => void discard(document), { idle: true })
  return Object.assign({}, document, {
    async *open() {
      try {
        yield* document.open()
      } finally {
        timer.cancel()
        await discard(document)
      }
    },
  })
}

export async function discardAll(documents: readonly RetrievedDocument[]): Promise<void> {
  for (const document of documents) await discard(document)
}

async function discard({ discard: forget }: RetrievedDocument): Promise<void> {
  await forget?.().catch(() => {})
}
