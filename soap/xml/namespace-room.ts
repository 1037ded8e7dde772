// What the names of namespaces take when a tree is written out, where each element says its own: a name that is declared once may be meant a million
// times. docs/decisions/0398
import { namespaces } from '../namespaces.js'
import type { XmlElement, XmlLimits } from './tree.js'

/** In short documents they are longer than all else. */
const leastCharacters = 1_048_576

/** One for a document: as many characters as that may have bytes. */
export class NamespaceRoom {
  private readonly most: number
  private taken = 0

  constructor({ totalBytes }: Pick<XmlLimits, 'totalBytes'>) {
    this.most = Math.max(leastCharacters, totalBytes)
  }

  /** Whether there is room for those of one more element; `outer` is the namespace around it. */
  holds({ namespace, attributes }: Pick<XmlElement, 'namespace' | 'attributes'>, outer: string | undefined): boolean {
    if (namespace !== outer) this.taken += namespace.length
    // The prefix xml needs no declaration.
    for (const each of attributes) if (each.namespace !== namespaces.xml) this.taken += each.namespace.length
    return this.taken <= this.most
  }
}
