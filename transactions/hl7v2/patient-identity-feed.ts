// ITI-8 Patient Identity Feed: ADT messages of HL7 v2, as whoever receives them reads them. ITI TF-2 §3.8.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { transactionType } from '../../atna-audit/vocabulary.js'
import { errorsInWords, type Hl7Error } from '../../hl7v2/errors.js'
import { componentOf, type Hl7Identifier, identifierIn, isSaid, repetitionsOf } from '../../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment, ReadHl7 } from '../../hl7v2/message.js'
import { userIDsOf } from '../audited-systems.js'
import { feedRecords } from '../patient-feed-audit.js'
import type { FeedEvent, SensitiveElement } from '../xds-messages.js'
import { cxAsSent } from './identifiers.js'
import type { Hl7Outcome, Hl7Transaction } from './transaction.js'

export interface AdtMessage {
  header: Hl7Header
  /** What the trigger event stands for; `update` changes demographics, which are nothing to a registry. */
  event: FeedEvent | 'update'
  /** What else it says of the patient stands there. */
  pid: Hl7Segment | undefined
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
  takes: {
    code: 'ADT',
    events: Object.keys(events),
    clauses: { code: 'ITI TF-2:3.8.4.1.2.1', event: 'ITI TF-2:3.8.4.1.1' },
  },
  changes: 'adds',
  decode,
  audit,
}

const placesOfIds = { patientIds: 'PID-3', subsumedIds: 'MRG-1' } as const

/** Where a message says what may be wrong with it. */
export const placesInAdt: Readonly<Record<keyof typeof placesOfIds | SensitiveElement, string>> = {
  ...placesOfIds,
  raceCode: 'PID-10',
  religiousAffiliationCode: 'PID-17',
  ethnicGroupCode: 'PID-22',
  personalRelationship: 'NK1',
}

/** Nothing but an id can be unknown: all else is of a kind that is not wanted. */
export function isOfIds(at: keyof typeof placesInAdt): at is keyof typeof placesOfIds {
  return at in placesOfIds
}

const mostIds = 100
const inMessage = 'ITI TF-2:3.8.4.1.2'
const inPid = 'ITI TF-2:3.8.4.1.2.3'

function decode({ header, segments }: ReadHl7 & { header: Hl7Header }): {
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
    pid: segments.find(({ name }) => name === 'PID'),
    patientIds: pid.ids,
    subsumedIds: mrg.ids,
    sensitive: sensitiveIn(segments),
  }
  return { request, errors: [...pid.errors, ...mrg.errors] }
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
    userIDs: userIDsOf(header),
  })
}
