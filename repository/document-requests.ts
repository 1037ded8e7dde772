// What xdsb:DocumentRequests share, whether documents are to be handed out or to be removed. ITI TF-2 §3.43.4.1.3, §3.86.4.1.3.
import type { RegistryError } from '../metadata/model.js'
import { shortened } from '../metadata/words.js'
import type { DocumentRequest, ResponseStatus } from '../transactions/xds-messages.js'
import type { RepositoryContext } from './context.js'

/** Why a document is not handed out, or not removed. */
export interface Miss {
  errorCode: RegistryError['errorCode']
  words: string
}

/** Why a request is not one for us. */
export function missOf(wanted: DocumentRequest, { config }: Pick<RepositoryContext, 'config'>): Miss | undefined {
  const { homeCommunityId: home, repositoryUniqueId, documentUniqueId } = wanted
  if (home !== undefined && config.homeCommunityId !== undefined && home !== config.homeCommunityId) {
    return {
      errorCode: 'XDSUnknownCommunity',
      words: `the community ${shownId(home)} is not known here, this is ${config.homeCommunityId}`,
    }
  }
  if (repositoryUniqueId.replace(/^urn:oid:/, '') !== config.repositoryUniqueId) {
    const which =
      repositoryUniqueId === ''
        ? 'the DocumentRequest names no RepositoryUniqueId'
        : `the repository ${shownId(repositoryUniqueId)} is not known here`
    return { errorCode: 'XDSUnknownRepositoryId', words: `${which}, this is ${config.repositoryUniqueId}` }
  }
  if (documentUniqueId !== '') return undefined
  return { errorCode: 'XDSDocumentUniqueIdError', words: 'the DocumentRequest names no DocumentUniqueId' }
}

export const unknown = ({ documentUniqueId }: DocumentRequest): Miss => ({
  errorCode: 'XDSDocumentUniqueIdError',
  words: `there is no document with uniqueId ${shownId(documentUniqueId)}`,
})

/** [ITI TF-2: Table 3.43.4.2.2-1] */
export function statusOf(found: number, missed: number): ResponseStatus {
  if (missed === 0) return 'Success'
  return found === 0 ? 'Failure' : 'PartialSuccess'
}

/** A sender who is told this often has understood it. */
export const mostErrors = 500

/** [ITI TF-2:3.43.4.1.3, 3.86.4.2] */
export function errorAt(
  { errorCode, words }: Miss,
  { documentUniqueId }: DocumentRequest,
  { number, traceId }: { number: number; traceId: string },
): RegistryError {
  const location = documentUniqueId === '' ? `DocumentRequest number ${number}` : shownId(documentUniqueId)
  return { errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error', location }
}

export const shownId = (id: string) => shortened(id, 256)
