// The attributes of a start tag: read, normalised, their prefixes resolved, none twice.
import {
  afterLastCharacter,
  ampersand,
  doubleQuote,
  equals,
  greater,
  less,
  lineFeed,
  singleQuote,
  slash,
  space,
  tab,
  type XmlCursor,
} from './cursor.js'
import { withSpaces } from './line-feeds.js'
import { type NameReader, type PrefixScope, shown, type XmlName } from './names.js'
import type { XmlAttribute, XmlLimits } from './tree.js'

/** Elements that have none share these, which nobody writes to. */
const noAttributes: XmlAttribute[] = []

/** One for a whole document; what it has read of a tag is valid until the next `read`. @throws XmlProblem for what is not well formed, or over a limit */
export class AttributeReader {
  /** Those of the tag being read; a declaration behind them may still say what their prefixes stand for. */
  private readonly names: XmlName[] = []
  private readonly values: string[] = []

  constructor(
    private readonly cursor: XmlCursor,
    private readonly limits: XmlLimits,
    private readonly nameReader: NameReader,
    private readonly scope: PrefixScope,
  ) {}

  /** (S Attribute)* S?, up to the end of a tag [XML 1.0: 40, 41]; returns how many there are. */
  read(depth: number): number {
    const { cursor } = this
    for (let count = 0; ; count += 1) {
      const before = cursor.at
      cursor.skipSpace()
      const code = cursor.code()
      if (code === greater || code === slash) return count
      if (cursor.at === before) this.refuse('disallowed character in a name, or no white space before an attribute')
      if (count >= this.limits.attributes) {
        cursor.refuse(`an element has more than ${this.limits.attributes} attributes`)
      }
      this.readOne(count, depth)
    }
  }

  /** Attribute and NSAttName [XML 1.0: 41, 25] [XML Names 1.0: 1] */
  private readOne(index: number, depth: number): void {
    const { cursor } = this
    const start = cursor.at
    const name = this.nameReader.read(cursor.source, start)
    if (name === undefined) this.refuse('disallowed character in attribute name')
    cursor.at += name.raw.length
    cursor.skipSpace()
    if (cursor.code() !== equals) this.refuse('attribute without value')
    cursor.at += 1
    cursor.skipSpace()
    const value = this.value()
    this.names[index] = name
    this.values[index] = value
    if (name.declares === undefined) return
    const wrong = this.scope.declare(name.declares, value, depth)
    if (wrong !== undefined) cursor.refuse(wrong, start)
  }

  /** AttValue, normalised. [XML 1.0: 10, 3.3.3] */
  private value(): string {
    const { cursor, limits } = this
    const { source } = cursor
    const quote = cursor.code()
    if (quote !== doubleQuote && quote !== singleQuote) this.refuse('unquoted attribute value')
    const start = cursor.at + 1
    let at = start
    let references = false
    let spaces = false
    for (; at < source.length; at += 1) {
      const code = source.charCodeAt(at)
      if (code > less && code < afterLastCharacter) continue
      if (code === quote) break
      if (code === ampersand) references = true
      else if (code === tab || code === lineFeed) spaces = true
      else if (code === less || code < space || code >= afterLastCharacter) cursor.refuseCharacter(at)
    }
    if (at === source.length) cursor.refuseEnd('an attribute value has no end')
    let value = source.slice(start, at)
    if (spaces) value = withSpaces(value)
    if (references) value = cursor.resolved(value, start)
    if (value.length > limits.textBytes) {
      cursor.refuse(`an attribute value is longer than ${limits.textBytes} characters`)
    }
    cursor.at = at + 1
    return value
  }

  /** The first so many of those read, without declarations. */
  resolved(count: number, tagAt: number): XmlAttribute[] {
    if (count === 0) return noAttributes
    let attributes = noAttributes
    for (let index = 0; index < count; index += 1) {
      const { prefix, local, declares } = this.names[index] as XmlName
      if (declares !== undefined) continue
      const namespace = prefix === '' ? '' : this.namespaceOf(prefix, tagAt)
      const attribute = { namespace, name: local, value: this.values[index] as string }
      if (attributes === noAttributes) attributes = [attribute]
      else attributes.push(attribute)
    }
    const twice = attributes.length > 1 ? duplicateIn(attributes) : undefined
    if (twice !== undefined) this.cursor.refuse(`duplicate attribute: ${shown(twice)}`, tagAt)
    return attributes
  }

  /** [XML Names 1.0: 5] */
  namespaceOf(prefix: string, tagAt: number): string {
    const namespace = this.scope.namespaceOf(prefix)
    return namespace ?? this.cursor.refuse(`unbound namespace prefix: ${JSON.stringify(shown(prefix))}`, tagAt)
  }

  private refuse(reason: string): never {
    const { cursor } = this
    return cursor.at < cursor.source.length ? cursor.refuse(reason) : cursor.refuseEnd('a tag has no end')
  }
}

const comparedInPairs = 8

/** The first attribute that is there twice, written as {namespace}name. [XML Names 1.0: 6.3] */
function duplicateIn(attributes: readonly XmlAttribute[]): string | undefined {
  if (attributes.length > comparedInPairs) return duplicateAmongMany(attributes)
  for (let index = 1; index < attributes.length; index += 1) {
    const one = attributes[index] as XmlAttribute
    for (let before = 0; before < index; before += 1) {
      const other = attributes[before] as XmlAttribute
      if (one.name === other.name && one.namespace === other.namespace) return expanded(one)
    }
  }
  return undefined
}

function duplicateAmongMany(attributes: readonly XmlAttribute[]): string | undefined {
  const seen = new Set<string>()
  for (const attribute of attributes) {
    const name = expanded(attribute)
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

function expanded({ namespace, name }: XmlAttribute): string {
  return namespace === '' ? name : `{${namespace}}${name}`
}
