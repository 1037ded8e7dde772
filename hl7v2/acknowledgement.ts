// ACK: what was made of a message, from its receiver back to its sender. HL7 v2.5.1 §2.9.2, §2.14.1, ITI TF-2 Appendix C.2.3.
import { characterSetNamed } from './character-set.js'
import { type Delimiters, usualDelimiters } from './delimiters.js'
import { type AcknowledgementCode, codeFor, conditions, type Hl7Error, sentenceOf } from './errors.js'
import { escaped } from './fields.js'
import type { Hl7Header } from './message.js'

export interface Acknowledgement {
  /** Of the message that is answered; absent when it had none that could be read. */
  header: Hl7Header | undefined
  errors: readonly Hl7Error[]
  /** Of the acknowledgement itself. */
  controlId: string
  /** YYYYMMDDhhmmss in UTC. */
  time: string
  /** What whoever is refused quotes to those who can say more. */
  traceId?: string
}

/** Names us where the sender did not. */
const ourselves = 'CARNET'
const mostErrors = 20
/** MSA-3, ERR-7 and ERR-8. [HL7 v2.5.1: 2.15.8, 2.15.5] */
const mostCharacters = { inMsa: 80, diagnostic: 2_048, user: 250 } as const

/**
 * In the separators, the character set and the version of the message that it answers. Always that of the original mode,
 * whatever MSH-15 and MSH-16 ask for. [ITI TF-2: Appendix C.2.3]
 */
export function acknowledgementOf({ header, errors, controlId, time, traceId }: Acknowledgement): Buffer {
  const delimiters = header?.delimiters ?? usualDelimiters
  const { field } = delimiters
  const version = /^2(\.\d){1,2}$/.test(header?.version ?? '') ? (header?.version ?? '') : '2.5'
  // In one that we cannot write we would not be understood.
  const characterSet =
    characterSetNamed(header?.characterSet ?? '') === undefined ? 'ASCII' : (header?.characterSet ?? '')
  const lines = [
    headerLine(header, delimiters, { controlId, time, version, characterSet }),
    ['MSA', codeFor(errors), harmless(header?.controlId), ...shortText(errors, delimiters, { version, traceId })].join(
      field,
    ),
    ...errors.slice(0, mostErrors).map(error => errorLine(error, delimiters, { version, traceId })),
  ]
  const text = lines.map(line => `${line}\r`).join('')
  return characterSetNamed(characterSet)?.encode(text) ?? Buffer.from(text)
}

function headerLine(
  header: Hl7Header | undefined,
  { field, component, repetition, escaping, subcomponent }: Delimiters,
  {
    controlId,
    time,
    version,
    characterSet,
  }: { controlId: string; time: string; version: string; characterSet: string },
): string {
  const event = /^[A-Z]\d\d$/.exec(header?.triggerEvent ?? '')?.[0]
  const type = event === undefined ? 'ACK' : ['ACK', event, 'ACK'].join(component)
  return [
    'MSH',
    `${component}${repetition}${escaping}${subcomponent}`,
    harmless(header?.receivingApplication) || ourselves,
    harmless(header?.receivingFacility) || ourselves,
    harmless(header?.sendingApplication),
    harmless(header?.sendingFacility),
    `${time}+0000`,
    '',
    type,
    controlId,
    /^[PTD]$/.exec(header?.processingId ?? '')?.[0] ?? 'P',
    version,
    ...['', '', '', '', '', characterSet],
  ].join(field)
}

interface Telling {
  version: string
  traceId: string | undefined
}

/** Before version 2.5 the only place for words; there is no room for clauses. */
function shortText(errors: readonly Hl7Error[], delimiters: Delimiters, { version, traceId }: Telling): string[] {
  if (errors.length === 0) return []
  const trace = isBefore25(version) ? traceId : undefined
  return [escaped(withTrace(inShort(errors), trace, mostCharacters.inMsa), delimiters)]
}

function inShort(errors: readonly Hl7Error[]): string {
  return errors.map(({ at, text }) => (at === undefined ? text : `${at}: ${text}`)).join('; ')
}

/** ERR-1 alone before version 2.5, since then ERR-2 and what follows. [HL7 v2.5.1: 2.15.5, HL7 v2.3.1: 2.24.1] */
function errorLine(error: Hl7Error, delimiters: Delimiters, { version, traceId }: Telling): string {
  const { condition, at } = error
  const { field, component, subcomponent } = delimiters
  const location = locationOf(at, component)
  const name = conditions[condition]
  if (isBefore25(version)) {
    const coded = [condition, name, 'HL70357'].join(subcomponent)
    return ['ERR', [...padded(location.split(component)), coded].join(component)].join(field)
  }
  const coded = [condition, name, 'HL70357'].join(component)
  const said = (most: number) => escaped(withTrace(sentenceOf(error), traceId, most), delimiters)
  return ['ERR', '', location, coded, 'E', '', '', said(mostCharacters.diagnostic), said(mostCharacters.user)].join(
    field,
  )
}

function isBefore25(version: string): boolean {
  return /^2\.[0-4]/.test(version)
}

/** The words give way to the trace where there is not room for both. */
function withTrace(words: string, traceId: string | undefined, most: number): string {
  if (traceId === undefined || words.includes(traceId)) return words.slice(0, most)
  const trace = ` (trace ${traceId})`
  return `${words.slice(0, most - trace.length)}${trace}`
}

/** What was refused for its control characters does not bring them back. */
function harmless(field = ''): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it leaves out
  return field.replace(/[\u0000-\u001f\u007f]/g, '?')
}

/** Segment, its number, the field: `PID^1^3`. */
function locationOf(at: string | undefined, component: string): string {
  if (at === undefined) return ''
  const [segment = '', field] = at.split('-')
  return field === undefined ? [segment, '1'].join(component) : [segment, '1', field].join(component)
}

function padded([segment = '', sequence = '', position = '']: string[]): string[] {
  return [segment, sequence, position]
}

/** What an acknowledgement says, for the side that sent the message. */
export function acknowledgementCodeIn(text: string): { code: AcknowledgementCode | undefined; text: string } {
  const [, code, rest = ''] = /(?:^|[\r\n])MSA.([AC][AER])([^\r\n]*)/.exec(text) ?? []
  const word = code?.replace(/^C/, 'A')
  return { code: word === 'AA' || word === 'AE' || word === 'AR' ? word : undefined, text: rest.slice(1) }
}
