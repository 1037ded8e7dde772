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

/** At the places of control characters, which no message has, stands what Windows puts there: its senders call that Latin 1 too. */
const latin1: CharacterSet = {
  decode: bytes => bytes.toString('latin1').replace(/[\x80-\x9f]/g, character => windows[at(character)] ?? character),
  encode: text => Buffer.from(within(text, 0xff), 'latin1'),
}

/** From 0x80 on; five places are empty. */
const windows = [...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ']
const at = (character: string) => character.charCodeAt(0) - 0x80

/** Latin 1 but for eight characters, œ among them. */
const latin9: CharacterSet = {
  decode: bytes => exchanged(bytes.toString('latin1'), '¤¦¨´¸¼½¾', '€ŠšŽžŒœŸ'),
  // The eight of Latin 1 that gave way are not in it.
  encode: text => latin1.encode(exchanged(exchanged(text, '¤¦¨´¸¼½¾', '????????'), '€ŠšŽžŒœŸ', '¤¦¨´¸¼½¾')),
}

function exchanged(text: string, from: string, to: string): string {
  return [...text].map(character => to[from.indexOf(character)] ?? character).join('')
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
  ['8859/15', latin9],
  ['ISO 8859-15', latin9],
  ['ISO8859-15', latin9],
  ['ISO-8859-15', latin9],
  ['UNICODE UTF-8', utf8],
  ['UTF-8', utf8],
  ['UTF8', utf8],
])

/** Undefined when it is none that we read. */
export function characterSetNamed(name: string): CharacterSet | undefined {
  return characterSets.get(name.trim().toUpperCase())
}

export const characterSetNames = ['ASCII', '8859/1', '8859/15', 'UNICODE UTF-8'] as const

function within(text: string, last: number): string {
  return [...text].map(character => ((character.codePointAt(0) ?? 0) <= last ? character : '?')).join('')
}
