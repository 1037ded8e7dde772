// ITI-8 Patient Identity Feed: ADT messages of HL7 v2, as whoever receives them reads them. ITI TF-2 §3.8.
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import { transactionType } from '../atna-audit/vocabulary.js'
import { errorsInWords, type Hl7Error } from '../hl7v2/errors.js'
import { componentOf, type Hl7Identifier, identifierIn, isSaid, repetitionsOf } from '../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment, ReadHl7 } from '../hl7v2/message.js'
import { escapeHl7 } from '../metadata/hl7.js'
import type { Hl7Outcome, Hl7Transaction } from './hl7-transaction.js'
import { feedRecords } from './patient-feed-audit.js'
import type { FeedEvent, SensitiveElement } from './xds-messages.js'

export interface AdtMessage {
  header: Hl7Header
  /** What the trigger event stands for; `update` changes demographics, which are nothing to a registry. */
  event: FeedEvent | 'update'
  /** PID-3. */
  patientIds: Hl7Identifier[]
  /** MRG-1. */
  subsumedIds: Hl7Identifier[]
  sensitive: SensitiveElement[]
}

/** [ITI TF-2:3.8.4.1.1, 3.8.4.2.1] */
const events: Readonly<Record<string, AdtMessage['event']>> = {
  A01: 'add',
  A04: 'add',
  A05: 'add',
  A08: 'update',
  A40: 'merge',
}

export const patientIdentityFeed: Hl7Transaction<AdtMessage> = {
  id: 'ITI-8',
  name: 'Patient Identity Feed',
  roles: ['feed', 'admin'],
  decode,
  audit,
}

const mostIds = 100
const inMessage = 'ITI TF-2:3.8.4.1.2'
const inPid = 'ITI TF-2:3.8.4.1.2.3'

function decode({ header, segments, errors: unread }: ReadHl7 & { header: Hl7Header }): {
  request: AdtMessage
  errors: Hl7Error[]
} {
  const event = Object.hasOwn(events, header.triggerEvent) ? events[header.triggerEvent] : undefined
  const isMerge = event === 'merge'
  const pid = idsIn('PID', 3, segments, header)
  const mrg = isMerge ? idsIn('MRG', 1, segments, header) : { ids: [], errors: [] }
  const request: AdtMessage = {
    header,
    event: event ?? 'update',
    patientIds: pid.ids,
    subsumedIds: mrg.ids,
    sensitive: sensitiveIn(segments),
  }
  const errors = [...headerErrors(header), ...unread]
  return { request, errors: errors.length > 0 ? errors : [...pid.errors, ...mrg.errors] }
}

/** [HL7 v2.5.1: 2.9.2.2, ITI TF-2:3.8.4.1.2.1] */
function headerErrors(header: Hl7Header): Hl7Error[] {
  const { messageCode, triggerEvent, controlId, processingId, version } = header
  const errors: Hl7Error[] = []
  if (messageCode !== 'ADT') {
    const text = `ADT is taken here, not ${messageCode || 'a message without type'}`
    errors.push({ condition: '200', at: 'MSH-9', text, clause: 'ITI TF-2:3.8.4.1.2.1' })
  } else if (!Object.hasOwn(events, triggerEvent)) {
    const text = `the events taken here are ${Object.keys(events).join(', ')}, not ${triggerEvent || 'none'}`
    errors.push({ condition: '201', at: 'MSH-9', text, clause: 'ITI TF-2:3.8.4.1.1' })
  }
  if (controlId === '') {
    const text = 'the message has no control id'
    errors.push({ condition: '101', at: 'MSH-10', text, clause: 'HL7 v2.5.1: 2.15.9.10' })
  }
  if (!/^[PTD]$/.test(processingId)) {
    const text = `the processing id is P, T or D, not ${processingId || 'empty'}`
    errors.push({ condition: '202', at: 'MSH-11', text, clause: 'HL7 v2.5.1: 2.15.9.11' })
  }
  if (!/^2(\.\d){1,2}$/.test(version)) {
    const text = `versions 2.x are read here, not ${version || 'none'}`
    errors.push({ condition: '203', at: 'MSH-12', text, clause: 'HL7 v2.5.1: 2.15.9.12' })
  }
  return errors
}

