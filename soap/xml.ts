// The XML door: bytes into our own bounded tree, and text on its way out. Nothing else in Carnet parses XML.
import { namespaces } from './namespaces.js'
import { decodedXml } from './xml/encoding.js'
import { scanXml, scanXmlInSlices } from './xml/scanner.js'
import {
  defaultXmlLimits,
  problemAt,
  type XmlAttribute,
  type XmlElement,
  type XmlLimits,
  XmlProblem,
} from './xml/tree.js'

export {
  defaultXmlLimits,
  type QName,
  type XmlAttribute,
  type XmlElement,
  type XmlLimits,
  XmlProblem,
} from './xml/tree.js'

/**
 * XML on its way out, already escaped: text, UTF-8 bytes that were made before, or the place of an attachment's bytes
 * (write it with `xopReference`).
 */
export type XmlPiece = string | Buffer | AttachmentReference | StreamedXml

/** A stretch that is made while it is sent, since it is too long to be held. Opened anew each time the message is written. */
export interface StreamedXml {
  open(): AsyncIterable<Uint8Array>
  /** Near enough for what has to be bounded. */
  aboutBytes: number
}

/** Where the bytes of an attachment belong: xop:Include in an MTOM package, base64 in a bare envelope. */
export interface AttachmentReference {
  /** contentId of the attachment. */
  attachment: string
}

export interface XmlReader {
  /** A promise means: wait before you give more. @throws XmlProblem when there are too many bytes, or the first of them are hopeless. */
  write(bytes: Uint8Array): Promise<void> | void
  /** @throws XmlProblem when the document is not one that we take. */
  end(): XmlElement
  /** As end(); a large document is read in slices, and `pause` awaited between them. */
  endInSlices(pause: () => Promise<void>): XmlElement | Promise<XmlElement>
}

/** Reads a document at once. */
export function parseXml(source: string | Uint8Array, limits: Partial<XmlLimits> = {}): XmlElement {
  const bounds = { ...defaultXmlLimits, ...limits }
  if (typeof source !== 'string') return parseBytes(bufferOver(source), bounds)
  const lone = source.search(loneSurrogate)
  if (lone >= 0) throw problemAt(source, lone, 'disallowed character: half a surrogate pair')
  return scanXml(source.startsWith('\ufeff') ? source.slice(1) : source, bounds)
}

const loneSurrogate = /\p{Surrogate}/u

/** Memory that has to be asked for. */
export interface MemoryBudget {
  /** @throws where there is no more of it */
  take(bytes: number): void
}

/**
 * Collects a document as its bytes arrive, and reads it when all are there: UTF-8, or UTF-16 with a byte order mark. A short one asks nobody for
 * its memory.
 */
export function xmlReader(limits: Partial<XmlLimits> = {}, memory?: MemoryBudget): XmlReader {
  const bounds = { ...defaultXmlLimits, ...limits }
  // Copied into one place: a thousand small views of a sender's chunks would take many times the room of their bytes.
  let collected = Buffer.alloc(0)
  let length = 0
  let tried = false
  const reader: XmlReader = {
    write(bytes) {
      const needed = length + bytes.byteLength
      checkTotal(needed, bounds)
      if (needed > slicedBytes) memory?.take(length > slicedBytes ? bytes.byteLength : needed)
      if (needed > collected.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(bounds.totalBytes, Math.max(needed, 2 * collected.length, 1024)))
        larger.set(collected.subarray(0, length))
        collected = larger
      }
      collected.set(bytes, length)
      length = needed
      if (tried || length < triedBytes) return
      tried = true
      refuseHopeless(collected.subarray(0, length), bounds)
    },
    end: () => parseBytes(taken(), bounds),
    endInSlices(pause) {
      if (length < slicedBytes) return reader.end()
      const bytes = taken()
      return oneAtATime(() => {
        const { text, encoding } = decodedXml(bytes)
        return scanXmlInSlices(text, bounds, encoding, pause)
      })
    },
  }
  return reader

  function taken(): Buffer {
    const all = collected.subarray(0, length)
    collected = Buffer.alloc(0)
    length = 0
    return all
  }
}

