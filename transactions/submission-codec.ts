// The requests that submit: lcm:SubmitObjectsRequest by itself (ITI-42), or with its documents (ITI-41). ITI TF-2 §3.41.4.1.2, §3.42.4.1.2.
import { mimeType } from '../metadata/data-types.js'
import { canonicalId } from '../metadata/entry-uuid.js'
import type { Submission } from '../metadata/model.js'
import { encodeSubmission, readSubmission } from '../metadata/submission.js'
import { counted } from '../metadata/words.js'
import { atOnce, type Steps } from '../ports/turns.js'
import type { Encoded, OutgoingAttachment, SoapMessage } from '../soap/message.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childrenOf, escapeXml, type XmlElement } from '../soap/xml.js'
import { readBinary, xopReference } from '../soap/xop.js'
import { expectElement } from './registry-response-codec.js'
import type { Codec } from './transaction.js'
import type { BinaryContent, FaultyDocument, ProvideAndRegisterRequest } from './xds-messages.js'

/** [ITI TF-2:3.42.4.1.2] */
export const submitObjectsRequest: Codec<Submission> = {
  element: { namespace: namespaces.lcm, name: 'SubmitObjectsRequest' },
  decode: body => atOnce(readObjects(body)),
  decodeInSteps: readObjects,
  encode: submission => ({ xml: encodeSubmission(submission) }),
}

function* readObjects(body: XmlElement): Steps<Submission> {
  expectElement(body, submitObjectsRequest.element)
  return yield* readSubmission(body)
}

/** Documents and submission are read as far as they go; the repository says what is wrong with them. [ITI TF-2:3.41.4.1.2] */
export const provideAndRegisterRequest: Codec<ProvideAndRegisterRequest> = {
  element: { namespace: namespaces.xdsb, name: 'ProvideAndRegisterDocumentSetRequest' },
  decode: (body, message) => atOnce(readProvided(body, message)),
  decodeInSteps: readProvided,
  encode: request => provided(request),
}

function* readProvided(body: XmlElement, message: SoapMessage): Steps<ProvideAndRegisterRequest> {
  expectElement(body, provideAndRegisterRequest.element)
  return { submission: yield* submissionIn(body), ...documentsIn(body, message) }
}

/** With a RequestSlotList where one is given. */
export function provided({ submission, documents }: ProvideAndRegisterRequest, requestSlots = ''): Encoded {
  const mimeTypes = new Map(
    submission.documentEntries.toReversed().map(({ entryUUID, mimeType }) => [entryUUID, mimeType]),
  )
  const attachments = documents.map(({ id, content }, index) => {
    const contentType = contentTypeOf(mimeTypes.get(id) ?? '')
    return { contentId: `document${index + 1}@carnet`, contentType, ...bytesOfContent(content) }
  })
  const parts = documents.flatMap(({ id }, index) => [
    `<xdsb:Document id="${escapeXml(id)}">`,
    xopReference(`document${index + 1}@carnet`),
    '</xdsb:Document>',
  ])
  const start = `<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="${namespaces.xdsb}">`
  const submitted = encodeSubmission(submission, requestSlots)
  const xml = [start, ...submitted, ...parts, '</xdsb:ProvideAndRegisterDocumentSetRequest>']
  return { xml, attachments }
}

/** Whatever else there is: what was submitted, were it nothing, with that as a finding. */
function* submissionIn(body: XmlElement): Steps<Submission> {
  const [submitted, ...others] = childrenOf(body, namespaces.lcm, 'SubmitObjectsRequest')
  const submission = submitted === undefined ? nothing() : yield* readSubmission(submitted)
  if (submitted !== undefined && others.length === 0) return submission
  submission.findings.unshift({
    code: 'XDSRegistryMetadataError',
    object: 'ProvideAndRegisterDocumentSetRequest',
    rule: 'ITI TF-2:3.41.4.1.2',
    expected: 'one SubmitObjectsRequest',
    found: submitted === undefined ? 'none' : counted(others.length + 1, 'SubmitObjectsRequest'),
  })
  return submission
}

const nothing = (): Submission => ({
  submissionSets: [],
  documentEntries: [],
  folders: [],
  associations: [],
  findings: [],
})

function documentsIn(body: XmlElement, message: SoapMessage): Omit<ProvideAndRegisterRequest, 'submission'> {
  const documents: ProvideAndRegisterRequest['documents'] = []
  const faultyDocuments: FaultyDocument[] = []
  for (const [index, element] of childrenOf(body, namespaces.xdsb, 'Document').entries()) {
    const id = canonicalId(attributeOf(element, 'id') ?? '')
    const content = readBinary(element, message)
    if ('fault' in content) faultyDocuments.push({ number: index + 1, id, fault: content.fault })
    else if (id === '') faultyDocuments.push({ number: index + 1, id })
    else documents.push({ id, content })
  }
  return faultyDocuments.length === 0 ? { documents } : { documents, faultyDocuments }
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
