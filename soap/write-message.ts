// A message on its way out, in the form of an MTOM package or of a bare envelope, in few and large pieces.
// [ITI TF-2: Appendix V.3, V.8] [MTOM: 3.2] [XOP 1.0: 3.1]
//
// A codec writes XML pieces and lists attachments; where the bytes of one belong it writes `xopReference(contentId)`. Which
// form the message gets is decided here alone.
import type { Randomness } from '../ports/randomness.js'
import { anonymous } from './addressing.js'
import type { AnswerTo, SoapFault } from './fault.js'
import { faultBody, soap11Fault, statusOf } from './fault-body.js'
import type { MessageForm, OutgoingAttachment, OutgoingMessage } from './message.js'
import { namespaces } from './namespaces.js'
import { base64Of, inPieces, type Section, sizeOf } from './pieces.js'
import { type AttachmentReference, escapeXml, type XmlPiece } from './xml.js'

export interface WrittenMessage {
  contentType: string
  /** Unknown where a part is made while it is sent. */
  contentLength: number | undefined
  /**
   * A broken attachment throws here, so that the connection is broken too. Where they are asynchronous, whoever asks for the next one
   * is done with the one before.
   */
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface WrittenFault extends WrittenMessage {
  status: number
}

/** An envelope, or an MTOM package with its attachments, whose pieces are read while they are sent; boundaries and ids are random. */
export function writeMessage(message: OutgoingMessage, randomness: Randomness): WrittenMessage {
  const { headerShape, body } = message
  const headers = body.headers === undefined ? (message.headers ?? []) : [...(message.headers ?? []), ...body.headers]
  const addressing = addressingOf(message, randomness)
  const envelope =
    headerShape?.furtherFirst === true
      ? envelopeOf('', [...headers, addressing], body.xml)
      : envelopeOf(addressing, headers, body.xml)
  // Nobody dispatches an answer by its action parameter.
  const action = isRequest(message) ? message.action : undefined
  return written(message.form, envelope, body.attachments ?? [], action, randomness)
}

/** A fault in the form of its request, with the HTTP status that belongs to its code. [SOAP 1.2 Part 2: 7.5.2.2] */
export function writeFault(fault: SoapFault, answerTo: AnswerTo, randomness: Randomness): WrittenFault {
  const status = statusOf(fault)
  if (fault.soap11 === true) return { status, ...whole('text/xml; charset=UTF-8', [soap11Fault(fault)]) }
  const { form, relatesTo } = answerTo.relatesTo === undefined ? (fault.answerTo ?? answerTo) : answerTo
  const { to, headers = [] } = answerTo
  const { action, header, body } = faultBody(fault)
  const envelope = envelopeOf(addressingOf({ action, relatesTo, to }, randomness), [...header, ...headers], body)
  return { status, ...written(form, envelope, [], undefined, randomness) }
}

// ---- the envelope ----------------------------------------------------------------------------------------------------

const start = `<s:Envelope xmlns:s="${namespaces.soap12}" xmlns:a="${namespaces.wsa}"><s:Header>`

function envelopeOf(addressing: string, headers: readonly XmlPiece[], body: readonly XmlPiece[]): XmlPiece[] {
  return [start, addressing, ...headers, '</s:Header><s:Body>', ...body, '</s:Body></s:Envelope>']
}

type Properties = Pick<OutgoingMessage, 'action' | 'messageID' | 'relatesTo' | 'to' | 'replyTo' | 'headerShape'>

/** [WS-Addressing 1.0 Core: 3.4] [ITI TF-2: Appendix V.3.2.2] */
function addressingOf(message: Properties, randomness: Randomness): string {
  const { without = [], mustUnderstand = true } = message.headerShape ?? {}
  return [
    `<a:Action${mustUnderstand ? ' s:mustUnderstand="1"' : ''}>${escapeXml(message.action)}</a:Action>`,
    `<a:MessageID>${escapeXml(message.messageID ?? `urn:uuid:${randomness.uuid()}`)}</a:MessageID>`,
    without.includes('To') ? '' : `<a:To>${escapeXml(message.to ?? anonymous)}</a:To>`,
    message.relatesTo === undefined ? '' : `<a:RelatesTo>${escapeXml(message.relatesTo)}</a:RelatesTo>`,
    isRequest(message) && !without.includes('ReplyTo')
      ? `<a:ReplyTo><a:Address>${escapeXml(message.replyTo ?? anonymous)}</a:Address></a:ReplyTo>`
      : '',
  ].join('')
}

/** An answer goes back on its connection and is addressed to nobody, or to the ReplyTo of what it relates to. */
function isRequest(message: Properties): boolean {
  return message.to !== undefined && message.to !== anonymous && message.relatesTo === undefined
}

// ---- the two forms ---------------------------------------------------------------------------------------------------

function written(
  form: MessageForm,
  envelope: XmlPiece[],
  attachments: readonly OutgoingAttachment[],
  action: string | undefined,
  randomness: Randomness,
): WrittenMessage {
  const parameter = action === undefined ? '' : `; action=${quoted(action)}`
  if (form === 'plain') {
    return whole(`application/soap+xml; charset=UTF-8${parameter}`, bareSections(envelope, attachments))
  }
  const boundary = `carnet-${randomness.uuid()}`
  const contentType =
    `multipart/related; type="application/xop+xml"; boundary="${boundary}"; start="<${rootId}>"; ` +
    `start-info="application/soap+xml"${parameter}`
  return whole(contentType, packageSections(boundary, envelope, attachments))
}

function whole(contentType: string, sections: Section[]): WrittenMessage {
  return { contentType, contentLength: sizeOf(sections), pieces: inPieces(sections) }
}

/** Every attachment in its place as base64. */
function bareSections(envelope: XmlPiece[], attachments: readonly OutgoingAttachment[]): Section[] {
  const byId = attachmentsById(attachments)
  const unused = new Set(attachments)
  const sections = envelope.map(piece => {
    if (!isReference(piece)) return piece
    const attachment = referred(piece.attachment, byId)
    unused.delete(attachment)
    return base64Of(attachment)
  })
  for (const { contentId } of unused) throw new Error(`nothing refers to attachment ${contentId}; it would be lost`)
  return sections
}

const rootId = 'envelope@carnet'

function packageSections(
  boundary: string,
  envelope: XmlPiece[],
  attachments: readonly OutgoingAttachment[],
): Section[] {
  const byId = attachmentsById(attachments)
  const root = partStart(boundary, rootId, 'application/xop+xml; charset=UTF-8; type="application/soap+xml"')
  const sections: Section[] = [root.slice(2)]
  for (const piece of envelope) sections.push(isReference(piece) ? include(referred(piece.attachment, byId)) : piece)
  for (const attachment of attachments) {
    sections.push(partStart(boundary, attachment.contentId, safeType(attachment.contentType)), attachment)
  }
  sections.push(`\r\n--${boundary}--\r\n`)
  return sections
}

function partStart(boundary: string, contentId: string, contentType: string): string {
  return (
    `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Transfer-Encoding: binary\r\n` +
    `Content-ID: <${contentId}>\r\n\r\n`
  )
}

/** The reference is percent-encoded, the Content-ID is not; `@` stays, for readers that compare without decoding. [RFC 2392: 2] */
function include({ contentId }: OutgoingAttachment): string {
  const href = `cid:${encodeURIComponent(contentId).replaceAll('%40', '@')}`
  return `<xop:Include xmlns:xop="${namespaces.xop}" href="${href}"/>`
}

function isReference(piece: XmlPiece): piece is AttachmentReference {
  return typeof piece === 'object' && 'attachment' in piece
}

function attachmentsById(attachments: readonly OutgoingAttachment[]): Map<string, OutgoingAttachment> {
  const byId = new Map(attachments.map(attachment => [attachment.contentId, attachment]))
  const unsafe = attachments.find(({ contentId }) => !/^[!#-;=?-[\]-~]+$/.test(contentId))
  if (unsafe !== undefined) throw new Error(`${JSON.stringify(unsafe.contentId)} cannot be a Content-ID`)
  if (byId.size < attachments.length || byId.has(rootId)) throw new Error('two parts have the same Content-ID')
  return byId
}

function referred(contentId: string, byId: Map<string, OutgoingAttachment>): OutgoingAttachment {
  const found = byId.get(contentId)
  if (found === undefined) throw new Error(`there is no attachment ${contentId}`)
  return found
}

// The type of a document is what its author said of it; it must not become further header lines.
function safeType(contentType: string): string {
  return /^[ -~]{1,500}$/.test(contentType) ? contentType : 'application/octet-stream'
}

function quoted(value: string): string {
  return `"${value.replace(/[^ -~]/g, '').replace(/["\\]/g, '\\$&')}"`
}
