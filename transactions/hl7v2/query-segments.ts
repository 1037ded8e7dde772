// What queries in HL7 v2 and their answers have in common: QPD, RCP, QAK, and the audit of them. ITI TF-2 §3.9, §3.21; HL7 v2.5.1 §5.5.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { mostQueryBytes } from '../../atna-audit/objects.js'
import { transactionType } from '../../atna-audit/vocabulary.js'
import type { Hl7Answer } from '../../hl7v2/acknowledgement.js'
import { codeFor, errorsInWords, type Hl7Error } from '../../hl7v2/errors.js'
import { type Hl7Identifier, identifierIn, isSaid } from '../../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment, ReadHl7 } from '../../hl7v2/message.js'
import { segmentOf } from '../../hl7v2/writing.js'
import { userIDsOf } from '../audited-systems.js'
import { queryRecord } from '../patient-query-audit.js'
import { cxAsSent } from './identifiers.js'
import type { Hl7Outcome } from './transaction.js'

export interface QuerySegments {
  header: Hl7Header
  /** QPD-2, as it was sent. */
  queryTag: string
  /** It goes back with the answer as it came. */
  qpd: Hl7Segment | undefined
  /** For the audit: the whole message as text. */
  message: string
}

/** HL7 gives it 32; senders put UUIDs there. */
const mostCharactersOfTag = 64
const mostDomains = 100
const inTable = { 'ITI-9': 'ITI TF-2: Table 3.9-2', 'ITI-21': 'ITI TF-2: Table 3.21-2' } as const

/** With the first thing that is wrong with QPD in `errors`, and then with as much as an answer has to give back all the same. [ITI TF-2: Table 3.9-2, Table 3.21-2] */
export function querySegments(
  { header, segments }: ReadHl7 & { header: Hl7Header },
  id: keyof typeof inTable,
): QuerySegments & { errors: Hl7Error[] } {
  const [qpd, another] = segments.filter(({ name }) => name === 'QPD')
  const queryTag = qpd?.fields[2] ?? ''
  const asked = { header, queryTag: queryTag.slice(0, mostCharactersOfTag), qpd, message: textOf(segments) }
  const clause = inTable[id]
  const fault = (condition: Hl7Error['condition'], at: string, text: string) => ({
    ...asked,
    errors: [{ condition, at, text, clause }],
  })
  if (qpd === undefined) return fault('100', 'QPD', 'the message has no segment QPD')
  if (another !== undefined) return fault('100', 'QPD', 'one query a message is expected, not several QPD')
  if (!isSaid(queryTag)) return fault('101', 'QPD-2', 'there is no query tag')
  if (queryTag.length > mostCharactersOfTag) {
    return fault('104', 'QPD-2', `expected at most ${mostCharactersOfTag} characters, found ${queryTag.length}`)
  }
  return { ...asked, errors: priorityErrors(segments) }
}

function textOf(segments: readonly Hl7Segment[]): string {
  return segments.map(({ line }) => `${line}\r`).join('')
}

/** [ITI TF-2:3.9.4.1.2.3.1, 3.21.4.1.2.5.1] */
function priorityErrors(segments: readonly Hl7Segment[]): Hl7Error[] {
  const priority = segments.find(({ name }) => name === 'RCP')?.fields[1] ?? ''
  if (!isSaid(priority) || priority === 'I') return []
  const text = `answers are given at once: expected I, found ${priority.slice(0, 20)}`
  return [{ condition: '103', at: 'RCP-1', text, clause: 'ITI TF-2:3.21.4.1.2.5.1' }]
}

/** The authorities of a field in which only they are valued, each where it stands. [ITI TF-2:3.9.4.1.2.2, 3.21.4.1.2.4] */
export function domainsIn(
  { fields }: Pick<Hl7Segment, 'fields'>,
  field: 4 | 8,
  { delimiters, characterSet }: Hl7Header,
): { domains: Hl7Identifier[]; errors: Hl7Error[] } {
  const text = fields[field] ?? ''
  if (!isSaid(text)) return { domains: [], errors: [] }
  const repetitions = text.split(delimiters.repetition, mostDomains + 1)
  if (repetitions.length > mostDomains) {
    const why = `there may be ${mostDomains} domains, found more`
    return { domains: [], errors: [{ condition: '104', at: `QPD-${field}`, text: why }] }
  }
  return { domains: repetitions.map(cx => identifierIn(cx, delimiters, characterSet)), errors: [] }
}

export interface Counted {
  total: number
  current: number
  remaining: number
}

/** Without QPD there is nothing that could go back in an answer: a plain acknowledgement says what is wrong. */
export function queryAnswer(
  asked: Pick<QuerySegments, 'header' | 'qpd' | 'queryTag'>,
  type: Hl7Answer['type'],
  { errors, isFound, counts }: { errors: readonly Hl7Error[]; isFound: boolean; counts?: Counted | undefined },
  segments: readonly string[],
): Hl7Answer | undefined {
  const { header, qpd, queryTag } = asked
  if (qpd === undefined) return undefined
  const status = errors.length > 0 ? codeFor(errors) : isFound ? 'OK' : 'NF'
  const [total = '', current = '', remaining = ''] =
    counts === undefined ? [] : [counts.total, counts.current, counts.remaining].map(String)
  const qak = segmentOf('QAK', { 1: queryTag, 2: status, 4: total, 5: current, 6: remaining }, header.delimiters)
  return { type, segments: [qak, qpd.line, ...segments] }
}

/** [ITI TF-2:3.9.5.1.2, 3.21.5.1.2] */
export function auditSegments(
  { id, name }: { id: string; name: string },
  exchange: AuditedExchange<QuerySegments, Hl7Outcome>,
  patientIds: readonly string[],
): AuditRecord[] {
  const { request, response, failure } = exchange
  const errors = response?.errors ?? []
  const type = transactionType(id, name)
  const query = {
    ...({
      id: request?.queryTag || request?.header.controlId || 'none',
      typeCode: 2,
      role: 24,
      idTypeCode: type,
    } as const),
    query: Buffer.from(request?.message ?? '').subarray(0, mostQueryBytes),
    details: [{ type: 'MSH-10', value: request?.header.controlId ?? '' }],
  }
  return [
    queryRecord({
      ...{ type, exchange, patientIds, userIDs: userIDsOf(request?.header) },
      refusal: failure ?? (errors.length > 0 ? errorsInWords(errors) : undefined),
      query: query.query.length === 0 ? undefined : query,
    }),
  ]
}

/** For the audit: what was asked for is written down whatever it is. */
export function idsAsSent(identifiers: readonly Hl7Identifier[]): string[] {
  return identifiers.filter(({ id }) => id !== '').map(cxAsSent)
}
