// References: the five names that need no declaration, and characters by number. [XML 1.0: 4.1, 4.6]
import { JoinedText, TextWriter } from './text-writer.js'

const predefined = [
  { written: 'amp;', code: 0x26 },
  { written: 'lt;', code: 0x3c },
  { written: 'gt;', code: 0x3e },
  { written: 'quot;', code: 0x22 },
  { written: 'apos;', code: 0x27 },
]
const plainReference = /^[A-Za-z_:][-.:\w]*$/
const numberSign = 0x23
/** In a text as short as that there are so few that joining strings is cheapest. */
const fewReferences = 4_096

/** Replaces the references of a text by what they stand for. `refuse` is told the place of one that stands for nothing. */
export function withoutReferences(text: string, refuse: (reason: string, at: number) => never): string {
  const written = text.length < fewReferences ? new JoinedText() : new TextWriter(text.length)
  let at = 0
  for (let next = text.indexOf('&'); next >= 0; next = text.indexOf('&', at)) {
    written.addFrom(text, at, next)
    at = next + 1
    const known = predefined.find(({ written }) => text.startsWith(written, at))
    if (known !== undefined) {
      written.addCharacter(known.code)
      at += known.written.length
      continue
    }
    const end = text.indexOf(';', at)
    if (end < 0) refuse('an ampersand that begins no reference; write &amp;', next)
    const code = text.charCodeAt(at) === numberSign ? numberedIn(text, at + 1, end) : undefined
    if (code === undefined) refuse(reasonFor(text.slice(at, end)), next)
    written.addCharacter(code)
    at = end + 1
  }
  written.addFrom(text, at, text.length)
  return written.end()
}

/** A character that XML can say, by its number from here to there. [XML 1.0: 2.2, 66] */
function numberedIn(text: string, from: number, to: number): number | undefined {
  const radix = text.charCodeAt(from) === 0x78 ? 16 : 10
  const first = radix === 16 ? from + 1 : from
  let code = 0
  for (let at = first; at < to; at += 1) {
    const digit = digitOf(text.charCodeAt(at))
    if (digit >= radix) return undefined
    code = Math.min(code * radix + digit, 0x110000)
  }
  return to > first && isCharacter(code) ? code : undefined
}

function digitOf(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16
}

function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

function reasonFor(name: string): string {
  if (name.startsWith('#')) return 'malformed character entity'
  return plainReference.test(name) ? 'undefined entity' : 'an ampersand that begins no reference; write &amp;'
}
