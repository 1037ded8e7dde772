// ACK: what was made of a message, from its receiver back to its sender. HL7 v2.5.1 §2.9.2, §2.14.1, ITI TF-2 Appendix C.2.3.
import { characterSetNamed } from './character-set.js'
import { type Delimiters, usualDelimiters } from './delimiters.js'
import { type AcknowledgementCode, codeFor, conditions, type Hl7Error, placeOf, sentenceOf } from './errors.js'
import { escaped } from './fields.js'
import type { Hl7Header } from './message.js'

/** What a message asked for, where that is more than an acknowledgement. */
export interface Hl7Answer {
  /** MSH-9: `RSP`, `K23`, `RSP_K23`. */
  type: readonly [code: string, event: string, structure: string]
  /** What stands behind MSA and ERR, in the separators of the message that is answered. */
  segments: readonly string[]
  /** Its structure has one ERR at the most; what is wrong at several places stands in the repetitions of its ERR-2. */
  hasOneError?: boolean
}

export interface Acknowledgement {
  /** Of the message that is answered; absent when it had none that could be read. */
  header: Hl7Header | undefined
  errors: readonly Hl7Error[]
  /** What its sender should know although the message was followed. */
  warnings?: readonly Hl7Error[] | undefined
  answer?: Hl7Answer | undefined
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
export function acknowledgementOf(acknowledgement: Acknowledgement): Buffer {
  const { header, errors, warnings = [], answer, controlId, time, traceId } = acknowledgement
  const delimiters = header?.delimiters ?? usualDelimiters
  const { field } = delimiters
  const version = /^2(\.\d){1,2}$/.test(header?.version ?? '') ? (header?.version ?? '') : '2.5'
  // In one that we cannot write we would not be understood.
  const characterSet =
    characterSetNamed(header?.characterSet ?? '') === undefined ? 'ASCII' : (header?.characterSet ?? '')
  const lines = [
    headerLine(header, delimiters, { controlId, time, version, characterSet, type: answer?.type }),
    ['MSA', codeFor(errors), harmless(header?.controlId), ...shortText(errors, delimiters, { version, traceId })].join(
      field,
    ),
    ...(answer?.hasOneError === true ? gathered(errors) : errors.slice(0, mostErrors).map(error => [error])).map(same =>
      errorLine(same, delimiters, { version, traceId, severity: 'E' }),
    ),
    // Before version 2.5 an ERR cannot say that it is no error.
    ...(isBefore25(version) ? [] : warnings)
      .slice(0, mostErrors)
      .map(each => errorLine([each], delimiters, { version, traceId, severity: 'W' })),
    ...(answer?.segments ?? []),
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
    type,
  }: { controlId: string; time: string; version: string; characterSet: string; type: Hl7Answer['type'] | undefined },
): string {
  return [
    'MSH',
    `${component}${repetition}${escaping}${subcomponent}`,
    harmless(header?.receivingApplication) || ourselves,
    harmless(header?.receivingFacility) || ourselves,
    harmless(header?.sendingApplication),
    harmless(header?.sendingFacility),
    `${time}+0000`,
    '',
    (type ?? acknowledgementType(header)).join(component),
    controlId,
    /^[PTD]$/.exec(header?.processingId ?? '')?.[0] ?? 'P',
    version,
    ...['', '', '', '', '', characterSet],
  ].join(field)
}

function acknowledgementType(header: Hl7Header | undefined): readonly string[] {
  const event = /^[A-Z]\d\d$/.exec(header?.triggerEvent ?? '')?.[0]
  return event === undefined ? ['ACK'] : ['ACK', event, 'ACK']
}

interface Telling {
  version: string
  traceId: string | undefined
}

/** Those of the first condition; what else is wrong its sender hears when this is mended. */
function gathered(errors: readonly Hl7Error[]): Hl7Error[][] {
  const [first] = errors
  return first === undefined
    ? []
    : [errors.filter(({ condition }) => condition === first.condition).slice(0, mostErrors)]
}

/** Before version 2.5 the only place for words; there is no room for clauses. */
function shortText(errors: readonly Hl7Error[], delimiters: Delimiters, { version, traceId }: Telling): string[] {
  if (errors.length === 0) return []
  const trace = isBefore25(version) ? traceId : undefined
  return [escaped(withTrace(inShort(errors), trace, mostCharacters.inMsa), delimiters)]
}

function inShort(errors: readonly Hl7Error[]): string {
  return errors.map(error => (error.at === undefined ? error.text : `${placeOf(error)}: ${error.text}`)).join('; ')
}

/** ERR-1 alone before version 2.5, since then ERR-2 and what follows. [HL7 v2.5.1: 2.15.5, HL7 v2.3.1: 2.24.1] */
function errorLine(
  same: readonly Hl7Error[],
  delimiters: Delimiters,
  { version, traceId, severity }: Telling & { severity: 'E' | 'W' },
): string {
  const { field, component, repetition, subcomponent } = delimiters
  const condition = same[0]?.condition ?? '207'
  const locations = same.map(error => locationOf(error, component))
  const name = conditions[condition]
  if (isBefore25(version)) {
    const coded = [condition, name, 'HL70357'].join(subcomponent)
    const places = locations.map(location => [...padded(location.split(component)), coded].join(component))
    return ['ERR', places.join(repetition)].join(field)
  }
  const coded = [condition, name, 'HL70357'].join(component)
  const sentences = same.map(sentenceOf).join('; ')
  const said = (most: number) => escaped(withTrace(sentences, traceId, most), delimiters)
  const told = [said(mostCharacters.diagnostic), said(mostCharacters.user)]
  return ['ERR', '', locations.join(repetition), coded, severity, '', '', ...told].join(field)
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

/** Segment, its number, the field, and what of it: `PID^1^3`, `QPD^1^3^1^4`. */
function locationOf(error: Hl7Error, separator: string): string {
  if (error.at === undefined) return ''
  const [segment = '', field] = error.at.split('-')
  const { repetition, component } = error
  const within = component === undefined ? [repetition] : [repetition ?? 1, component]
  return [segment, 1, field, ...within].filter(part => part !== undefined).join(separator)
}

function padded([segment = '', sequence = '', position = '']: string[]): string[] {
  return [segment, sequence, position]
}

/** What an acknowledgement says, for the side that sent the message. */
export function acknowledgementIn(text: string): {
  code: AcknowledgementCode | undefined
  /** MSA-2 */
  controlId: string
  /** MSA-3, and what is said in ERR. */
  text: string
  /** [HL7 table 0357] */
  conditions: string[]
} {
  const lines = text.split(/[\r\n]+/)
  const separator = lines[0]?.[3] ?? usualDelimiters.field
  const fieldsOf = (name: string) => lines.filter(line => line.startsWith(name)).map(line => line.split(separator))
  const [[, code = '', controlId = '', words = ''] = []] = fieldsOf('MSA')
  const errors = fieldsOf('ERR')
  const word = code.replace(/^C/, 'A')
  return {
    code: word === 'AA' || word === 'AE' || word === 'AR' ? word : undefined,
    controlId,
    text: [words, ...errors.map(([, , , , , , , said = '']) => said)].filter(Boolean).join('; '),
    conditions: errors.flatMap(
      error => /\b[12]\d\d\b/.exec(error[3] || (error[1] ?? '').split('^').at(-1) || '') ?? [],
    ),
  }
}
