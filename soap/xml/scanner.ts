// The XML parser: from text to a tree, for documents without a document type, in one pass and without looking back.
// Productions are those of XML 1.0 (fifth edition) and of Namespaces in XML 1.0. [XML 1.0] [XML Names 1.0]
import { AttributeReader } from './attributes.js'
import {
  afterLastCharacter,
  ampersand,
  bracket,
  exclamation,
  greater,
  less,
  lineFeed,
  question,
  slash,
  space,
  tab,
  XmlCursor,
} from './cursor.js'
import { isKeptExact, keepExact } from './exact.js'
import { withLineFeeds } from './line-feeds.js'
import { skipComment, skipDeclaration, skipInstruction } from './misc.js'
import { NameReader, PrefixScope, shown, type XmlName } from './names.js'
import { NamespaceRoom } from './namespace-room.js'
import type { XmlAttribute, XmlElement, XmlLimits } from './tree.js'

interface OpenElement extends XmlElement {
  attributes: XmlAttribute[]
  children: OpenElement[]
}

// Elements that have none share these, which nobody writes to.
const noChildren: OpenElement[] = []

/**
 * Reads a document. The strings of the tree may be parts of the source and keep all of it in memory: what shall outlive
 * the request is to be copied.
 * @param encoding what the bytes were, if there were bytes; a declaration has to agree.
 * @throws XmlProblem
 */
export function scanXml(text: string, limits: XmlLimits, encoding?: string): XmlElement {
  return new XmlScanner(withLineFeeds(text), limits).document(encoding)
}

/** As scanXml(), with a pause after every so many characters in which others are served: docs/decisions/0152. */
export function scanXmlInSlices(
  text: string,
  limits: XmlLimits,
  encoding: string,
  pause: () => Promise<void>,
): Promise<XmlElement> {
  return new XmlScanner(withLineFeeds(text), limits).documentInSlices(encoding, pause)
}

/** A header block: Envelope, Header, and it. */
const exactDepth = 3
/** One for us, and some for others on the way. */
const mostKeptExact = 16

/** Some milliseconds. */
const sliceCharacters = 131_072

class XmlScanner {
  private readonly cursor: XmlCursor
  private readonly names = new NameReader()
  private readonly scope = new PrefixScope()
  private readonly attributes: AttributeReader
  private readonly room: NamespaceRoom
  private readonly open: OpenElement[] = []
  private readonly openNames: XmlName[] = []
  private root: XmlElement | undefined
  /** Where the one begins whose characters are kept beside it. */
  private exactFrom = -1
  private keptExact = 0
  private elements = 0

  constructor(
    source: string,
    private readonly limits: XmlLimits,
  ) {
    this.cursor = new XmlCursor(source)
    this.attributes = new AttributeReader(this.cursor, limits, this.names, this.scope)
    this.room = new NamespaceRoom(limits)
  }

  /** document ::= prolog element Misc* [XML 1.0: 1, 22] */
  document(encoding: string | undefined): XmlElement {
    this.begin(encoding)
    while (this.open.length > 0) this.content()
    return this.finish()
  }

  async documentInSlices(encoding: string, pause: () => Promise<void>): Promise<XmlElement> {
    const { cursor, open } = this
    this.begin(encoding)
    while (open.length > 0) {
      const end = cursor.at + sliceCharacters
      while (open.length > 0 && cursor.at < end) this.content()
      await pause()
    }
    return this.finish()
  }

  private begin(encoding: string | undefined): void {
    skipDeclaration(this.cursor, encoding)
    this.misc()
    if (this.cursor.code() === less) this.startTag()
  }

  private finish(): XmlElement {
    const { cursor } = this
    this.misc()
    if (cursor.code() === less) cursor.refuse('documents may contain only one root')
    return this.root ?? cursor.refuseEnd('document must contain a root element')
  }

  /** Misc*, up to a tag or the end. [XML 1.0: 27] */
  private misc(): void {
    const { cursor } = this
    for (;;) {
      cursor.skipSpace()
      if (cursor.at === cursor.source.length) return
      if (cursor.code() !== less) this.refuseStray()
      const second = cursor.code(1)
      if (second === question) skipInstruction(cursor)
      else if (second !== exclamation) return
      else if (cursor.startsWith('<!--')) skipComment(cursor)
      else if (cursor.startsWith('<!DOCTYPE')) cursor.refuse('a document type declaration is not accepted')
      else this.refuseStray()
    }
  }

  private refuseStray(): never {
    const { cursor } = this
    cursor.checkCharacters(cursor.at, cursor.at + 1)
    return cursor.refuse('text data outside of root node')
  }

  /** One step of content: the text before a piece of markup, and the markup. [XML 1.0: 43] */
  private content(): void {
    this.text()
    const { cursor } = this
    const second = cursor.code(1)
    if (second === slash) this.endTag()
    else if (second === question) skipInstruction(cursor)
    else if (second !== exclamation) this.startTag()
    else if (cursor.startsWith('<!--')) skipComment(cursor)
    else if (cursor.startsWith('<![CDATA[')) this.cdata()
    else if (cursor.startsWith('<!DOCTYPE')) cursor.refuse('a document type declaration is not accepted')
    else cursor.refuse('incorrect syntax behind <!')
  }

