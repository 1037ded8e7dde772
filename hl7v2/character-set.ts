// How the bytes of a message are text: MSH-18. HL7 table 0211.
import { isAscii, isUtf8 } from 'node:buffer'

interface CharacterSet {
  decode(bytes: Buffer): string | undefined
  encode(text: string): Buffer
}

const utf8: CharacterSet = {
  decode: bytes => (isUtf8(bytes) ? bytes.toString('utf8') : undefined),
  encode: text => Buffer.from(text, 'utf8'),
}

const latin1: CharacterSet = {
  decode: bytes => bytes.toString('latin1'),
  encode: text => Buffer.from(within(text, 0xff), 'latin1'),
}

const ascii: CharacterSet = {
  decode: bytes => (isAscii(bytes) ? bytes.toString('latin1') : undefined),
  encode: text => Buffer.from(within(text, 0x7f), 'latin1'),
}

/** By the names of HL7 table 0211, and those that senders make of them. */
const characterSets: ReadonlyMap<string, CharacterSet> = new Map([
  ['ASCII', ascii],
  ['8859/1', latin1],
  ['ISO 8859-1', latin1],
  ['ISO8859-1', latin1],
  ['ISO-8859-1', latin1],
  ['UNICODE UTF-8', utf8],
  ['UTF-8', utf8],
  ['UTF8', utf8],
])

/** Undefined when it is none that we read. */
export function characterSetNamed(name: string): CharacterSet | undefined {
  return characterSets.get(name.trim().toUpperCase())
}

export const characterSetNames = ['ASCII', '8859/1', 'UNICODE UTF-8'] as const

function within(text: string, last: number): string {
  return [...text].map(character => ((character.codePointAt(0) ?? 0) <= last ? character : '?')).join('')
}
