// What is wrong with a message, as an acknowledgement says it. HL7 v2.5.1 §2.15.5, table 0357.

/** [HL7 table 0357] */
export const conditions = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '104': 'Value too long',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '207': 'Application internal error',
} as const

export interface Hl7Error {
  condition: keyof typeof conditions
  /** As `PID-3` or `PID`; absent where the whole message is at fault. */
  at?: string
  /** Which repetition of the field is at fault, and which component of it, where one is. */
  repetition?: number
  component?: number
  /** For people. */
  text: string
  /** The rule that is broken. */
  clause?: string
}

/** For people: `PID-3`, `QPD-4(2)`, `QPD-3(1).4`; empty where the whole message is at fault. */
export function placeOf({ at = '', repetition, component }: Hl7Error): string {
  return `${at}${repetition === undefined ? '' : `(${repetition})`}${component === undefined ? '' : `.${component}`}`
}

/** As an acknowledgement tells it. */
export function sentenceOf({ text, clause }: Hl7Error): string {
  return clause === undefined ? text : `${text} [${clause}]`
}

/** Of the message as such, before anybody has looked at its contents: AR; all others: AE. [HL7 v2.5.1: 2.9.2.2] */
const rejecting: ReadonlySet<string> = new Set(['200', '201', '202', '203', '207'])

export type AcknowledgementCode = 'AA' | 'AE' | 'AR'

/**
 * AA without errors; AR where one of them is that the message is of no kind we take (type, event, processing id, version) or that we failed, AE
 * otherwise. [HL7 v2.5.1: tables 0008, 0357]
 */
export function codeFor(errors: readonly Hl7Error[]): AcknowledgementCode {
  if (errors.length === 0) return 'AA'
  return errors.some(({ condition }) => rejecting.has(condition)) ? 'AR' : 'AE'
}

/** One line for people and logs: where, what, the next one behind a semicolon; empty without errors. */
export function errorsInWords(errors: readonly Hl7Error[]): string {
  return errors.map(error => (error.at === undefined ? '' : `${placeOf(error)}: `) + sentenceOf(error)).join('; ')
}
