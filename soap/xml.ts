// The XML door: saxes into our own bounded tree, and text on its way out. Nothing else in Carnet parses XML.
import { SaxesParser } from 'saxes'
import { namespaces } from './namespaces.js'
import { checkDeclaration, textDecoder } from './xml-encoding.js'

/** Namespace and local name; prefixes carry no meaning. */
export interface QName {
  namespace: string
  name: string
}

export interface XmlAttribute extends QName {
  value: string
}

/** An element as it was sent: names expanded, text and CDATA of its own joined, namespace declarations dropped. */
export interface XmlElement extends QName {
  attributes: readonly XmlAttribute[]
  children: readonly XmlElement[]
  text: string
}

/**
 * XML on its way out, already escaped: text, UTF-8 bytes that were made before, or the place of an attachment's bytes
 * (write it with `xopReference`).
 */
export type XmlPiece = string | Buffer | AttachmentReference

/** Where the bytes of an attachment belong: xop:Include in an MTOM package, base64 in a bare envelope. */
export interface AttachmentReference {
  /** contentId of the attachment. */
  attachment: string
}

export interface XmlLimits {
  /** Elements inside one another. */
  depth: number
  /** Attributes of one element, namespace declarations among them. */
  attributes: number
  elements: number
  /** One text or one attribute value, in UTF-16 units. */
  textBytes: number
  totalBytes: number
}

export const defaultXmlLimits: XmlLimits = {
  depth: 64,
  attributes: 64,
  elements: 1_000_000,
  textBytes: 8 * 1024 * 1024,
  totalBytes: 64 * 1024 * 1024,
}

/** What is wrong with a document, with line and column. */
export class XmlProblem extends Error {
  override readonly name = 'XmlProblem'
}

export interface XmlReader {
  /** @throws XmlProblem as soon as the document cannot become one that we take. */
  write(bytes: Uint8Array): void
  /** @throws XmlProblem when the document ended too early. */
  end(): XmlElement
}

/** Reads a document at once. */
export function parseXml(source: string | Uint8Array, limits: Partial<XmlLimits> = {}): XmlElement {
  if (typeof source !== 'string') {
    const reader = xmlReader(limits)
    reader.write(source)
    return reader.end()
  }
  const builder = treeBuilder({ ...defaultXmlLimits, ...limits })
  builder.write(source)
  return builder.end()
}

/** Reads a document as its bytes arrive: UTF-8, or UTF-16 with a byte order mark. */
export function xmlReader(limits: Partial<XmlLimits> = {}): XmlReader {
  const bounds = { ...defaultXmlLimits, ...limits }
  const decoder = textDecoder(problem => new XmlProblem(problem))
  const builder = treeBuilder(bounds, decoder)
  let totalBytes = 0
  return {
    write(bytes) {
      totalBytes += bytes.byteLength
      if (totalBytes > bounds.totalBytes) throw new XmlProblem(`the document is longer than ${bounds.totalBytes} bytes`)
      builder.write(decoder.write(bytes))
    },
    end() {
      builder.write(decoder.end())
      return builder.end()
    },
  }
}

interface OpenElement extends XmlElement {
  attributes: XmlAttribute[]
  children: XmlElement[]
}

// Most elements have none of one or the other; they share these, which nobody writes to.
const noAttributes: XmlAttribute[] = []
const noChildren: XmlElement[] = []

function treeBuilder(limits: XmlLimits, encoding?: { readonly name: string }) {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let elements = 0
  let attributes: { local: string; value: string; uri?: string }[] = []

  // saxes works quadratically in depth, so that its limit is checked before the parser goes on. [saxes 6]
  parser.on('opentagstart', () => {
    if (open.length >= limits.depth) refuse(`elements are nested deeper than ${limits.depth}`)
    elements += 1
    if (elements > limits.elements) refuse(`more than ${limits.elements} elements`)
    attributes = []
  })
  parser.on('attribute', attribute => {
    if (attributes.length >= limits.attributes) refuse(`an element has more than ${limits.attributes} attributes`)
    checkLength(attribute.value, 'an attribute value')
    attributes.push(attribute)
  })
  parser.on('opentag', tag => {
    const element: OpenElement = {
      namespace: tag.uri,
      name: tag.local,
      attributes: attributes.length === 0 ? noAttributes : attributesOf(attributes),
      children: noChildren,
      text: '',
    }
    const parent = open.at(-1)
    if (parent === undefined) root = element
    else if (parent.children === noChildren) parent.children = [element]
    else parent.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const addText = (text: string) => {
    const element = open.at(-1)
    if (element === undefined) return
    element.text = element.text === '' ? text : element.text + text
    checkLength(element.text, `the text of ${element.name}`)
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('doctype', () => refuse('a document type declaration is not accepted'))
  parser.on('xmldecl', declared => checkDeclaration(declared, encoding?.name, refuse))

  function refuse(reason: string): never {
    throw problemAt(parser, reason)
  }

  function checkLength(text: string, what: string) {
    if (text.length > limits.textBytes) refuse(`${what} is longer than ${limits.textBytes} characters`)
  }

  return {
    write(text: string) {
      if (text !== '') guarded(parser, () => parser.write(text))
    },
    end(): XmlElement {
      guarded(parser, () => parser.close())
      return root ?? refuse('there is no element')
    },
  }
}

function attributesOf(found: { local: string; value: string; uri?: string }[]): XmlAttribute[] {
  const attributes: XmlAttribute[] = []
  for (const { uri = '', local, value } of found) {
    if (uri !== namespaces.xmlns) attributes.push({ namespace: uri, name: local, value })
  }
  return attributes.length === 0 ? noAttributes : attributes
}

function guarded(parser: SaxesParser<{ xmlns: true; position: false }>, work: () => void): void {
  try {
    work()
  } catch (problem) {
    if (problem instanceof XmlProblem) throw problem
    throw problemAt(parser, problem instanceof Error ? problem.message.replace(/\.$/, '') : String(problem))
  }
}

function problemAt(parser: { line: number; column: number }, reason: string): XmlProblem {
  return new XmlProblem(`line ${parser.line}, column ${parser.column}: ${reason}`)
}

/** The value of an attribute; attributes without a prefix are in no namespace. */
export function attributeOf(element: XmlElement, name: string, namespace = ''): string | undefined {
  for (const attribute of element.attributes) {
    if (attribute.name === name && attribute.namespace === namespace) return attribute.value
  }
  return undefined
}

export function isElement(element: XmlElement, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace
}

/** The first child of that name. */
export function childOf(element: XmlElement, namespace: string, name: string): XmlElement | undefined {
  return element.children.find(child => isElement(child, namespace, name))
}

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
      throw new Error(`the bytes of attachment ${piece.attachment} have no place here`)
    }),
  )
}
