// What xdsb:DocumentRequests share, whether documents are to be handed out or to be removed. ITI TF-2 §3.43.4.1.3, §3.86.4.1.3.
import { registryErrorOf } from '../metadata/errors.js'
import type { ErrorCode, Finding, RegistryError } from '../metadata/model.js'
import { counted, quoted, shortened } from '../metadata/words.js'
import type { DocumentRequest, ResponseStatus } from '../transactions/xds-messages.js'
import type { RepositoryContext } from './context.js'

/** Why a document is not handed out, or not removed: how it stands here, or what is wrong with the request. */
export type Miss = { errorCode: RegistryError['errorCode']; words: string } | MistakenRequest

export type MistakenRequest = Required<Pick<Finding, 'attribute' | 'expected' | 'found'>> & { errorCode: ErrorCode }

/** Why a request is not one for us. */
export function missOf(wanted: DocumentRequest, { config }: Pick<RepositoryContext, 'config'>): Miss | undefined {
  const { homeCommunityId: home, repositoryUniqueId, documentUniqueId } = wanted
  if (home !== undefined && config.homeCommunityId !== undefined && home !== config.homeCommunityId) {
    return mistaken('XDSUnknownCommunity', 'HomeCommunityId', config.homeCommunityId, home)
  }
  if (repositoryUniqueId.replace(/^urn:oid:/, '') !== config.repositoryUniqueId) {
    return mistaken('XDSUnknownRepositoryId', 'RepositoryUniqueId', config.repositoryUniqueId, repositoryUniqueId)
  }
  if (documentUniqueId !== '') return undefined
  return mistaken('XDSDocumentUniqueIdError', 'DocumentUniqueId', 'the uniqueId of a document', '')
}

export const unknown = ({ documentUniqueId }: DocumentRequest): Miss =>
  mistaken(
    'XDSDocumentUniqueIdError',
    'DocumentUniqueId',
    'the uniqueId of a document of this repository',
    documentUniqueId,
  )

function mistaken(errorCode: ErrorCode, attribute: string, expected: string, found: string): MistakenRequest {
  return { errorCode, attribute, expected, found: found === '' ? 'nothing' : quoted(found) }
}

/** [ITI TF-2: Table 3.43.4.2.2-1] */
export function statusOf(found: number, missed: number): ResponseStatus {
  if (missed === 0) return 'Success'
  return found === 0 ? 'Failure' : 'PartialSuccess'
}

export interface Telling {
  traceId: string
  /** Of the transaction: what it holds a request to. */
  rule: string
}

/** [ITI TF-2:3.43.4.1.3, 3.86.4.2] */
export function errorAt(
  miss: Miss,
  { documentUniqueId }: DocumentRequest,
  { number, traceId, rule }: Telling & { number: number },
): RegistryError {
  const object = `DocumentRequest number ${number}`
  const location = documentUniqueId === '' ? object : shownId(documentUniqueId)
  if ('words' in miss) {
    return { errorCode: miss.errorCode, codeContext: `${miss.words} (trace ${traceId})`, severity: 'Error', location }
  }
  const { errorCode: code, attribute, expected, found } = miss
  return registryErrorOf({ code, object, attribute, rule, expected, found, location }, traceId)
}

/** What is wrong with the number of DocumentRequests, if anything is. */
export function miscounted(object: string, count: number, most: number, { traceId, rule }: Telling): RegistryError[] {
  if (count >= 1 && count <= most) return []
  const finding = { code: 'XDSRepositoryError', object, attribute: 'DocumentRequest', rule } as const
  const expected = `1 to ${most} DocumentRequests`
  return [registryErrorOf({ ...finding, expected, found: counted(count, 'DocumentRequest') }, traceId)]
}

export const shownId = (id: string) => shortened(id, 256)
