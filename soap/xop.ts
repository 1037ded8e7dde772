// XOP: where the bytes of a binary element are. [XOP 1.0: 3.2, 4.1] [ITI TF-2: Appendix V.8]
import { senderFault } from './fault.js'
import type { Attachment, SoapMessage } from './message.js'
import { namespaces } from './namespaces.js'
import { decodeBase64, percentDecoded } from './transfer-encoding.js'
import { attributeOf, isElement, type XmlElement, type XmlPiece } from './xml.js'

/** The bytes of a binary element: in a part of the package, or inline as base64. */
export type Binary = { attachment: Attachment } | { inline: Buffer }

/**
 * The content of a binary element on its way out, the same in both forms of a message: `writeMessage` makes it an
 * xop:Include in an MTOM package and base64 in a bare envelope.
 */
export function xopReference(contentId: string): XmlPiece {
  return { attachment: contentId }
}

/**
 * The bytes of a binary element.
 * @throws SoapFault when it refers to no part, to a part of another element, or holds no base64
 */
export function binaryOf(
  element: XmlElement,
  message: Pick<SoapMessage, 'attachments' | 'inlineDocumentBytes'>,
): Binary {
  const [include, ...others] = element.children
  if (include === undefined) {
    return { inline: inlineBytes(element, message.inlineDocumentBytes ?? Number.POSITIVE_INFINITY) }
  }
  if (others.length > 0 || !isElement(include, namespaces.xop, 'Include') || element.text.trim() !== '') {
    throw senderFault(`${element.name} has to hold either base64 or one xop:Include`)
  }
  return { attachment: claimed(attachmentFor(include, message.attachments), element) }
}

function inlineBytes(element: XmlElement, limit: number): Buffer {
  const bytes = decodeBase64(element.text)
  if (bytes === undefined) throw senderFault(`${element.name} holds neither base64 nor an xop:Include`)
  if (bytes.length <= limit) return bytes
  throw senderFault(
    `a document of ${bytes.length} bytes inside the envelope: more than ${limit} bytes have to come as an MTOM attachment`,
  )
}

/** By the decoded reference [RFC 2392: 2]; as written; or, where that leaves no doubt, whatever the case of its letters. */
function attachmentFor(include: XmlElement, attachments: SoapMessage['attachments']): Attachment {
  const href = attributeOf(include, 'href')?.trim() ?? ''
  const [, reference] = /^cid:(.+)$/i.exec(href) ?? []
  if (reference === undefined) throw senderFault('an xop:Include has no href that begins with cid:')
  const contentId = percentDecoded(reference)
  const found = attachments.get(contentId) ?? attachments.get(reference) ?? alike(contentId, attachments)
  if (found !== undefined) return found
  throw senderFault(`an xop:Include refers to ${href.slice(0, 200)}, but no part has that Content-ID`)
}

function alike(contentId: string, attachments: SoapMessage['attachments']): Attachment | undefined {
  const wanted = contentId.toLowerCase()
  const found = [...attachments.values()].filter(
    attachment => percentDecoded(attachment.contentId).toLowerCase() === wanted,
  )
  return found.length === 1 ? found[0] : undefined
}

// Whoever gets an attachment may keep its file, so that it can be given away once only.
const claims = new WeakMap<Attachment, XmlElement>()

function claimed(attachment: Attachment, element: XmlElement): Attachment {
  const owner = claims.get(attachment) ?? element
  if (owner !== element) {
    throw senderFault(
      `two elements refer to the part <${attachment.contentId.slice(0, 200)}>; each document needs its own`,
    )
  }
  claims.set(attachment, element)
  return attachment
}
