// What auditors ask of many records: every criterion alone, with a time, and with others. The n-th of a question is about somebody else.

import type { AuditSearch } from '../../atna-audit/repository/arrival-order.js'
import type { RecordQuery } from '../../atna-audit/repository/record-query.js'
import { documentId, endMs, patientId, personId, personName, traceOf } from '../audit-records.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What the database has. */
export interface There {
  total: number
  /** Of which the rest are copies. */
  made: number
  /** Of the event of a record, by its id. */
  timeOf(id: number): number
}

export type Question<Query> = [what: string, query: (n: number) => Query]

export function questions({ total, made, timeOf }: There): Question<RecordQuery>[] {
  const middleMs = timeOf(Math.floor(total * 0.45))
  const span = (fromMs: number, lengthMs: number) => ({ sinceMs: fromMs, untilMs: fromMs + lengthMs })
  const day = (n: number) => span(middleMs - n * hourMs, dayMs)
  const lastWeek = span(endMs - 7 * dayMs, 7 * dayMs)
  return [
    ['nothing: the newest', () => ({})],
    ['patient with many records', n => ({ patient: patientId(n) })],
    ['patient with few records', n => ({ patient: patientId(50_000 + n) })],
    ['patient without records', n => ({ patient: patientId(1_000_000 + n) })],
    ['person by id', n => ({ person: personId(n * 37) })],
    ['person by name', n => ({ person: personName(n * 37) })],
    ['one word of names', n => ({ person: `muster${(n * 7) % 1_000}` })],
    ['organisation', n => ({ organisation: `2.999.${n % 12}` })],
    ['document', n => ({ object: documentId(n * 991) })],
    ['purpose: emergency', () => ({ purpose: 'EMER' })],
    ['role', () => ({ role: 'PAT' })],
    ['transaction', () => ({ type: 'ITI-41' })],
    ['event', () => ({ event: '110112' })],
    ['failures', () => ({ outcome: 'failed' as const })],
    ['success', () => ({ outcome: 0 })],
    ['action: read', () => ({ action: 'R' })],
    ['source', n => ({ source: `portal-${n % 40}` })],
    ['trace', n => ({ trace: traceOf(Math.floor(made / 8) + n) })],
    ['trace that is not there', n => ({ trace: traceOf(-1 - n) })],
    ['unreadable', () => ({ unreadable: true })],
    ['an hour', n => span(middleMs - n * dayMs, hourMs)],
    ['a day', day],
    ['the last week', () => lastWeek],
    ['before all', () => ({ untilMs: timeOf(1) - dayMs })],
    ['patient and a day', n => ({ patient: patientId(n), ...day(n) })],
    ['patient and the last week', n => ({ patient: patientId(n), ...lastWeek })],
    ['person and a day', n => ({ person: personId(n * 37), ...day(n) })],
    ['document and a day', n => ({ object: documentId(n * 991), ...day(n) })],
    ['transaction and a day', n => ({ type: 'ITI-43', ...day(n) })],
    ['failures of a day', n => ({ outcome: 'failed' as const, ...day(n) })],
    ['success of a day', n => ({ outcome: 0, ...day(n) })],
    ['emergency, failed, of a day', n => ({ purpose: 'EMER', outcome: 'failed' as const, ...day(n) })],
    ['person and patient', n => ({ person: personId(n * 37), patient: patientId(n) })],
    ['person, emergency', n => ({ person: personId(n * 37), purpose: 'EMER' })],
    ['patient, transaction, failed', n => ({ patient: patientId(n), type: 'ITI-18', outcome: 'failed' as const })],
    ['organisation, role', n => ({ organisation: `2.999.${n % 12}`, role: 'ASS' })],
    ['emergency, failed', () => ({ purpose: 'EMER', outcome: 'failed' as const })],
    [
      'emergency, failed, of patients, ITI-41',
      () => ({ purpose: 'EMER', outcome: 'failed' as const, role: 'PAT', type: 'ITI-41' }),
    ],
    [
      'source, role, transaction, failed',
      n => ({ source: `portal-${n % 40}`, role: 'ASS', type: 'ITI-43', outcome: 'failed' as const }),
    ],
    ['transaction and event that exclude each other', () => ({ type: 'ITI-41', event: '110112' })],
    ['anything: a name', n => ({ anything: `muster${(n * 7) % 1_000}` })],
    ['anything: a transaction', () => ({ anything: 'ITI-18' })],
    ['anything: an id', n => ({ anything: patientId(n) })],
  ]
}

/** As `/audit/records` has them. */
export function arrivalQuestions({ total, made, timeOf }: There): Question<Partial<AuditSearch>>[] {
  const middle = Math.floor(total * 0.45)
  const middleMs = timeOf(middle)
  return [
    ['the first', () => ({})],
    ['the newest', () => ({ newestFirst: true })],
    ['from the middle on', n => ({ afterId: middle + n * 1_000 })],
    ['trace', n => ({ traceId: traceOf(Math.floor(made / 8) + n) })],
    ['patient', n => ({ patientId: patientId(n) })],
    ['person', n => ({ userId: personId(n * 37) })],
    ['document', n => ({ uniqueId: documentId(n * 991) })],
    ['transaction', () => ({ eventType: 'ITI-18' })],
    ['transaction, the newest', () => ({ eventType: 'ITI-18', newestFirst: true })],
    ['transaction that never was', () => ({ eventType: 'ITI-99' })],
    ['success', () => ({ outcome: 0 })],
    ['failures', () => ({ outcome: 8 })],
    ['unreadable', () => ({ unreadable: true })],
    ['since the middle', n => ({ sinceMs: middleMs + n * hourMs })],
    ['until the middle, the newest', n => ({ untilMs: middleMs - n * hourMs, newestFirst: true })],
    ['an hour', n => ({ sinceMs: middleMs - n * dayMs, untilMs: middleMs - n * dayMs + hourMs })],
    ['a day', n => ({ sinceMs: middleMs - n * hourMs, untilMs: middleMs - n * hourMs + dayMs })],
    ['transaction since the middle', n => ({ eventType: 'ITI-43', sinceMs: middleMs + n * hourMs })],
    ['transaction and patient', n => ({ eventType: 'ITI-43', patientId: patientId(n) })],
    ['transaction that failed', () => ({ eventType: 'ITI-41', outcome: 8 })],
  ]
}