/** What is read in less than some milliseconds is read at once. */
const slicedBytes = 262_144

let last: Promise<unknown> = Promise.resolve()

/** Many half-read documents would take more memory than one after the other, and none would be ready sooner. */
function oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = last.then(work)
  last = result.catch(() => {})
  return result
}

/** So much is read early, once, so that nobody sends us megabytes behind a mistake at the start. */
const triedBytes = 65_536
const greaterThan = 0x3e

/** A document cut behind a > is unfinished, or wrong however it goes on; in UTF-16 the end may tell. */
function refuseHopeless(start: Buffer, limits: XmlLimits): void {
  if (start[0] === 0xff || start[0] === 0xfe) return
  try {
    parseBytes(start.subarray(0, start.lastIndexOf(greaterThan) + 1), limits)
  } catch (problem) {
    if (!(problem instanceof XmlProblem) || !problem.unfinished) throw problem
  }
}

function parseBytes(bytes: Buffer, limits: XmlLimits): XmlElement {
  checkTotal(bytes.length, limits)
  const { text, encoding } = decodedXml(bytes)
  return scanXml(text, limits, encoding)
}

function checkTotal(length: number, { totalBytes }: XmlLimits): void {
  if (length > totalBytes) throw new XmlProblem(`the document is longer than ${totalBytes} bytes`)
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The value of an attribute; attributes without a prefix are in no namespace. */
export function attributeOf(element: XmlElement, name: string, namespace = ''): string | undefined {
  for (const attribute of element.attributes) {
    if (attribute.name === name && attribute.namespace === namespace) return attribute.value
  }
  return undefined
}

/** By expanded name: prefixes are the sender's own business. [XML Namespaces: 2.1] */
export function isElement(element: XmlElement, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace
}

/** The first child of that name. */
export function childOf(element: XmlElement, namespace: string, name: string): XmlElement | undefined {
  return element.children.find(child => isElement(child, namespace, name))
}

/** In document order, children alone; empty where there are none. */
export function childrenOf(element: XmlElement, namespace: string, name: string): XmlElement[] {
  return element.children.filter(child => isElement(child, namespace, name))
}

const plainText = /^[ !#-%'-;=?-~\u00a0-\ud7ff]*$/
// Whatever needs a reference, and whatever XML 1.0 has no way to say: control characters, lone surrogates. [XML 1.0: 2.2]
const special = /[^ !#-%'-;=?-~\u007f-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** Text as it may stand in an element or, in double quotes, in an attribute. What XML 1.0 cannot say becomes U+FFFD. */
export function escapeXml(text: string): string {
  return plainText.test(text) ? text : text.replace(special, character => references[character] ?? '\ufffd')
}

/** An element as XML that stands alone. Text between children comes before them all. */
export function serialiseXml(element: XmlElement, defaultNamespace = ''): string {
  const declaration = element.namespace === defaultNamespace ? '' : ` xmlns="${escapeXml(element.namespace)}"`
  const text = element.children.length > 0 && element.text.trim() === '' ? '' : escapeXml(element.text)
  const content = text + element.children.map(child => serialiseXml(child, element.namespace)).join('')
  const start = `<${element.name}${declaration}${element.attributes.map(serialisedAttribute).join('')}`
  return content === '' ? `${start}/>` : `${start}>${content}</${element.name}>`
}

function serialisedAttribute({ namespace, name, value }: XmlAttribute, index: number): string {
  if (namespace === '') return ` ${name}="${escapeXml(value)}"`
  if (namespace === namespaces.xml) return ` xml:${name}="${escapeXml(value)}"`
  return ` xmlns:a${index}="${escapeXml(namespace)}" a${index}:${name}="${escapeXml(value)}"`
}

/** Pieces as one Buffer, for those that have no attachments in them. */
export function bytesOf(pieces: readonly XmlPiece[]): Buffer {
  return Buffer.concat(
    pieces.map(piece => {
      if (typeof piece === 'string') return Buffer.from(piece)
      if (Buffer.isBuffer(piece)) return piece
      if ('open' in piece) throw new Error('what is made while it is sent has no place here')
      throw new Error(`the bytes of attachment ${piece.attachment} have no place here`)
    }),
  )
}
