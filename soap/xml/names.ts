// Names and what their prefixes stand for. [XML 1.0: 2.3] [XML Names 1.0]
import { namespaces } from '../namespaces.js'
import { problemAt } from './tree.js'

/** A name as it is written, taken apart. */
export interface XmlName {
  readonly raw: string
  readonly prefix: string
  readonly local: string
  /** The prefix that an attribute of this name declares ('' is the default namespace); undefined if it declares none. */
  readonly declares: string | undefined
}

// NameStartChar and NameChar without the colon. [XML 1.0: 4, 4a] [XML Names 1.0: 4]
const start =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f' +
  '\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
const ncName = `[${start}][${start}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040]*`
const qualifiedName = new RegExp(`^(?:(${ncName}):)?(${ncName})$`, 'u')
/** The target of a processing instruction, or another name that takes no prefix, at a place. */
export const plainName = new RegExp(ncName, 'uy')

/** Which of the first 128 characters may be somewhere in a name. */
const inName = Uint8Array.from({ length: 128 }, (_, code) => (/[-.:\w]/.test(String.fromCharCode(code)) ? 1 : 0))

const slots = 256
const longestKept = 100
/** To take one of megabytes apart takes seconds, and answers name what they refuse. */
const longestName = 4_096

/**
 * Reads the names of one document. A document says the same few names again and again: they are taken apart once, found
 * again by a hash made on the way, and their strings are shared. A name that falls on another's slot takes its place.
 */
export class NameReader {
  private readonly known: (XmlName | undefined)[] = new Array(slots).fill(undefined)

  /** The name at a place of the source; undefined when what stands there is no qualified name. @throws XmlProblem */
  read(source: string, from: number): XmlName | undefined {
    const { length } = source
    let hash = 0
    let end = from
    // What is not ASCII is left for the pattern to judge.
    for (; end < length; end += 1) {
      const code = source.charCodeAt(end)
      if (code < 128 && inName[code] === 0) break
      hash = (hash * 31 + code) | 0
    }
    const slot = (hash ^ (hash >>> 8)) & (slots - 1)
    const known = this.known[slot]
    if (known !== undefined && known.raw.length === end - from && source.startsWith(known.raw, from)) return known
    if (end - from > longestName) throw problemAt(source, from, `a name is longer than ${longestName} characters`)
    const name = nameOf(source.slice(from, end))
    if (end - from <= longestKept) this.known[slot] = name
    return name
  }
}

function nameOf(raw: string): XmlName | undefined {
  const parts = qualifiedName.exec(raw)
  if (parts === null) return undefined
  const [, prefix = '', local = ''] = parts
  return { raw, prefix, local, declares: prefix === 'xmlns' ? local : raw === 'xmlns' ? '' : undefined }
}

interface Binding {
  namespace: string
  depth: number
  /** What the prefix stood for outside. */
  outer: Binding | undefined
}

// Ours in place of the document's, so that a comparison with one of ours need not look at the characters.
const wellKnown = new Map<string, string>(Object.values(namespaces).map(namespace => [namespace, namespace]))

/** What prefixes stand for, from the outermost element to the one being read. Each step takes the same time at any depth. */
export class PrefixScope {
  private readonly bindings = new Map<string, Binding>([
    ['', { namespace: '', depth: -1, outer: undefined }],
    ['xml', { namespace: namespaces.xml, depth: -1, outer: undefined }],
  ])
  private readonly declared: string[] = []

  namespaceOf(prefix: string): string | undefined {
    return this.bindings.get(prefix)?.namespace
  }

  /** What every prefix stands for here. */
  all(): Map<string, string> {
    return new Map([...this.bindings].map(([prefix, { namespace }]) => [prefix, namespace]))
  }

  /** Takes a declaration of the element at that depth; returns what is wrong with it. [XML Names 1.0: 3, 5, 6] */
  declare(prefix: string, value: string, depth: number): string | undefined {
    const trimmed = value.trim()
    const namespace = wellKnown.get(trimmed) ?? trimmed
    const outer = this.bindings.get(prefix)
    if (outer?.depth === depth) return `duplicate attribute: ${prefix === '' ? 'xmlns' : `xmlns:${shown(prefix)}`}`
    const wrong = wrongBinding(prefix, namespace)
    if (wrong !== undefined) return wrong
    this.bindings.set(prefix, { namespace, depth, outer })
    this.declared.push(prefix)
    return undefined
  }

  /** Forgets what the element at that depth declared. */
  leave(depth: number): void {
    for (let last = this.declared.at(-1); last !== undefined; last = this.declared.at(-1)) {
      const binding = this.bindings.get(last)
      if (binding?.depth !== depth) return
      this.declared.pop()
      if (binding.outer === undefined) this.bindings.delete(last)
      else this.bindings.set(last, binding.outer)
    }
  }
}

function wrongBinding(prefix: string, namespace: string): string | undefined {
  if (prefix === 'xmlns') return 'the prefix xmlns must not be declared'
  if (namespace === namespaces.xmlns) return `nothing may be bound to ${namespaces.xmlns}`
  if (prefix === 'xml' && namespace !== namespaces.xml) return `xml prefix must be bound to ${namespaces.xml}`
  if (prefix !== 'xml' && namespace === namespaces.xml) return `only the prefix xml may be bound to ${namespaces.xml}`
  if (prefix !== '' && namespace === '') return `the namespace of prefix ${shown(prefix)} is empty`
  return undefined
}

/** What a sender wrote, as far as it belongs into a message of ours. */
export function shown(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`
}
