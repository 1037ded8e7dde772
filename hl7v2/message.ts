// A message of HL7 v2: its header, which an acknowledgement needs even when all else is wrong, and its segments. HL7 v2.5.1 §2.5, §2.15.9.
import { characterSetNamed, characterSetNames } from './character-set.js'
import { type Delimiters, delimitersOf } from './delimiters.js'
import type { Hl7Error } from './errors.js'
import { componentOf } from './fields.js'

/** MSH, as it was sent: escapes stay. */
export interface Hl7Header {
  delimiters: Delimiters
  sendingApplication: string
  sendingFacility: string
  receivingApplication: string
  receivingFacility: string
  /** MSH-9: `ADT`, `A01`. */
  messageCode: string
  triggerEvent: string
  controlId: string
  processingId: string
  version: string
  /** MSH-18, or what stands for it; the first where there are several. */
  characterSet: string
}

export interface Hl7Segment {
  name: string
  /** As it was sent. */
  line: string
  /** By number: `fields[3]` is PID-3. */
  fields: readonly string[]
}

export interface ReadHl7 {
  /** Absent when there is none that could be answered. */
  header?: Hl7Header
  segments: readonly Hl7Segment[]
  /** What stood in the way of reading it. */
  errors: Hl7Error[]
}

const mostSegments = 10_000
/** Some senders leave one free between two segments. */
const mostLines = 2 * mostSegments + 1
/**
 * What is quoted in an acknowledgement, in characters: as much as any version has room for, so that nothing is cut that
 * a version allows. docs/decisions/0206
 */
const mostCharacters: Readonly<Record<number, number>> = { 3: 227, 4: 227, 5: 227, 6: 227, 10: 199 }
/** Of fields whose value is one of a few. */
const mostCodedCharacters = 60

/** `characterSet` is that of messages which do not say. */
export function readHl7(bytes: Buffer, options: { characterSet: string }): ReadHl7 {
  const start = bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes
  // Separators and all that is needed to find MSH-18 are ASCII in every character set that is read here.
  const raw = start.toString('latin1')
  const delimiters = delimitersOf(raw)
  if (delimiters === undefined) return { segments: [], errors: [unreadable(raw)] }
  const sent = headerIn(raw, delimiters, options.characterSet)
  const characterSet = characterSetNamed(sent.characterSet)
  if (characterSet === undefined) {
    const text = `expected a character set that is read here, ${characterSetNames.join(', ')}, found ${sent.characterSet}`
    return { header: sent, segments: [], errors: [{ condition: '103', at: 'MSH-18', text, clause: inMsh(18) }] }
  }
  const text = characterSet.decode(start)
  if (text === undefined) {
    const why = `there are bytes that are none of the character set ${sent.characterSet}`
    return { header: sent, segments: [], errors: [{ condition: '102', at: 'MSH-18', text: why, clause: inMsh(18) }] }
  }
  const header = headerIn(text, delimiters, options.characterSet)
  const { segments, errors } = segmentsIn(text, delimiters)
  return { header, segments, errors: [...faultsOfHeader(text, delimiters), ...errors] }
}

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)
const lineEnd = /\r\n?|\n/

function inMsh(field: number): string {
  return `HL7 v2.5.1: 2.15.9.${field}`
}

function unreadable(raw: string): Hl7Error {
  const [batch] = /^[FB]HS/.exec(raw) ?? []
  if (batch !== undefined) {
    const text = `expected one message in an MLLP block, found a batch that begins with ${batch}`
    return { condition: '100', at: batch, text, clause: 'ITI TF-2: Appendix C.2.1' }
  }
  if (!raw.startsWith('MSH')) {
    const clause = 'HL7 v2.5.1: 2.15.9'
    return { condition: '100', at: 'MSH', text: 'the message does not begin with MSH', clause }
  }
  const text = 'MSH-1 and MSH-2 are to declare five different separators, as |^~\\&'
  return { condition: '102', at: 'MSH-2', text, clause: 'HL7 v2.5.1: 2.5.4' }
}

/** MSH-1 is the separator itself, so that MSH-n stands at n - 1. */
function headerFieldsIn(text: string, { field }: Delimiters): (number: number) => string {
  const [line = ''] = text.split(lineEnd, 1)
  const fields = line.split(field, 20)
  return number => fields[number - 1] ?? ''
}

/** Of the fields that come back in an acknowledgement. */
function faultsOfHeader(text: string, delimiters: Delimiters): Hl7Error[] {
  const field = headerFieldsIn(text, delimiters)
  return Object.entries(mostCharacters).flatMap(([number, most]): Hl7Error[] => {
    const value = field(Number(number))
    const at = `MSH-${number}`
    const clause = inMsh(Number(number))
    const found: Hl7Error[] = []
    if (value.length > most) {
      const why = `expected at most ${most} characters, found ${value.length}`
      found.push({ condition: '104', at, text: why, clause })
    }
    if (controlCharacter.test(value)) {
      found.push({ condition: '102', at, text: 'expected text, found a control character', clause })
    }
    return found
  })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const controlCharacter = /[\u0000-\u001f\u007f]/

function headerIn(text: string, delimiters: Delimiters, characterSet: string): Hl7Header {
  const whole = headerFieldsIn(text, delimiters)
  const field = (number: number) => whole(number).slice(0, mostCharacters[number] ?? mostCodedCharacters)
  const component = (number: number, of: number) => componentOf(field(number), of, delimiters)
  return {
    delimiters,
    sendingApplication: field(3),
    sendingFacility: field(4),
    receivingApplication: field(5),
    receivingFacility: field(6),
    messageCode: component(9, 1),
    triggerEvent: component(9, 2),
    controlId: field(10),
    processingId: component(11, 1),
    version: component(12, 1),
    characterSet: field(18).split(delimiters.repetition, 1)[0]?.trim() || characterSet,
  }
}

function segmentsIn(text: string, delimiters: Delimiters): Pick<ReadHl7, 'segments' | 'errors'> {
  const all = text.split(lineEnd, mostLines + 1)
  const lines = all.filter(line => line.trim() !== '')
  if (lines.length > mostSegments || all.length > mostLines) {
    const what = lines.length > mostSegments ? `${mostSegments} segments` : `${mostLines} lines`
    return { segments: [], errors: [{ condition: '104', text: `expected at most ${what}, found more` }] }
  }
  const faulty = lines.findIndex(line => !/^[A-Z][A-Z0-9]{2}$/.test(line.split(delimiters.field, 1)[0] ?? ''))
  if (faulty >= 0) {
    const why = `line ${faulty + 1} does not begin with the name of a segment and the separator ${delimiters.field}`
    return { segments: [], errors: [{ condition: '100', text: why, clause: 'HL7 v2.5.1: 2.5.2' }] }
  }
  const starts = lines.filter(line => line.startsWith('MSH')).length
  if (starts > 1) {
    const why = `expected one message in an MLLP block, found ${starts} segments MSH`
    return { segments: [], errors: [{ condition: '100', at: 'MSH', text: why, clause: 'ITI TF-2: Appendix C.2.1' }] }
  }
  return { segments: lines.map(line => new Segment(line, delimiters.field)), errors: [] }
}

/** The fields are cut when somebody asks for them: most segments are of no interest. */
class Segment implements Hl7Segment {
  readonly name: string
  private cut: string[] | undefined

  constructor(
    readonly line: string,
    private readonly separator: string,
  ) {
    this.name = line.slice(0, 3)
  }

  get fields(): string[] {
    this.cut ??= this.line.split(this.separator)
    return this.cut
  }
}
