// Exclusive XML Canonicalization 1.0 without comments, of a tree without comments. [Exclusive XML Canonicalization 1.0: 2, 3]
import type { SignedAttribute, SignedElement } from './signed-xml.js'

export interface Canonicalisation {
  /** InclusiveNamespaces PrefixList; '' is the default namespace. */
  inclusive: readonly string[]
  /** Left out with all that is in it: the enveloped signature. */
  without?: SignedElement
}

/** The octets that a digest or a signature is over. */
export function canonical(element: SignedElement, { inclusive, without }: Canonicalisation): Buffer {
  const pieces: string[] = []
  write(element, new Map([['', '']]))
  return Buffer.from(pieces.join(''))

  function write(one: SignedElement, outer: ReadonlyMap<string, string>): void {
    const { rendered, declarations } = declared(one, outer, inclusive)
    const raw = one.prefix === '' ? one.name : `${one.prefix}:${one.name}`
    pieces.push(`<${raw}`, ...declarations, ...[...one.attributes].sort(byNamespace).map(written), '>')
    for (const each of one.content) {
      if (typeof each === 'string') pieces.push(escaped(each, inText))
      else if (each !== without) write(each, rendered)
    }
    pieces.push(`</${raw}>`)
  }
}

/** Declarations of the prefixes that are visibly used or asked for, where what was said above does not hold any more. */
function declared(one: SignedElement, outer: ReadonlyMap<string, string>, inclusive: readonly string[]) {
  const used = new Set([one.prefix, ...one.attributes.map(({ prefix }) => prefix).filter(prefix => prefix !== '')])
  for (const prefix of inclusive) if (one.scope.has(prefix)) used.add(prefix)
  used.delete('xml')
  let rendered = outer
  const declarations: string[] = []
  for (const prefix of [...used].sort()) {
    const namespace = one.scope.get(prefix) ?? ''
    if ((outer.get(prefix) ?? '') === namespace) continue
    if (rendered === outer) rendered = new Map(outer)
    ;(rendered as Map<string, string>).set(prefix, namespace)
    declarations.push(` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escaped(namespace, inAttribute)}"`)
  }
  return { rendered, declarations }
}

/** Names and namespaces are ASCII here, so that code units are code points. */
function byNamespace(one: SignedAttribute, other: SignedAttribute): number {
  return compared(one.namespace, other.namespace) || compared(one.name, other.name)
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function written({ prefix, name, value }: SignedAttribute): string {
  return ` ${prefix === '' ? name : `${prefix}:${name}`}="${escaped(value, inAttribute)}"`
}

const inText = /[&<>\r]/g
const inAttribute = /[&<"\t\n\r]/g
const references: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  ...{ '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' },
}

/** [Canonical XML 1.0: 2.3] */
function escaped(text: string, special: RegExp): string {
  return text.replace(special, character => references[character] as string)
}
