// Documents on their way through a gateway: the envelope of an answer is held against what was asked, then its documents go to whoever
// asked as they come. For every transaction that is answered like an ITI-43. docs/decisions/0328.
import { createHash } from 'node:crypto'
import { mostErrors } from '../metadata/errors.js'
import type { ErrorCode, RegistryError } from '../metadata/model.js'
import type { Exchange } from '../server/actor.js'
import { NotTaken } from '../soap/arriving-parts.js'
import type { ToldDocument } from '../transactions/communities/foreign-documents.js'
import type { DocumentRequest, RetrieveDocumentSetResponse, RetrievedDocument } from '../transactions/xds-messages.js'
import type { Arriving } from './onward.js'

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

/** None of them, each for the same reason. */
export function refusedPortion(
  errorCode: ErrorCode,
  documents: readonly DocumentRequest[],
  why: string,
  { trace }: Pick<Exchange, 'trace'>,
): Portion {
  return { documents: [], errors: documents.map(each => documentError(errorCode, each, why, trace.traceId)) }
}

/** In the order in which each key comes first. */
export function groupedBy<Wanted>(
  documents: readonly Wanted[],
  keyOf: (document: Wanted) => string,
): [string, Wanted[]][] {
  const groups = new Map<string, Wanted[]>()
  for (const document of documents) {
    const key = keyOf(document)
    const others = groups.get(key)
    if (others === undefined) groups.set(key, [document])
    else others.push(document)
  }
  return [...groups]
}

/** Within a community. */
export function documentKey({ repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return `${repositoryUniqueId.replace(/^urn:oid:/, '')}\n${documentUniqueId}`
}

/** Each document once, however often it is asked for. */
export function distinct<Wanted extends DocumentRequest>(documents: readonly Wanted[]): Wanted[] {
  const byName = new Map<string, Wanted>()
  for (const document of documents) {
    const name = `${document.homeCommunityId ?? ''}\n${documentKey(document)}`
    if (!byName.has(name)) byName.set(name, document)
  }
  return [...byName.values()]
}

/** What is said to a request for nothing, or for more than is given at once; undefined where it is neither. [ITI TF-2:3.43.4.1.3] */
export function miscounted(
  documents: readonly DocumentRequest[],
  most: number,
  traceId: string,
): RetrieveDocumentSetResponse | undefined {
  if (documents.length >= 1 && documents.length <= most) return undefined
  const why = `expected 1 to ${most} DocumentRequests in one request, found ${documents.length} [ITI TF-2:3.43.4.1.3]`
  const nothing = { repositoryUniqueId: '', documentUniqueId: 'RetrieveDocumentSetRequest' }
  const errors =
    documents.length === 0
      ? [documentError('XDSRepositoryError', nothing, why, traceId)]
      : documents.slice(0, mostErrors).map(each => documentError('XDSTooManyResults', each, why, traceId))
  return togetherOf([{ documents: [], errors }])
}

/** Documents that an answer neither has nor says why not. */
export function unexplained(
  wanted: readonly DocumentRequest[],
  { documents, errors }: Portion,
  traceId: string,
): RegistryError[] {
  if (documents.length >= wanted.length || errors.some(({ severity }) => severity === 'Error')) return []
  const given = new Set(documents.map(({ documentUniqueId }) => documentUniqueId))
  const missing = wanted.filter(({ documentUniqueId }) => !given.has(documentUniqueId))
  const why = 'it was not given, and nobody says why'
  return missing.map(document => documentError('XDSRepositoryError', document, why, traceId))
}

/** What nobody has taken of an answer when ours has left is broken off. */
export function heldFor<Answer extends Pick<Arriving<unknown>, 'discard'>>(
  answer: Answer,
  { afterwards }: Pick<Exchange, 'afterwards'>,
): Answer {
  afterwards?.(() => void answer.discard(new NotTaken('nobody took the rest of the answer')))
  return answer
}

/** As a document of a community; its bytes are given once, and forgotten with the last of them. */
export function passedOn<Document extends RetrievedDocument>(document: Document, homeCommunityId: string): Document {
  const passing = Object.assign({}, document, {
    homeCommunityId,
    async *open() {
      try {
        yield* document.open()
      } finally {
        await document.discard?.().catch(() => {})
      }
    },
  })
  return passing
}

/**
 * A document of which something was told before: its last bytes are held back until all of it is what was told. `refuse` is told what is
 * wrong, and throws.
 */
export function heldAgainst<Document extends RetrievedDocument>(
  document: Document,
  told: ToldDocument,
  refuse: (why: string) => Promise<never>,
): Document {
  return Object.assign({}, document, {
    sizeBytes: document.sizeBytes ?? told.sizeBytes,
    async *open() {
      const sha1 = createHash('sha1')
      let sizeBytes = 0
      let last: Uint8Array | undefined
      for await (const piece of document.open()) {
        sizeBytes += piece.byteLength
        if (told.sizeBytes !== undefined && sizeBytes > told.sizeBytes) await refuse(longer(told.sizeBytes))
        sha1.update(piece)
        if (last !== undefined) yield last
        last = piece
      }
      const why = contradiction({ sizeBytes, sha1: sha1.digest('hex') }, told)
      if (why !== undefined) await refuse(why)
      if (last !== undefined) yield last
    },
  })
}

/** What was told and is not so; undefined where all is as told. */
export function contradiction(found: Partial<ToldDocument>, told: ToldDocument): string | undefined {
  const { sizeBytes, sha1 } = found
  if (sizeBytes !== undefined && told.sizeBytes !== undefined && sizeBytes !== told.sizeBytes) {
    return `it has ${sizeBytes} bytes, and ${told.sizeBytes} by its entry`
  }
  if (sha1 === undefined || told.sha1 === undefined || sha1 === told.sha1) return undefined
  return `its hash is ${sha1}, and ${told.sha1} by its entry`
}

const longer = (sizeBytes: number) => `it has more than the ${sizeBytes} bytes of its entry`
