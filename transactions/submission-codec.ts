// The requests that submit: lcm:SubmitObjectsRequest by itself (ITI-42), or with its documents (ITI-41). ITI TF-2 §3.41.4.1.2, §3.42.4.1.2.
import { mimeType } from '../metadata/data-types.js'
import { canonicalId } from '../metadata/entry-uuid.js'
import type { Submission } from '../metadata/model.js'
import { decodeSubmission, encodeSubmission } from '../metadata/submission.js'
import { SoapFault } from '../soap/fault.js'
import type { OutgoingAttachment } from '../soap/message.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml } from '../soap/xml.js'
import { binaryOf, xopReference } from '../soap/xop.js'
import { expectElement } from './registry-response-codec.js'
import type { Codec } from './transaction.js'
import type { BinaryContent, ProvideAndRegisterRequest } from './xds-messages.js'

/** [ITI TF-2:3.42.4.1.2] */
export const submitObjectsRequest: Codec<Submission> = {
  element: { namespace: namespaces.lcm, name: 'SubmitObjectsRequest' },
  decode(body) {
    expectElement(body, submitObjectsRequest.element)
    return decodeSubmission(body)
  },
  encode: submission => ({ xml: encodeSubmission(submission) }),
}

/** [ITI TF-2:3.41.4.1.2] */
export const provideAndRegisterRequest: Codec<ProvideAndRegisterRequest> = {
  element: { namespace: namespaces.xdsb, name: 'ProvideAndRegisterDocumentSetRequest' },
  decode(body, message) {
    expectElement(body, provideAndRegisterRequest.element)
    const submitted = childOf(body, namespaces.lcm, 'SubmitObjectsRequest')
    if (submitted === undefined) {
      throw new SoapFault('Sender', 'ProvideAndRegisterDocumentSetRequest holds no SubmitObjectsRequest')
    }
    const documents = childrenOf(body, namespaces.xdsb, 'Document').map((element, index) => {
      const id = canonicalId(attributeOf(element, 'id') ?? '')
      if (id !== '') return { id, content: binaryOf(element, message) }
      throw new SoapFault('Sender', `Document number ${index + 1} has no id; it has to be that of its DocumentEntry`)
    })
    return { submission: decodeSubmission(submitted), documents }
  },
  encode({ submission, documents }) {
    const attachments = documents.map(({ id, content }, index) => {
      const entry = submission.documentEntries.find(({ entryUUID }) => entryUUID === id)
      const contentType = contentTypeOf(entry?.mimeType ?? '')
      return { contentId: `document${index + 1}@carnet`, contentType, ...bytesOfContent(content) }
    })
    const parts = documents.flatMap(({ id }, index) => [
      `<xdsb:Document id="${escapeXml(id)}">`,
      xopReference(`document${index + 1}@carnet`),
      '</xdsb:Document>',
    ])
    const start = `<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="${namespaces.xdsb}">`
    const xml = [start, ...encodeSubmission(submission), ...parts, '</xdsb:ProvideAndRegisterDocumentSetRequest>']
    return { xml, attachments }
  },
}

/** Bytes to be sent, as the content of a document: for those who read them from somewhere else than a message. */
export function contentToSend(content: {
  contentType: string
  sizeBytes: number
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}): BinaryContent {
  const nothingKept = { sha1: '', sha256: '', chunkDigests: Buffer.alloc(0), bytes: undefined, path: undefined }
  const nothingToDo = { keepAs: () => Promise.resolve(), discard: () => Promise.resolve() }
  const { contentType, sizeBytes, open } = content
  return {
    attachment: { contentId: '', contentType, content: { sizeBytes, ...nothingKept, ...nothingToDo, open } },
  }
}

/** How many bytes a content has, and the bytes in order. */
export function bytesOfContent(content: BinaryContent): Pick<OutgoingAttachment, 'sizeBytes' | 'open'> {
  if ('inline' in content) return { sizeBytes: content.inline.byteLength, open: () => [content.inline] }
  const { bytes, sizeBytes, open } = content.attachment.content
  if (bytes !== undefined) return { sizeBytes, open: () => [bytes] }
  if (open !== undefined) return { sizeBytes, open: () => open() }
  throw new Error('the bytes of an attachment are in a file and nobody says how to read it')
}

/** What stands in the header of a part: nothing but a media type ever gets there. */
export function contentTypeOf(declared: string): string {
  return mimeType.check(declared) === undefined ? declared : 'application/octet-stream'
}
