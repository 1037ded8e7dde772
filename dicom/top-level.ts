// The texts of a data set that stand in no sequence, of the first bytes of an instance that anybody may have sent: nothing is built of what lies
// between, so that millions of items cost no memory and no time to speak of. [DICOM PS3.5: 7.1, 7.5]
import { DicomProblem, dicomHeadBytes, inflated, looksLikeDicom } from './data-set.js'

/** As of a DataSet. */
export interface TopLevel {
  string(tag: string): string | undefined
}

interface Syntax {
  isExplicit: boolean
  isBigEndian: boolean
}

const explicitLittle: Syntax = { isExplicit: true, isBigEndian: false }
const implicitLittle: Syntax = { isExplicit: false, isBigEndian: false }
const syntaxes: ReadonlyMap<string, Syntax> = new Map([
  ['1.2.840.10008.1.2', implicitLittle],
  ['1.2.840.10008.1.2.2', { isExplicit: true, isBigEndian: true }],
])
const deflated = '1.2.840.10008.1.2.1.99'

const transferSyntax = 'x00020010'
const metaStart = 132
const metaGroup = 0x0002
const pixelData = 0x7fe0_0010
const [item, itemEnd, sequenceEnd] = [0xfffe_e000, 0xfffe_e00d, 0xfffe_e0dd] as const
const undefinedLength = 0xffff_ffff
/** No UID and no short text is longer. */
const mostBytes = 256
/** What ends at an element stands before all that may be long. */
const nearBytes = 65_536

/**
 * Those of `wanted` and the transfer syntax. `head` may end anywhere behind the element `untilTag`, which is still read, or before the pixels.
 * @throws DicomProblem
 */
export function topLevelIn(head: Uint8Array, wanted: readonly string[], untilTag?: string): TopLevel {
  if (!looksLikeDicom(head)) throw new DicomProblem('it has no mark DICM behind a preamble of 128 bytes')
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const texts = new Map<number, string>()
  const found = {
    texts,
    wanted: new Set([transferSyntax, ...wanted].map(numberOf)),
    until: untilTag && numberOf(untilTag),
  }
  const end = walk(bytes, metaStart, { ...found, syntax: explicitLittle, isMeta: true })
  const name = texts.get(numberOf(transferSyntax)) ?? ''
  const rest = name === deflated ? restOf(bytes, end, untilTag === undefined ? dicomHeadBytes : nearBytes) : bytes
  walk(rest, end, { ...found, syntax: syntaxes.get(name) ?? explicitLittle, isMeta: false })
  return { string: tag => texts.get(numberOf(tag)) }
}

function restOf(bytes: Buffer, end: number, most: number): Buffer {
  try {
    const rest = inflated(bytes, end, most)
    return Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength)
  } catch (problem) {
    if (problem instanceof DicomProblem) throw problem
    throw new DicomProblem((problem as Error).message)
  }
}

interface Walk {
  syntax: Syntax
  texts: Map<number, string>
  wanted: ReadonlySet<number>
  until: number | '' | undefined
  /** Ends where the group 0002 does. */
  isMeta: boolean
}

/** Where it has ended. */
function walk(bytes: Buffer, from: number, { syntax, texts, wanted, until, isMeta }: Walk): number {
  // Of what has no length: how its insides are written, for an unknown one is implicit whatever surrounds it. [DICOM PS3.5: 6.2.2]
  const within: Syntax[] = []
  let at = from
  while (at + 8 <= bytes.length) {
    const inside = within.at(-1) ?? syntax
    const tag = tagAt(bytes, at, inside)
    const isOuter = within.length === 0
    if (isOuter && (tag === pixelData || (isMeta && tag >>> 16 !== metaGroup))) return at
    const { vr, length, start } = elementAt(bytes, at, { tag, syntax: inside })
    if (tag === itemEnd || tag === sequenceEnd) within.pop()
    at = start
    if (length === undefinedLength) {
      within.push(vr === 'UN' ? implicitLittle : inside)
      continue
    }
    at += length
    if (at > bytes.length) throw leadsOut(tag)
    if (!isOuter) continue
    if (wanted.has(tag) && length <= mostBytes) texts.set(tag, textAt(bytes, start, length))
    if (tag === until) return at
  }
  return at
}

function tagAt(bytes: Buffer, at: number, { isBigEndian }: Syntax): number {
  const [group, element] = isBigEndian
    ? [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)]
    : [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)]
  return group * 0x1_0000 + element
}

/** With 32 bits of length behind two that mean nothing. [DICOM PS3.5: Table 7.1-1] */
const longForms: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))

/** Items and ends of these have a length and no VR in any syntax. [DICOM PS3.5: 7.5] */
function elementAt(
  bytes: Buffer,
  at: number,
  { tag, syntax: { isExplicit, isBigEndian } }: { tag: number; syntax: Syntax },
): { vr: string; length: number; start: number } {
  const long = (from: number) => {
    if (from + 4 > bytes.length) throw leadsOut(tag)
    return isBigEndian ? bytes.readUInt32BE(from) : bytes.readUInt32LE(from)
  }
  if (!isExplicit || tag === item || tag === itemEnd || tag === sequenceEnd)
    return { vr: '', length: long(at + 4), start: at + 8 }
  const vr = bytes.toString('latin1', at + 4, at + 6)
  if (longForms.has(vr)) return { vr, length: long(at + 8), start: at + 12 }
  return { vr, length: isBigEndian ? bytes.readUInt16BE(at + 6) : bytes.readUInt16LE(at + 6), start: at + 8 }
}

function textAt(bytes: Buffer, start: number, length: number): string {
  const text = bytes.toString('latin1', start, start + length)
  const end = text.indexOf('\0')
  return (end < 0 ? text : text.slice(0, end)).trim()
}

function numberOf(tag: string): number {
  return Number.parseInt(tag.slice(1), 16)
}

function leadsOut(tag: number): DicomProblem {
  return new DicomProblem(`the element ${tag.toString(16).padStart(8, '0')} leads out of the bytes`)
}
