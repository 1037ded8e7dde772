// What reading gives: elements as plain objects, the bounds they are held to, and the error when a document is none.

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

export interface XmlLimits {
  /** Elements inside one another. */
  depth: number
  /** Attributes of one element, namespace declarations among them: data binding declares all that an application knows at the root. */
  attributes: number
  elements: number
  /** One text or one attribute value, in UTF-16 units. */
  textBytes: number
  totalBytes: number
}

export const defaultXmlLimits: XmlLimits = {
  depth: 64,
  attributes: 256,
  elements: 1_000_000,
  textBytes: 8 * 1024 * 1024,
  totalBytes: 64 * 1024 * 1024,
}

/** What is wrong with a document, with line and column. */
export class XmlProblem extends Error {
  override readonly name = 'XmlProblem'

  /** @param unfinished whether the document is only not at its end yet */
  constructor(
    message: string,
    readonly unfinished = false,
  ) {
    super(message)
  }
}

/** The problem at a place of a text whose lines end with a line feed. Columns count characters, from 1. */
export function problemAt(source: string, at: number, reason: string, unfinished = false): XmlProblem {
  let line = 1
  let lineStart = 0
  for (let end = source.indexOf('\n'); end >= 0 && end < at; end = source.indexOf('\n', lineStart)) {
    line += 1
    lineStart = end + 1
  }
  let column = 1
  for (let index = lineStart; index < at; index += 1) {
    if ((source.charCodeAt(index) & 0xfc00) !== 0xdc00) column += 1
  }
  return new XmlProblem(`line ${line}, column ${column}: ${reason}`, unfinished)
}
