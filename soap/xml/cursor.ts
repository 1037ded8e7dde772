// A place in the text of a document, and how to say what is wrong there.
import { withoutReferences } from './references.js'
import { problemAt } from './tree.js'

export const tab = 0x9
export const lineFeed = 0xa
export const space = 0x20
export const exclamation = 0x21
export const doubleQuote = 0x22
export const ampersand = 0x26
export const singleQuote = 0x27
export const slash = 0x2f
export const less = 0x3c
export const equals = 0x3d
export const greater = 0x3e
export const question = 0x3f
export const bracket = 0x5d
/** The first of the two characters at the end of the basic plane that are none. [XML 1.0: 2] */
export const afterLastCharacter = 0xfffe

// Line ends are line feeds by now, and half a surrogate pair was refused before. [XML 1.0: 2]
const noCharacter = /[^\t\n -\ufffd]/

/** In UTF-16 code units of the decoded text. */
export class XmlCursor {
  at = 0

  constructor(readonly source: string) {}

  /** The code unit so many places on; NaN behind the end. */
  code(offset = 0): number {
    return this.source.charCodeAt(this.at + offset)
  }

  startsWith(text: string): boolean {
    return this.source.startsWith(text, this.at)
  }

  /** S? [XML 1.0: 3] */
  skipSpace(): void {
    const { source } = this
    let { at } = this
    while (at < source.length && isSpace(source.charCodeAt(at))) at += 1
    this.at = at
  }

  /** A piece of the source with its references replaced. */
  resolved(text: string, start: number): string {
    return withoutReferences(text, (reason, at) => this.refuse(reason, start + at))
  }

  /** Char* [XML 1.0: 2] */
  checkCharacters(from: number, to: number): void {
    const wrong = this.source.slice(from, to).search(noCharacter)
    if (wrong >= 0) this.refuseCharacter(from + wrong)
  }

  refuseCharacter(at = this.at): never {
    const code = this.source.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
    return this.refuse(`disallowed character U+${code}`, at)
  }

  refuseEnd(what: string): never {
    throw problemAt(this.source, this.source.length, `unexpected end: ${what}`, true)
  }

  refuse(reason: string, at = this.at): never {
    throw problemAt(this.source, at, reason)
  }
}

export function isSpace(code: number): boolean {
  return code === space || code === lineFeed || code === tab
}
