// ITI-21 Patient Demographics Query: QBP^Q22 asks who it is, RSP^K22 says it in parts, QCN^J01 wants no more. ITI TF-2 §3.21.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import type { PeerRole } from '../../config/peer-roles.js'
import type { Hl7Error } from '../../hl7v2/errors.js'
import { componentOf, type Hl7Identifier, isSaid } from '../../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment, ReadHl7 } from '../../hl7v2/message.js'
import { identifierField, segmentOf } from '../../hl7v2/writing.js'
import type { Person } from '../person.js'
import { type WantedV2, wantedIn } from './demographics-parameters.js'
import { pidFieldsOf } from './person-segment.js'
import {
  auditSegments,
  type Counted,
  domainsIn,
  idsAsSent,
  type QuerySegments,
  queryAnswer,
  querySegments,
} from './query-segments.js'
import type { Hl7Outcome, Hl7Transaction } from './transaction.js'

export interface DemographicsQueryV2 extends QuerySegments {
  wanted: WantedV2
  /** QPD-8; the ids of all when there are none. */
  domains: Hl7Identifier[]
  /** QPD-4, of 100. */
  minimumDegree?: number
  /** RCP-2: how many at once. */
  quantity?: number
  /** DSC-1: more of an answer that was given in parts. */
  pointer?: string
}

export interface FoundPatientV2 {
  patientIds: readonly Hl7Identifier[]
  person: Person
  degree: number
}

export interface DemographicsOutcomeV2 extends Hl7Outcome {
  patients?: readonly FoundPatientV2[]
  counts?: Counted
  /** There is more, for whoever comes with this. */
  pointer?: string
}

const roles: readonly PeerRole[] = ['consumer', 'feed', 'repository', 'registry', 'admin']

export const patientDemographicsQueryV2: Hl7Transaction<DemographicsQueryV2, DemographicsOutcomeV2> = {
  ...{ id: 'ITI-21', name: 'Patient Demographics Query', roles },
  takes: {
    code: 'QBP',
    events: ['Q22'],
    clauses: { code: 'ITI TF-2:3.21.4.1.2.1', event: 'ITI TF-2:3.21.4.1.1' },
  },
  decode,
  answer(query, { errors, patients = [], counts, pointer }) {
    const { header } = query
    const isFound = (counts?.total ?? patients.length) > 0
    const found = patients.flatMap(patient => groupOf(patient, header))
    const more = pointer === undefined ? [] : [segmentOf('DSC', { 1: pointer, 2: 'I' }, header.delimiters)]
    return queryAnswer(query, ['RSP', 'K22', 'RSP_K21'], { errors, isFound, counts }, [...found, ...more])
  },
  audit,
}

function decode(message: ReadHl7 & { header: Hl7Header }): { request: DemographicsQueryV2; errors: Hl7Error[] } {
  const { errors, ...query } = querySegments(message, 'ITI-21')
  const { qpd, header } = query
  const { wanted, errors: wrong } = wantedIn(qpd?.fields[3] ?? '', header)
  if (qpd === undefined) return { request: { ...query, wanted, domains: [] }, errors }
  const domains = domainsIn(qpd, 8, header)
  const quantity = quantityIn(message.segments, header)
  const minimumDegree = degreeIn(qpd)
  const pointer = message.segments.find(({ name }) => name === 'DSC')?.fields[1] ?? ''
  return {
    request: {
      ...{ ...query, wanted, domains: domains.domains },
      ...(minimumDegree === undefined ? {} : { minimumDegree }),
      ...(quantity.quantity === undefined ? {} : { quantity: quantity.quantity }),
      ...(isSaid(pointer) ? { pointer: pointer.slice(0, 180) } : {}),
    },
    errors: [...errors, ...wrong, ...domains.errors, ...quantity.errors],
  }
}

/** `50^RD`: so many records at once. [ITI TF-2:3.21.4.1.2.5.2] */
function quantityIn(
  segments: readonly Hl7Segment[],
  { delimiters }: Hl7Header,
): { quantity?: number; errors: Hl7Error[] } {
  const field = segments.find(({ name }) => name === 'RCP')?.fields[2] ?? ''
  if (!isSaid(field)) return { errors: [] }
  const [count, unit] = [componentOf(field, 1, delimiters), componentOf(field, 2, delimiters)]
  const wrong = (condition: Hl7Error['condition'], component: number, text: string) => ({
    errors: [{ condition, at: 'RCP-2', component, text, clause: 'ITI TF-2:3.21.4.1.2.5.2' }],
  })
  if (!/^0*[1-9]\d{0,5}$/.test(count)) return wrong('102', 1, `expected a number above 0, found ${count.slice(0, 20)}`)
  // The first component of the unit, where it has some.
  const [code = ''] = unit.split(delimiters.subcomponent, 1)
  if (code !== '' && code !== 'RD') return wrong('103', 2, `records are counted, RD; found ${code.slice(0, 20)}`)
  return { quantity: Number(count), errors: [] }
}

/** The threshold of an algorithm of others says nothing of how we count. [ITI TF-2:3.21.4.1.2.3] */
function degreeIn({ fields }: Hl7Segment): number | undefined {
  const [threshold = '', algorithm = ''] = [fields[4], fields[5]]
  return /^\d{1,3}(?:\.\d+)?$/.test(threshold) && !isSaid(algorithm) ? Number(threshold) : undefined
}

/** Who it is, and how well that fits. [ITI TF-2:3.21.4.2.2.5, 3.21.4.2.2.6] */
function groupOf({ patientIds, person, degree }: FoundPatientV2, { delimiters }: Hl7Header): string[] {
  const ids = patientIds.map(id => identifierField(id, delimiters)).join(delimiters.repetition)
  return [
    segmentOf('PID', { 3: ids, ...pidFieldsOf(person, delimiters) }, delimiters),
    segmentOf('QRI', { 1: String(degree) }, delimiters),
  ]
}

/** Whoever asked by id, and whoever was told. */
function audit(exchange: AuditedExchange<DemographicsQueryV2, DemographicsOutcomeV2>): AuditRecord[] {
  const { request, response } = exchange
  const asked = (request?.wanted.identifiers ?? []).map(({ identifier }) => identifier)
  const told = (response?.patients ?? []).flatMap(({ patientIds }) => patientIds.slice(0, 1))
  return auditSegments(patientDemographicsQueryV2, exchange, idsAsSent([...asked, ...told]))
}

export interface CancelledQuery {
  header: Hl7Header
  /** QID-1. */
  queryTag: string
}

/** No more is wanted. [ITI TF-2:3.21.4.3] */
export const demographicsCancelledV2: Hl7Transaction<CancelledQuery> = {
  ...{ id: 'ITI-21', name: 'Patient Demographics Query', roles },
  takes: {
    code: 'QCN',
    events: ['J01'],
    clauses: { code: 'ITI TF-2:3.21.4.3.2.1', event: 'ITI TF-2:3.21.4.3.1' },
  },
  decode({ header, segments }) {
    const qid = segments.find(({ name }) => name === 'QID')
    const queryTag = qid?.fields[1] ?? ''
    const clause = 'ITI TF-2:3.21.4.3.2.2'
    const errors: Hl7Error[] = []
    if (qid === undefined) errors.push({ condition: '100', at: 'QID', text: 'the message has no segment QID', clause })
    else if (!isSaid(queryTag)) errors.push({ condition: '101', at: 'QID-1', text: 'there is no query tag', clause })
    return { request: { header, queryTag }, errors }
  },
  // Nobody is told anything of anybody.
  audit: () => [],
}
