// ACK: what was made of a message, from its receiver back to its sender. HL7 v2.5.1 §2.9.2, §2.14.1, ITI TF-2 Appendix C.2.3.
import { characterSetNamed } from './character-set.js'
import { type Delimiters, usualDelimiters } from './delimiters.js'
import { type AcknowledgementCode, codeFor, conditions, errorsInWords, type Hl7Error } from './errors.js'
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
}

/** Names us where the sender did not. */
const ourselves = 'CARNET'
const mostErrors = 20

/** In the separators, the character set and the version of the message that it answers. */
export function acknowledgementOf({ header, errors, controlId, time }: Acknowledgement): Buffer {
  const delimiters = header?.delimiters ?? usualDelimiters
  const { field } = delimiters
  const version = header?.version || '2.5'
  // In one that we cannot write we would not be understood.
  const characterSet =
    characterSetNamed(header?.characterSet ?? '') === undefined ? 'ASCII' : (header?.characterSet ?? '')
  const lines = [
    headerLine(header, delimiters, { controlId, time, version, characterSet }),
    ['MSA', codeFor(errors), header?.controlId ?? '', ...shortText(errors, delimiters)].join(field),
    ...errors.slice(0, mostErrors).map(error => errorLine(error, delimiters, version)),
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
  const event = header?.triggerEvent ?? ''
  const type = event === '' ? 'ACK' : ['ACK', event, 'ACK'].join(component)
  return [
    'MSH',
    `${component}${repetition}${escaping}${subcomponent}`,
    header?.receivingApplication || ourselves,
    header?.receivingFacility || ourselves,
    header?.sendingApplication ?? '',
    header?.sendingFacility ?? '',
    `${time}+0000`,
    '',
    type,
    controlId,
    header?.processingId || 'P',
    version,
    ...['', '', '', '', '', characterSet],
  ].join(field)
}

/** MSA-3 has room for 80 characters. */
function shortText(errors: readonly Hl7Error[], delimiters: Delimiters): string[] {
  return errors.length === 0 ? [] : [escaped(errorsInWords(errors).slice(0, 80), delimiters)]
}

/** ERR-1 alone before version 2.5, since then ERR-2 and what follows. [HL7 v2.5.1: 2.15.5, HL7 v2.3.1: 2.24.1] */
function errorLine({ condition, at, text }: Hl7Error, delimiters: Delimiters, version: string): string {
  const { field, component, subcomponent } = delimiters
  const location = locationOf(at, component)
  const name = conditions[condition]
  const said = escaped(text, delimiters)
  if (/^2\.[0-4]/.test(version)) {
    const coded = [condition, name, 'HL70357'].join(subcomponent)
    return ['ERR', [...padded(location.split(component)), coded].join(component)].join(field)
  }
  const coded = [condition, name, 'HL70357'].join(component)
  return ['ERR', '', location, coded, 'E', '', '', said, said].join(field)
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
