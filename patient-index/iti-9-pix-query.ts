// ITI-9 PIX Query in HL7 v2, as the Patient Identifier Cross-reference Manager answers it. ITI TF-2 §3.9.4.2.2.6.
import type { Hl7Error } from '../hl7v2/errors.js'
import type { Hl7Identifier } from '../hl7v2/fields.js'
import { serveHl7 } from '../server/hl7v2/exchange.js'
import {
  authorityAsSent,
  contradictionIn,
  cxAsSent,
  cxIn,
  domainOf,
  qualified,
} from '../transactions/hl7v2/identifiers.js'
import { pixQueryV2 } from '../transactions/hl7v2/pix-query.js'
import type { PatientIndexContext } from './context.js'
import { crossReferences } from './cross-references.js'
import { isDomainHere } from './domains.js'

export const servePixQueryV2 = serveHl7(pixQueryV2, async ({ patientId, domains }, context: PatientIndexContext) => {
  if (patientId === undefined) throw new Error('a query without a patient id was not refused')
  const { namespaces } = context.config.mllp
  const oids = domains.map(domain => domainOf(domain, namespaces))
  const references = crossReferences({ patientId: cxIn(patientId, namespaces), domains: oids }, context)
  const unknown = references.unknownDomains.map(place => unknownDomain(domains[place], 4, place + 1))
  const errors = [...(references.isIdKnown ? [] : [unknownId(patientId, context)]), ...unknown]
  if (errors.length > 0) return { errors }
  return { errors: [], patientIds: references.patientIds.map(id => qualified(id, namespaces)) }
})

const clause = 'ITI TF-2:3.9.4.2.2.6'

/** Cases 3 and 4: is it the id that is not known, or whose it is? [ITI TF-2:3.9.4.2.2.6] */
function unknownId(patientId: Hl7Identifier, context: PatientIndexContext): Hl7Error {
  const { namespaces } = context.config.mllp
  const oid = domainOf(patientId, namespaces)
  const place = { condition: '204', at: 'QPD-3', repetition: 1, clause } as const
  if (oid !== undefined && isDomainHere(oid, context)) {
    return { ...place, component: 1, text: `the patient id ${cxAsSent(patientId)} is not known here` }
  }
  const why = contradictionIn(patientId, namespaces)
  return { ...place, component: 4, text: why ?? `the domain ${authorityAsSent(patientId)} is not known here` }
}

/** Case 5, and case 3 of a demographics query. [ITI TF-2:3.9.4.2.2.6, 3.21.4.2.2.8] */
export function unknownDomain(domain: Hl7Identifier | undefined, field: 4 | 8, repetition: number): Hl7Error {
  const named = domain === undefined ? '' : authorityAsSent(domain)
  const text = `the domain ${named || 'without a name'} is not known here`
  return {
    condition: '204',
    at: `QPD-${field}`,
    repetition,
    text,
    clause: field === 4 ? clause : 'ITI TF-2:3.21.4.2.2.8',
  }
}
