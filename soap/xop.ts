// XOP: where the bytes of a binary element are. [XOP 1.0: 3.2, 4.1] [ITI TF-2: Appendix V.8]
import { senderFault } from './fault.js'
import type { ArrivingPart, Attachment, SoapMessage } from './message.js'
import { namespaces } from './namespaces.js'
import { decodeBase64, percentDecoded } from './transfer-encoding.js'
import { attributeOf, isElement, type XmlElement, type XmlPiece } from './xml.js'

/** The bytes of a binary element: in a part of the package, or inline as base64. */
export type Binary = { attachment: Attachment } | { inline: Buffer }

/** Why the bytes of a binary element cannot be had. */
export interface BinaryFault {
  /** Nothing is there that could be the content; or it is not what it should be; or it is too long for an envelope. */
  kind: 'missing' | 'unreadable' | 'too long'
  /** In words, as what the element has to hold. */
  expected: string
  /** In words. */
  found: string
}

type Received = Pick<SoapMessage, 'attachments' | 'inlineDocumentBytes'>

/**
 * The content of a binary element on its way out, the same in both forms of a message: `writeMessage` makes it an
 * xop:Include in an MTOM package and base64 in a bare envelope.
 */
export function xopReference(contentId: string): XmlPiece {
  return { attachment: contentId }
}

/**
 * The bytes of a binary element, where nobody but the wire is to blame when they are not there.
 * @throws SoapFault when it refers to no part, or holds no base64
 */
export function binaryOf(element: XmlElement, message: Received): Binary {
  const read = readBinary(element, message)
  if (!('fault' in read)) return read
  throw senderFault(`${element.name} has to hold ${read.fault.expected}, here is ${read.fault.found}`)
}

/** The bytes of a binary element, or why there are none. Two elements may refer to the same part. */
export function readBinary(element: XmlElement, message: Received): Binary | { fault: BinaryFault } {
  const [include, ...others] = element.children
  if (include === undefined) return inlineBytes(element, message.inlineDocumentBytes ?? Number.POSITIVE_INFINITY)
  const isInclude = isElement(include, namespaces.xop, 'Include')
  if (isInclude && others.length === 0 && element.text.trim() === '') return partFor(include, message.attachments)
  const expected = 'either base64 or one xop:Include'
  if (isInclude || element.text.trim() !== '')
    return unreadable(expected, 'more than one of them, or something else beside')
  return missing(expected, `<${include.name.slice(0, 80)}>`)
}

/** The part of a message still arriving that a binary element refers to; undefined where its bytes are there, or nothing is still to come. */
export function arrivingOf(element: XmlElement, { arriving, attachments }: SoapMessage): ArrivingPart | undefined {
  const [include, ...others] = element.children
  if (arriving === undefined || include === undefined || !isElement(include, namespaces.xop, 'Include'))
    return undefined
  const reference = referenceIn(include)
  const isOne = reference !== undefined && others.length === 0 && element.text.trim() === ''
  return isOne && attachmentFor(reference, attachments) === undefined ? arriving(reference) : undefined
}

function inlineBytes(element: XmlElement, limit: number): Binary | { fault: BinaryFault } {
  const inline = decodeBase64(element.text)
  if (inline === undefined) return unreadable('either base64 or one xop:Include', 'text that is no base64')
  if (inline.length <= limit) return { inline }
  const expected = `at most ${limit} bytes inside the envelope; more have to come as an MTOM attachment`
  return { fault: { kind: 'too long', expected, found: `${inline.length} bytes` } }
}

function partFor(include: XmlElement, attachments: Received['attachments']): Binary | { fault: BinaryFault } {
  const reference = referenceIn(include)
  const href = hrefOf(include)
  if (reference === undefined)
    return missing('an xop:Include with an href that begins with cid:', `"${href.slice(0, 200)}"`)
  const attachment = attachmentFor(reference, attachments)
  if (attachment !== undefined) return { attachment }
  return missing(`what its xop:Include refers to, ${href.slice(0, 200)}`, 'no MIME part with that Content-ID')
}

const hrefOf = (include: XmlElement) => attributeOf(include, 'href')?.trim() ?? ''
const referenceIn = (include: XmlElement) => /^cid:(.+)$/i.exec(hrefOf(include))?.[1]

/** By the decoded reference [RFC 2392: 2]; as written; or, where that leaves no doubt, whatever the case of its letters. */
export function attachmentFor(reference: string, attachments: Received['attachments']): Attachment | undefined {
  const contentId = percentDecoded(reference)
  return attachments.get(contentId) ?? attachments.get(reference) ?? alike(contentId, attachments)
}

/** As attachmentFor(), of a part that comes. */
export function isReferenceTo(reference: string, contentId: string): boolean {
  const decoded = percentDecoded(reference)
  return contentId === decoded || contentId === reference || sameLetters(contentId, decoded)
}

const sameLetters = (contentId: string, decoded: string) => lettersOf(contentId) === decoded.toLowerCase()

/** What a Content-ID and a reference to it have in common, however they are written. */
export const lettersOf = (contentId: string) => percentDecoded(contentId).toLowerCase()

function alike(contentId: string, attachments: Received['attachments']): Attachment | undefined {
  return byLetters(attachments).get(contentId.toLowerCase())
}

type ByLetters = ReadonlyMap<string, Attachment | undefined>

/** A message may have as many references to nothing as it has elements, and none may look through all attachments. */
const known = new WeakMap<Received['attachments'], { size: number; found: ByLetters }>()

/** Undefined where several are alike. */
function byLetters(attachments: Received['attachments']): ByLetters {
  const { size } = attachments
  const before = known.get(attachments)
  if (before?.size === size) return before.found
  const found = new Map<string, Attachment | undefined>()
  for (const attachment of attachments.values()) {
    const letters = lettersOf(attachment.contentId)
    found.set(letters, found.has(letters) ? undefined : attachment)
  }
  known.set(attachments, { size, found })
  return found
}

const missing = (expected: string, found: string) => ({ fault: { kind: 'missing', expected, found } as const })
const unreadable = (expected: string, found: string) => ({ fault: { kind: 'unreadable', expected, found } as const })