  /** CharData and references, up to the next markup. [XML 1.0: 14] */
  private text(): void {
    const { cursor } = this
    const { source, at: start } = cursor
    let at = start
    let references = false
    for (; at < source.length; at += 1) {
      const code = source.charCodeAt(at)
      if (code > greater && code < afterLastCharacter) continue
      if (code === less) break
      if (code === ampersand) references = true
      else if (code === greater) this.checkCdataEnd(at)
      else if ((code < space && code !== lineFeed && code !== tab) || code >= afterLastCharacter) {
        cursor.refuseCharacter(at)
      }
    }
    cursor.at = at
    if (at === source.length) this.refuseUnclosed()
    if (at === start) return
    const text = source.slice(start, at)
    this.addText(references ? cursor.resolved(text, start) : text)
  }

  /** Text begins behind a tag or the like, so that brackets before it cannot be meant. [XML 1.0: 14] */
  private checkCdataEnd(at: number): void {
    const { source } = this.cursor
    if (source.charCodeAt(at - 1) !== bracket || source.charCodeAt(at - 2) !== bracket) return
    this.cursor.refuse('the string "]]>" is disallowed in char data', at - 2)
  }

  /** CDSect [XML 1.0: 18-21] */
  private cdata(): void {
    const { cursor } = this
    const start = cursor.at + '<![CDATA['.length
    const end = cursor.source.indexOf(']]>', start)
    if (end < 0) cursor.refuseEnd('a CDATA section has no end')
    cursor.checkCharacters(start, end)
    if (end > start) this.addText(cursor.source.slice(start, end))
    cursor.at = end + 3
  }

  private addText(text: string): void {
    const element = this.open[this.open.length - 1] as OpenElement
    element.text = element.text === '' ? text : element.text + text
    if (element.text.length <= this.limits.textBytes) return
    this.cursor.refuse(`the text of ${shown(element.name)} is longer than ${this.limits.textBytes} characters`)
  }

  /** STag or EmptyElemTag [XML 1.0: 40, 44] */
  private startTag(): void {
    const { cursor } = this
    const start = cursor.at
    this.checkBounds()
    const name =
      this.names.read(cursor.source, start + 1) ?? cursor.refuse('disallowed character in tag name', start + 1)
    cursor.at += 1 + name.raw.length
    const count = this.attributes.read(this.open.length)
    const empty = cursor.code() === slash
    if (empty) cursor.at += 1
    if (cursor.code() !== greater) cursor.refuse('forward-slash in opening tag not followed by >')
    this.openElement(name, count, start)
    cursor.at += 1
    if (empty) this.closeElement()
  }

  private checkBounds(): void {
    const { cursor, limits } = this
    if (this.open.length >= limits.depth) cursor.refuse(`elements are nested deeper than ${limits.depth}`)
    this.elements += 1
    if (this.elements > limits.elements) cursor.refuse(`more than ${limits.elements} elements`)
  }

  private openElement(name: XmlName, count: number, start: number): void {
    if (name.prefix === 'xmlns') this.cursor.refuse('tags may not have "xmlns" as prefix', start + 1)
    const element: OpenElement = {
      namespace: this.attributes.namespaceOf(name.prefix, start),
      name: name.local,
      attributes: this.attributes.resolved(count, start),
      children: noChildren,
      text: '',
    }
    const parent = this.open[this.open.length - 1]
    if (!this.room.holds(element, parent?.namespace)) {
      this.cursor.refuse('the namespaces of its elements, written out, are longer than the document may be', start)
    }
    if (parent === undefined) this.root = element
    else if (parent.children === noChildren) parent.children = [element]
    else parent.children.push(element)
    this.open.push(element)
    this.openNames.push(name)
    if (this.open.length === exactDepth && isKeptExact(element)) this.beginExact(start)
  }

  /** Each is kept with all that prefixes stand for there: many would take many times the room of the document. */
  private beginExact(start: number): void {
    this.keptExact += 1
    if (this.keptExact > mostKeptExact) this.cursor.refuse(`more than ${mostKeptExact} headers wsse:Security`, start)
    this.exactFrom = start
  }

  /** ETag [XML 1.0: 42] */
  private endTag(): void {
    const { cursor } = this
    const { raw } = this.openNames[this.openNames.length - 1] as XmlName
    const start = cursor.at
    cursor.at += 2
    if (!cursor.startsWith(raw)) cursor.refuse(`unexpected close tag; open is ${shown(raw)}`, start)
    cursor.at += raw.length
    cursor.skipSpace()
    if (cursor.code() !== greater) cursor.refuse(`unexpected close tag; open is ${shown(raw)}`, start)
    cursor.at += 1
    this.closeElement()
  }

  private closeElement(): void {
    const element = this.open.pop() as OpenElement
    if (this.exactFrom >= 0 && this.open.length === exactDepth - 1) {
      const { source, at: to } = this.cursor
      keepExact(element, { source, from: this.exactFrom, to, scope: this.scope.all() })
      this.exactFrom = -1
    }
    this.openNames.pop()
    this.scope.leave(this.open.length)
  }

  private refuseUnclosed(): never {
    return this.cursor.refuseEnd(`unclosed tag: ${shown(this.openNames.at(-1)?.raw ?? '')}`)
  }
}