function idsIn(
  name: string,
  field: number,
  segments: readonly Hl7Segment[],
  { delimiters, characterSet }: Hl7Header,
): { ids: Hl7Identifier[]; errors: Hl7Error[] } {
  const [segment, another] = segments.filter(each => each.name === name)
  const at = `${name}-${field}`
  const fault = (condition: Hl7Error['condition'], where: string, text: string, clause: string) => ({
    ids: [],
    errors: [{ condition, at: where, text, clause }],
  })
  if (segment === undefined) return fault('100', name, `the message has no segment ${name}`, inMessage)
  // A message is about one patient, or one pair. [ITI TF-2:3.8.4.2.2]
  if (another !== undefined) {
    return fault('100', name, `a message for each patient is expected, not several ${name}`, 'ITI TF-2:3.8.4.2.2')
  }
  const repetitions = repetitionsOf(segment.fields[field] ?? '', delimiters)
  if (repetitions.length === 0) return fault('101', at, 'there is no patient id', inPid)
  if (repetitions.length > mostIds) {
    return fault('104', at, `there may be ${mostIds} patient ids, found ${repetitions.length}`, inPid)
  }
  const divided = repetitions.findIndex(cx => componentOf(cx, 1, delimiters).includes(delimiters.subcomponent))
  if (divided >= 0) {
    const text = `repetition ${divided + 1}: expected one text as id, found subcomponents; their separator is to be escaped`
    return fault('102', at, text, 'HL7 v2.5.1: 2.A.14')
  }
  const ids = repetitions.map(cx => identifierIn(cx, delimiters, characterSet)).filter(({ id }) => id !== '')
  return ids.length > 0 ? { ids, errors: [] } : fault('101', at, 'there is no patient id in the first component', inPid)
}

const sensitiveFields: readonly [number, SensitiveElement][] = [
  [10, 'raceCode'],
  [17, 'religiousAffiliationCode'],
  [22, 'ethnicGroupCode'],
]

function sensitiveIn(segments: readonly Hl7Segment[]): SensitiveElement[] {
  const pid = segments.find(({ name }) => name === 'PID')
  const said = sensitiveFields.filter(([field]) => isSaid(pid?.fields[field] ?? '')).map(([, element]) => element)
  return segments.some(({ name }) => name === 'NK1') ? [...said, 'personalRelationship'] : said
}

/** [ITI TF-2:3.8.5.1, 3.8.5.2] */
function audit(exchange: AuditedExchange<AdtMessage, Hl7Outcome>): AuditRecord[] {
  const { request, response, failure } = exchange
  const header = request?.header
  const why = failure ?? (response === undefined ? 'there was no answer' : errorsInWords(response.errors))
  const failed = failure !== undefined || response === undefined || response.errors.length > 0
  return feedRecords({
    type: transactionType('ITI-8', 'Patient Identity Feed'),
    event: request?.event === 'update' ? 'revise' : (request?.event ?? 'revise'),
    exchange,
    details: [{ type: 'MSH-10', value: header?.controlId ?? '' }],
    patientIds: request?.patientIds.map(cxAsSent) ?? [],
    subsumedIds: request?.subsumedIds.map(cxAsSent) ?? [],
    refusal: failed ? why : undefined,
    userIDs: {
      source: `${header?.sendingFacility ?? ''}|${header?.sendingApplication ?? ''}`,
      destination: `${header?.receivingFacility ?? ''}|${header?.receivingApplication ?? ''}`,
    },
  })
}

/** For whoever writes down what was sent, whatever it is. */
export function cxAsSent({ id, ...authority }: Hl7Identifier): string {
  const { namespaceId, universalId, universalIdType } = authority
  const named = [namespaceId, universalId, universalIdType].map(escapeHl7).join('&').replace(/&+$/, '')
  return `${escapeHl7(id)}^^^${named}`
}
