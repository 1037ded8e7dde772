// ITI-21 Patient Demographics Query in HL7 v2 and its continuation, as the Patient Demographics Supplier answers it. ITI TF-2 §3.21.4.2.
import { createHash } from 'node:crypto'
import type { Hl7Error } from '../hl7v2/errors.js'
import { serveHl7 } from '../server/hl7v2/exchange.js'
import { contradictionIn, cxIn, domainOf, qualified } from '../transactions/hl7v2/identifiers.js'
import {
  type DemographicsOutcomeV2,
  type DemographicsQueryV2,
  demographicsCancelledV2,
  patientDemographicsQueryV2,
} from '../transactions/hl7v2/patient-demographics.js'
import type { PatientIndexContext } from './context.js'
import { byDomain } from './cross-references.js'
import { foundPatient } from './found-patient.js'
import { foundPersons, turned } from './found-persons.js'
import { unknownDomain } from './iti-9-pix-query.js'
import type { Page } from './result-pages.js'

export const servePatientDemographicsQueryV2 = serveHl7(
  patientDemographicsQueryV2,
  async (query, context: PatientIndexContext, { partner }) => {
    if (query.pointer !== undefined) return continued(query, query.pointer, partner.name, context)
    const contradictions = contradictionsIn(query, context)
    if (contradictions.length > 0) return { errors: contradictions }
    if (query.wanted.hasAccount) return { errors: [], patients: [], warnings: [nobodyHasAccounts] }
    return asked(query, partner.name, context)
  },
)

export const serveDemographicsCancelledV2 = serveHl7(
  demographicsCancelledV2,
  async ({ queryTag }, { pages }: PatientIndexContext, { partner }) => {
    pages.forget(keyOf(markOf(queryTag, partner.name), partner.name))
    return { errors: [] }
  },
)

function asked(query: DemographicsQueryV2, partner: string, context: PatientIndexContext): DemographicsOutcomeV2 {
  const { namespaces } = context.config.mllp
  const { identifiers, hasAccount: _, ...wanted } = query.wanted
  const patientIds = identifiers.flatMap(({ identifier }) => cxIn(identifier, namespaces) ?? [])
  // An id of a domain that is not known here is nobody's; left out it would ask for everybody.
  if (patientIds.length === 0 && identifiers.length > 0) return { errors: [], patients: [] }
  const domains = query.domains.map(domain => domainOf(domain, namespaces))
  const { minimumDegree } = query
  const found = foundPersons({ wanted: { ...wanted, patientIds }, domains, minimumDegree }, context)
  if (found.is === 'empty') return { errors: [asksForNobody] }
  if (found.is === 'unknown') {
    return { errors: found.unknownDomains.map(place => unknownDomain(query.domains[place], 8, place + 1)) }
  }
  if (found.is === 'tooMany') return { errors: [], patients: [], warnings: [tooMany(found.moreWanted, context)] }
  const stamp = context.ports.randomness.bytes(6).toString('hex')
  const known = domains.filter(oid => oid !== undefined)
  return nextOf({ hits: found.hits, told: 0, domains: known, queryXml: '', stamp }, query, partner, context)
}

/** The pointer says whose continuation it is and where it goes on, so that a lost answer can be asked for again. */
function continued(
  query: DemographicsQueryV2,
  pointer: string,
  partner: string,
  context: PatientIndexContext,
): DemographicsOutcomeV2 {
  const [, mark = '', stamp, told] = /^([0-9a-f]{16})([0-9a-f]{12})n(\d{1,9})$/.exec(pointer) ?? []
  const page = context.pages.take(keyOf(mark, partner))
  if (page === undefined || page.stamp !== stamp || Number(told) > page.told) return { errors: [unknownPointer] }
  return nextOf({ ...page, told: Number(told) }, query, partner, context, mark)
}

function nextOf(
  page: Page,
  { quantity, queryTag }: DemographicsQueryV2,
  partner: string,
  context: PatientIndexContext,
  mark = markOf(queryTag, partner),
): DemographicsOutcomeV2 {
  const { current, end, counts } = turned(page, quantity ?? page.hits.length)
  const key = keyOf(mark, partner)
  const kept = { ...page, told: Math.max(end, context.pages.take(key)?.stamp === page.stamp ? page.told : 0) }
  // The last part may be asked for again too; whoever cancels, or is silent, ends it.
  if (end > counts.current || counts.remaining > 0) context.pages.keep(key, kept)
  else context.pages.forget(key)
  const { namespaces } = context.config.mllp
  return {
    errors: [],
    patients: current.flatMap(hit => {
      const patient = foundPatient(hit, page.domains, context)
      if (patient === undefined) return []
      const { patientIds, person, degree } = patient
      return [{ patientIds: byDomain(patientIds).map(id => qualified(id, namespaces)), person, degree }]
    }),
    counts,
    ...(counts.remaining > 0 ? { pointer: `${mark}${page.stamp}n${end}` } : {}),
  }
}

/** Nobody goes on with the query of another. */
function keyOf(mark: string, partner: string): string {
  return JSON.stringify([partner, 'ITI-21', mark])
}

/** A tag as part of a pointer, which is letters and digits. [ITI TF-2:3.21.4.2.2.7] */
function markOf(queryTag: string, partner: string): string {
  return createHash('sha256')
    .update(JSON.stringify([partner, queryTag]))
    .digest('hex')
    .slice(0, 16)
}

/** [HL7 v2.5.1: 2.A.36] */
function contradictionsIn({ wanted }: DemographicsQueryV2, { config }: PatientIndexContext): Hl7Error[] {
  return wanted.identifiers.flatMap(({ identifier, repetition }): Hl7Error[] => {
    const text = contradictionIn(identifier, config.mllp.namespaces)
    return text === undefined ? [] : [{ condition: '102', at: 'QPD-3', repetition, text, clause: 'HL7 v2.5.1: 2.A.36' }]
  })
}

const asksForNobody: Hl7Error = {
  ...{ condition: '101', at: 'QPD-3', clause: 'ITI TF-2:3.21.4.1.2.3' },
  text: 'a query names at least an id, a name, a birth time, an address or a telephone',
}

const unknownPointer: Hl7Error = {
  ...{ condition: '204', at: 'DSC-1', clause: 'ITI TF-2:3.21.4.1.2.6' },
  text: 'no answer waits to be continued under this pointer; ask again without DSC',
}

const nobodyHasAccounts: Hl7Error = {
  ...{ condition: '0', at: 'QPD-3' },
  text: 'account numbers (PID-18) are not kept here, so that nobody is found by one',
}

function tooMany(moreWanted: readonly string[], { config }: PatientIndexContext): Hl7Error {
  const more = moreWanted.flatMap(each => words[each] ?? []).join(', ')
  const text = `more than ${config.mostHits} patients fit, and none is told; say more of the one that is meant`
  return { condition: '0', at: 'QPD-3', text: more === '' ? text : `${text}: ${more}` }
}

/** The codes that an answer in HL7 v3 has for it. [ITI TF-2:3.55.4.2.2.6] */
const words: Readonly<Record<string, string>> = {
  PatientAddressRequested: 'address (PID.11)',
  LivingSubjectAdministrativeGenderRequested: 'sex (PID.8)',
  PatientTelecomRequested: 'telephone (PID.13)',
  MothersMaidenNameRequested: "mother's maiden name (PID.6)",
}
