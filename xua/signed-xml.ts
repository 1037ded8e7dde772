// The characters of a wsse:Security as a tree that keeps what a signature is over: prefixes, declarations, text between children.
// It takes far less than XML: no comment, processing instruction, CDATA or document type, nothing that two readers may see
// differently. What it is given has been read by the parser before, so that it is well-formed. docs/decisions/0280

import { namespaces } from '../soap/namespaces.js'
import { type ExactXml, exactText } from '../soap/xml/exact.js'
import { withoutReferences } from '../soap/xml/references.js'
import { securityFault } from './refusal.js'

/** Text and children in their order, as the signature is over them; never more of a document than was signed. */
export interface SignedElement {
  prefix: string
  name: string
  namespace: string
  attributes: SignedAttribute[]
  /** All that prefixes stand for here. */
  scope: ReadonlyMap<string, string>
  content: (SignedElement | string)[]
}

export interface SignedAttribute {
  prefix: string
  name: string
  namespace: string
  value: string
}

/** A token is some kilobytes; a certificate in it a few more. */
const mostCharacters = 262_144
const mostElements = 2_000
/** That stand for something at one place; each element that declares one has a list of them all. */
const mostPrefixes = 256

/** @throws SoapFault */
export function readSigned(exact: ExactXml): SignedElement {
  const text = exactText(exact)
  if (text.length > mostCharacters) throw malformed(`it is longer than ${mostCharacters} characters`)
  if (text.includes('<!') || text.includes('<?')) {
    throw malformed('there is a comment, a processing instruction or a CDATA section in it')
  }
  return new SignedReader(text, exact.scope).read()
}

const tag =
  /<(\/?)([A-Za-z_][\w.:-]*)((?:[ \t\n]+[A-Za-z_][\w.:-]*[ \t\n]*=[ \t\n]*(?:"[^"<]*"|'[^'<]*'))*)[ \t\n]*(\/?)>/y
const attribute = /[ \t\n]+([A-Za-z_][\w.:-]*)[ \t\n]*=[ \t\n]*(?:"([^"<]*)"|'([^'<]*)')/g
// With a relative one some canonicalisers fail, and some go on with nothing. [Canonical XML 1.0: 1.3]
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/

class SignedReader {
  private at = 0
  private elements = 0

  constructor(
    private readonly text: string,
    private readonly outer: ReadonlyMap<string, string>,
  ) {}

  read(): SignedElement {
    const open: { element: SignedElement; raw: string }[] = []
    for (;;) {
      const text = this.characters()
      if (text !== '') open.at(-1)?.element.content.push(text)
      const { closes, raw, attributes, empty } = this.tag()
      if (!closes) {
        const element = this.element(raw, attributes, open.at(-1)?.element.scope ?? this.outer)
        open.at(-1)?.element.content.push(element)
        open.push({ element, raw })
        if (!empty) continue
      }
      const ended = open.pop()
      if (ended?.raw !== raw) throw malformed('its tags do not close one another')
      if (open.length > 0) continue
      if (this.at !== this.text.length) throw malformed('there is something behind its end')
      return ended.element
    }
  }

  private characters(): string {
    const end = this.text.indexOf('<', this.at)
    if (end < 0) throw malformed('it has no end')
    const text = this.text.slice(this.at, end)
    this.at = end
    return resolved(text)
  }

  private tag() {
    tag.lastIndex = this.at
    const found = tag.exec(this.text)
    if (found === null) throw malformed('a name in it has other than ASCII characters, or a tag cannot be read')
    this.at = tag.lastIndex
    const [, closing = '', raw = '', attributes = '', empty = ''] = found
    return { closes: closing !== '', raw, attributes, empty: empty !== '' }
  }

  private element(raw: string, written: string, outer: ReadonlyMap<string, string>): SignedElement {
    this.elements += 1
    if (this.elements > mostElements) throw malformed(`it has more than ${mostElements} elements`)
    const plain: [raw: string, value: string][] = []
    const declared: [prefix: string, namespace: string][] = []
    for (const [, name = '', double, single] of written.matchAll(attribute)) {
      const value = resolved((double ?? single ?? '').replace(/[\t\n]/g, ' '))
      const declares = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice(6) : undefined
      if (declares === undefined) plain.push([name, value])
      else declared.push([declares, value])
    }
    const scope = withDeclarations(outer, declared)
    const attributes = plain.map(([name, value]) => ({ ...qualified(name, scope, ''), value }))
    return { ...qualified(raw, scope, scope.get('') ?? ''), attributes, scope, content: [] }
  }
}

function withDeclarations(scope: ReadonlyMap<string, string>, declared: readonly [string, string][]) {
  for (const [prefix, value] of declared) {
    if (!absoluteUri.test(value) && !(prefix === '' && value === ''))
      throw malformed('a namespace in it is no absolute URI')
  }
  if (declared.length === 0) return scope
  const inner = new Map([...scope, ...declared])
  if (inner.size > mostPrefixes) throw malformed(`more than ${mostPrefixes} prefixes stand for something in it`)
  return inner
}

function qualified(raw: string, scope: ReadonlyMap<string, string>, unprefixed: string) {
  const [first = '', ...rest] = raw.split(':')
  if (rest.length > 1) throw malformed('a name in it has two colons')
  const [name] = rest
  if (name === undefined) return { prefix: '', name: first, namespace: unprefixed }
  const namespace = first === 'xml' ? namespaces.xml : scope.get(first)
  if (namespace === undefined) throw malformed('a prefix in it stands for nothing')
  return { prefix: first, name, namespace }
}

function resolved(text: string): string {
  return withoutReferences(text, reason => {
    throw malformed(reason)
  })
}

function malformed(why: string) {
  return securityFault('InvalidSecurity', `the wsse:Security cannot be taken: ${why}`)
}

/** Elements only, in their order. */
export function childrenIn({ content }: SignedElement): SignedElement[] {
  return content.filter(each => typeof each !== 'string')
}

export function isSigned({ name, namespace }: SignedElement, ofNamespace: string, ofName: string): boolean {
  return name === ofName && namespace === ofNamespace
}

/** The element and all below it. */
export function* descendants(element: SignedElement): Generator<SignedElement> {
  yield element
  for (const child of childrenIn(element)) yield* descendants(child)
}
