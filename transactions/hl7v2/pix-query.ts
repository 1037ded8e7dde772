// ITI-9 PIX Query: QBP^Q23 asks which ids a patient has elsewhere, RSP^K23 says it. ITI TF-2 §3.9.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import type { Hl7Error } from '../../hl7v2/errors.js'
import { componentOf, type Hl7Identifier, identifierIn, isSaid, repetitionsOf } from '../../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment, ReadHl7 } from '../../hl7v2/message.js'
import { identifierField, segmentOf } from '../../hl7v2/writing.js'
import {
  auditSegments,
  domainsIn,
  idsAsSent,
  type QuerySegments,
  queryAnswer,
  querySegments,
} from './query-segments.js'
import type { Hl7Outcome, Hl7Transaction } from './transaction.js'

export interface PixQueryV2 extends QuerySegments {
  /** QPD-3; absent where the message is at fault. */
  patientId: Hl7Identifier | undefined
  /** QPD-4, in the order asked for; all when there are none. */
  domains: Hl7Identifier[]
}

export interface PixOutcomeV2 extends Hl7Outcome {
  /** Ids of the one patient, those of one authority behind one another. */
  patientIds?: readonly Hl7Identifier[]
}

export const pixQueryV2: Hl7Transaction<PixQueryV2, PixOutcomeV2> = {
  id: 'ITI-9',
  name: 'PIX Query',
  roles: ['consumer', 'feed', 'repository', 'registry', 'admin'],
  takes: {
    code: 'QBP',
    events: ['Q23'],
    clauses: { code: 'ITI TF-2:3.9.4.1.2.1', event: 'ITI TF-2:3.9.4.1.1' },
  },
  decode,
  answer: (query, { errors, patientIds = [] }) => {
    const type = ['RSP', 'K23', 'RSP_K23'] as const
    const answer = queryAnswer(query, type, { errors, isFound: patientIds.length > 0 }, pidOf(patientIds, query.header))
    return answer && { ...answer, hasOneError: true }
  },
  audit,
}

function decode(message: ReadHl7 & { header: Hl7Header }): { request: PixQueryV2; errors: Hl7Error[] } {
  const { errors, ...query } = querySegments(message, 'ITI-9')
  const { qpd, header } = query
  if (qpd === undefined) return { request: { ...query, patientId: undefined, domains: [] }, errors }
  const person = personIn(qpd, header)
  const wanted = domainsIn(qpd, 4, header)
  return {
    request: { ...query, patientId: person.patientId, domains: wanted.domains },
    errors: [...errors, ...person.errors, ...wanted.errors],
  }
}

const clause = 'ITI TF-2:3.9.4.1.2.2'

/** One id and who gave it. [ITI TF-2:3.9.4.1.2.2] */
function personIn(
  { fields }: Hl7Segment,
  { delimiters, characterSet }: Hl7Header,
): { patientId: Hl7Identifier | undefined; errors: Hl7Error[] } {
  const repetitions = repetitionsOf(fields[3] ?? '', delimiters)
  const [cx = ''] = repetitions
  const patientId = identifierIn(cx, delimiters, characterSet)
  const fault = (condition: Hl7Error['condition'], text: string, component?: number) => ({
    patientId: patientId.id === '' ? undefined : patientId,
    errors: [{ condition, at: 'QPD-3', ...(component === undefined ? {} : { component }), text, clause }],
  })
  if (repetitions.length === 0) return fault('101', 'there is no patient id')
  if (repetitions.length > 1) return fault('102', `expected one patient id, found ${repetitions.length}`)
  if (componentOf(cx, 1, delimiters).includes(delimiters.subcomponent)) {
    return fault('102', 'expected one text as id, found subcomponents; their separator is to be escaped', 1)
  }
  if (patientId.id === '') return fault('101', 'there is no patient id in the first component', 1)
  const hasAuthority = [patientId.namespaceId, patientId.universalId].some(isSaid)
  return hasAuthority ? { patientId, errors: [] } : fault('101', 'there is no assigning authority', 4)
}

/** The ids alone, and the name of nobody: names may differ between domains. [ITI TF-2:3.9.4.2.2.5] */
function pidOf(patientIds: readonly Hl7Identifier[], { delimiters }: Hl7Header): string[] {
  if (patientIds.length === 0) return []
  const { component, repetition } = delimiters
  const ids = patientIds.map(id => identifierField(id, delimiters)).join(repetition)
  return [segmentOf('PID', { 3: ids, 5: `${repetition}${component.repeat(6)}S` }, delimiters)]
}

function audit(exchange: AuditedExchange<PixQueryV2, PixOutcomeV2>): AuditRecord[] {
  const { request, response } = exchange
  const asked = request?.patientId === undefined ? [] : [request.patientId]
  return auditSegments(pixQueryV2, exchange, idsAsSent([...asked, ...(response?.patientIds ?? [])]))
}
