// xdsb:RetrieveDocumentSetRequest and xdsb:RetrieveDocumentSetResponse, the elements in the order of the schema. ITI TF-2 §3.43.4.1.2, §3.43.4.2.2.
import { hash } from 'node:crypto'
import { SoapFault } from '../soap/fault.js'
import type { Opening, OutgoingAttachment, SoapMessage } from '../soap/message.js'
import { namespaces } from '../soap/namespaces.js'
import { childOf, childrenOf, escapeXml, type XmlElement } from '../soap/xml.js'
import { arrivingOf, binaryOf, xopReference } from '../soap/xop.js'
import { decodeRegistryResponse, expectElement, registryResponseXml } from './registry-response-codec.js'
import { bytesOfContent, contentTypeOf } from './submission-codec.js'
import type { Codec } from './transaction.js'
import type {
  DocumentRequest,
  RetrieveDocumentSetRequest,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
} from './xds-messages.js'

/** [ITI TF-2:3.43.4.1.2] */
export const retrieveDocumentSetRequest: Codec<RetrieveDocumentSetRequest> = {
  element: { namespace: namespaces.xdsb, name: 'RetrieveDocumentSetRequest' },
  decode(body) {
    expectElement(body, retrieveDocumentSetRequest.element)
    return { documents: documentRequestsIn(body) }
  },
  encode({ documents }) {
    const start = `<xdsb:RetrieveDocumentSetRequest xmlns:xdsb="${namespaces.xdsb}">`
    return { xml: [`${start}${documentRequestsXml(documents)}</xdsb:RetrieveDocumentSetRequest>`] }
  },
}

/** Each document travels as an attachment. [ITI TF-2:3.43.4.2.2] */
export const retrieveDocumentSetResponse: Codec<RetrieveDocumentSetResponse> = {
  element: { namespace: namespaces.xdsb, name: 'RetrieveDocumentSetResponse' },
  decode(body, message) {
    expectElement(body, retrieveDocumentSetResponse.element)
    const response = childOf(body, namespaces.rs, 'RegistryResponse')
    if (response === undefined) throw new SoapFault('Sender', 'RetrieveDocumentSetResponse holds no RegistryResponse')
    const documents = childrenOf(body, namespaces.xdsb, 'DocumentResponse').map(each => retrievedOf(each, message))
    return { documents, ...decodeRegistryResponse(response) }
  },
  encode({ status, errors, documents }) {
    const start =
      `<xdsb:RetrieveDocumentSetResponse xmlns:xdsb="${namespaces.xdsb}" xmlns:rs="${namespaces.rs}">` +
      registryResponseXml({ status, errors })
    const responses = documents.flatMap((document, index) => [
      `<xdsb:DocumentResponse>${namingXml(document)}${renamingXml(document)}` +
        `<xdsb:mimeType>${escapeXml(document.mimeType)}</xdsb:mimeType><xdsb:Document>`,
      xopReference(contentIdOf(index)),
      '</xdsb:Document></xdsb:DocumentResponse>',
    ])
    const attachments = attachmentsOf(documents)
    return { xml: [start, ...responses, '</xdsb:RetrieveDocumentSetResponse>'], attachments }
  },
}

/** Each under the Content-ID of its place. */
export function attachmentsOf(documents: readonly RetrievedDocument[]): OutgoingAttachment[] {
  return documents.map((document, index) => ({
    contentId: contentIdOf(index),
    contentType: contentTypeOf(document.mimeType),
    sizeBytes: document.sizeBytes,
    open: (how?: Opening) => document.open(how),
  }))
}

/** The DocumentRequests of an element, in the namespace of whoever asks. */
export function documentRequestsIn(body: XmlElement, namespace: string = namespaces.xdsb): DocumentRequest[] {
  return childrenOf(body, namespace, 'DocumentRequest').map(each => documentRequestOf(each, namespace))
}

/** The prefix xdsb is declared by whoever embeds them. */
export function documentRequestsXml(documents: readonly DocumentRequest[]): string {
  return documents.map(document => `<xdsb:DocumentRequest>${namingXml(document)}</xdsb:DocumentRequest>`).join('')
}

function documentRequestOf(element: XmlElement, namespace: string = namespaces.xdsb): DocumentRequest {
  const home = textOf(element, 'HomeCommunityId', namespace)
  return {
    ...(home === '' ? {} : { homeCommunityId: home }),
    repositoryUniqueId: textOf(element, 'RepositoryUniqueId', namespace),
    documentUniqueId: textOf(element, 'DocumentUniqueId', namespace),
  }
}

function retrievedOf(element: XmlElement, message: SoapMessage): RetrievedDocument {
  const document = childOf(element, namespaces.xdsb, 'Document')
  if (document === undefined) throw new SoapFault('Sender', 'A DocumentResponse holds no Document')
  const newRepositoryUniqueId = textOf(element, 'NewRepositoryUniqueId')
  const newDocumentUniqueId = textOf(element, 'NewDocumentUniqueId')
  return {
    ...documentRequestOf(element),
    ...(newRepositoryUniqueId === '' ? {} : { newRepositoryUniqueId }),
    ...(newDocumentUniqueId === '' ? {} : { newDocumentUniqueId }),
    mimeType: textOf(element, 'mimeType'),
    ...bytesIn(document, message),
  }
}

/** Those of a document that is there, or still to come. */
export function bytesIn(
  element: XmlElement,
  message: SoapMessage,
): Pick<RetrievedDocument, 'sizeBytes' | 'open' | 'sha1' | 'discard'> {
  const arriving = arrivingOf(element, message)
  if (arriving !== undefined) return { sizeBytes: undefined, open: () => arriving.open() }
  const content = binaryOf(element, message)
  if ('inline' in content) return { ...bytesOfContent(content), sha1: hash('sha1', content.inline, 'hex') }
  const { sha1, discard } = content.attachment.content
  return { ...bytesOfContent(content), sha1, discard }
}

function namingXml({ homeCommunityId, repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return (
    textXml('HomeCommunityId', homeCommunityId) +
    textXml('RepositoryUniqueId', repositoryUniqueId) +
    textXml('DocumentUniqueId', documentUniqueId)
  )
}

function renamingXml({ newRepositoryUniqueId, newDocumentUniqueId }: RetrievedDocument): string {
  return textXml('NewRepositoryUniqueId', newRepositoryUniqueId) + textXml('NewDocumentUniqueId', newDocumentUniqueId)
}

function textXml(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<xdsb:${name}>${escapeXml(text)}</xdsb:${name}>`
}

function textOf(element: XmlElement, name: string, namespace: string = namespaces.xdsb): string {
  return childOf(element, namespace, name)?.text.trim() ?? ''
}

/** Of the document at `index` (from 0): no two parts of one answer share it. */
export function contentIdOf(index: number): string {
  return `document${index + 1}@carnet`
}
