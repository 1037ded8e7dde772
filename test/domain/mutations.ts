// What an attacker, a broken proxy or a careless programmer does to a message: bytes, tokens and elements out of place.
import type { Sent } from './a-domain.js'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Mutation = (text: string, random: () => number) => string

const upTo = (limit: number, random: () => number) => Math.floor(random() * limit)
const oneOf = <Value>(values: readonly Value[], random: () => number) => values[upTo(values.length, random)]!

const strange = [
  '\u0000',
  '&',
  '<',
  '>',
  '"',
  "'",
  '&#0;',
  '&lol;',
  '<![CDATA[x]]>',
  '<!--x-->',
  '<?x y?>',
  '<!DOCTYPE a>',
  'é',
  '\ud800',
  '%',
  '__proto__',
  '../',
  '^',
  '$',
  '--',
  '\r\n',
  'A'.repeat(5_000),
]

const mutations: Mutation[] = [
  function dropSome(text, random) {
    const start = upTo(text.length, random)
    return text.slice(0, start) + text.slice(start + 1 + upTo(40, random))
  },
  function doubleSome(text, random) {
    const start = upTo(text.length, random)
    const piece = text.slice(start, start + 1 + upTo(400, random))
    return text.slice(0, start) + piece + text.slice(start)
  },
  function insertStrange(text, random) {
    const start = upTo(text.length, random)
    return text.slice(0, start) + oneOf(strange, random) + text.slice(start)
  },
  function cutOff(text, random) {
    return text.slice(0, upTo(text.length, random))
  },
  function changeAttribute(text, random) {
    return change(
      text,
      /="[^"]*"/g,
      random,
      () => `="${oneOf(['', 'x', 'urn:uuid:x', 'urn:oid:1', '-1', 'true', 'a'.repeat(300)], random)}"`,
    )
  },
  function swapAttribute(text, random) {
    const values = text.match(/="[^"]*"/g) ?? ['=""']
    return change(text, /="[^"]*"/g, random, () => oneOf(values, random))
  },
  function changeText(text, random) {
    return change(
      text,
      />[^<>]+</g,
      random,
      () =>
        `>${oneOf(['', ' ', 'x', '2026', '20261332', "'", "('a'", '()', "('a','b')", 'x^^^&1&ISO', '-5', '999999999999999999999'], random)}<`,
    )
  },
  function swapText(text, random) {
    const values = text.match(/>[^<>]+</g) ?? ['><']
    return change(text, />[^<>]+</g, random, () => oneOf(values, random))
  },
  function dropElement(text, random) {
    return change(
      text,
      /<(\w+:)?(Slot|Classification|ExternalIdentifier|Association|Value|ValueList|Name|Document|RegistryPackage|Action|MessageID)\b[\s\S]*?<\/\1?\2>/g,
      random,
      () => '',
    )
  },
  function doubleElement(text, random) {
    return change(
      text,
      /<(\w+:)?(Slot|Classification|ExternalIdentifier|Association|ExtrinsicObject|RegistryPackage|Document|Action|MessageID|Value)\b[\s\S]*?<\/\1?\2>/g,
      random,
      found => found + found,
    )
  },
  function renameElement(text, random) {
    return change(text, /<(\w+:)\w+/g, random, found => `${found}${oneOf(['x', 'List', ''], random)}`)
  },
  function changeUuid(text, random) {
    return change(
      text,
      /urn:uuid:[0-9a-f-]{36}/g,
      random,
      () => `urn:uuid:${'0123456789abcdef'[upTo(16, random)]!.repeat(8)}-0000-4000-8000-000000000000`,
    )
  },
]

function change(text: string, pattern: RegExp, random: () => number, to: (found: string) => string): string {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return text
  const one = oneOf(found, random)
  return text.slice(0, one.index) + to(one[0]) + text.slice(one.index + one[0].length)
}

/** The message with one to three changes, in its body or, seldom, in its content type; new ids mostly, so that some are new submissions. */
export function mutated({ headers, body }: Sent, random: () => number): Sent {
  let text = body.toString('latin1')
  if (random() < 0.7) text = renewed(text, random)
  for (let changes = 1 + upTo(3, random); changes > 0; changes -= 1) text = oneOf(mutations, random)(text, random)
  const contentType =
    random() < 0.05 ? oneOf(mutations, random)(headers['content-type']!, random) : headers['content-type']!
  return {
    headers: { ...headers, 'content-type': contentType.replace(/[^\t\x20-\x7e]/g, '') },
    body: Buffer.from(text, 'latin1'),
  }
}

/** Every id of objects becomes another one, the same everywhere in the message. */
function renewed(text: string, random: () => number): string {
  const hex = () => upTo(0x100000000, random).toString(16).padStart(8, '0')
  const suffix = hex()
  const uniqueIds = [...new Set(text.match(/2\.25\.\d{20,}|2\.999\.\d+\.\d{6,}/g) ?? [])]
  const objects = [
    ...new Set(
      [
        ...text.matchAll(
          /<\w+:(?:ExtrinsicObject|RegistryPackage|Association|Classification|ExternalIdentifier)\b[^>]*? id="(urn:uuid:[^"]+)"/g,
        ),
      ].map(match => match[1]!),
    ),
  ]
  let changed = text
  for (const id of uniqueIds)
    changed = changed.replaceAll(
      id,
      `${id}${upTo(10, random)}`.slice(0, 60).replace(/.$/, () => String(1 + upTo(9, random))),
    )
  for (const id of objects) changed = changed.replaceAll(id, `urn:uuid:${suffix}${id.slice(17)}`)
  return changed
}
