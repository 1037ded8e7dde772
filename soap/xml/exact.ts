// What a tree does not keep, of the one header whose very characters count: signatures are over characters, not over meaning.
import { namespaces } from '../namespaces.js'
import type { XmlElement } from './tree.js'

/** An element as it was written, line ends made line feeds. */
export interface ExactXml {
  /** The document that it is part of, from `from` to `to`. */
  source: string
  from: number
  to: number
  /** What prefixes stand for where it is, those that it declares itself among them. */
  scope: ReadonlyMap<string, string>
}

// Beside the tree: a further property would cost every element of every message. docs/decisions/0190
const kept = new WeakMap<XmlElement, ExactXml>()

/** wsse:Security alone. [WSS SOAP Message Security 1.1: 5] */
export function isKeptExact({ name, namespace }: XmlElement): boolean {
  return name === 'Security' && namespace === namespaces.wsse
}

/** Kept for as long as the tree is: the element is the key, and goes with the message. */
export function keepExact(element: XmlElement, exact: ExactXml): void {
  kept.set(element, exact)
}

/** As it was written; undefined of all but a wsse:Security that stood as a header block in what was read. */
export function exactOf(element: XmlElement): ExactXml | undefined {
  return kept.get(element)
}

/** Its text. */
export function exactText({ source, from, to }: ExactXml): string {
  return source.slice(from, to)
}
