// ITI-45 PIXV3 Query, as the Patient Identifier Cross-reference Manager answers it. ITI TF-2 §3.45.4.2.3.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import { answerTo, locationOf, type QueryProblem } from '../transactions/hl7v3-query.js'
import { pixQuery } from '../transactions/pix-query.js'
import type { PixAnswer, PixQuery } from '../transactions/pix-query-codec.js'
import type { PatientIndexContext } from './context.js'
import { isDomainHere } from './domains.js'

export const servePixQuery = serve(pixQuery, async (query, context: PatientIndexContext) => {
  const { ports, config } = context
  const answer = { ...answerTo(query), creationTime: dtmOf(ports.clock.now()), patientIds: [] }
  const problems = problemsOf(query, context)
  if (problems.length > 0) return { ...answer, ...inError, problems }
  const patientIds = idsFor(query, context)
  const found: PixAnswer = { ...answer, acknowledgement: 'AA', responseCode: 'OK', problems: [], patientIds }
  if (patientIds.length === 0) return { ...found, responseCode: 'NF' }
  return { ...found, custodian: config.assigningAuthority }
})

const inError = { acknowledgement: 'AE', responseCode: 'AE' } as const
const asks = 'PRPA_IN201309UV02'

/** Cases 3 to 5: an id or a domain that is not known here. [ITI TF-2:3.45.4.2.3] */
function problemsOf({ patientIds, dataSources }: PixQuery, context: PatientIndexContext): QueryProblem[] {
  const [patientId] = patientIds
  if (patientId === undefined || patientIds.length > 1) {
    return [{ text: `patientIdentifier: expected one, found ${patientIds.length} [ITI TF-2: Table 3.45.4.1.2-1]` }]
  }
  const unknownDomains = dataSources.flatMap((oid, index) =>
    isDomainHere(oid, context)
      ? []
      : [
          {
            code: '204',
            location: locationOf(asks, 'dataSource', index),
            text: `the domain ${oid || 'without root'} is not known here`,
          },
        ],
  )
  if (context.persons.personBy(patientId) !== undefined) return unknownDomains
  const location = locationOf(asks, 'patientIdentifier', 0)
  return [{ code: '204', location, text: `the patient id ${patientId} is not known here` }, ...unknownDomains]
}

/** Those of the wanted domains, without the one that was asked for. [ITI TF-2:3.45.4.2.3] */
function idsFor({ patientIds: [patientId], dataSources }: PixQuery, { persons }: PatientIndexContext): string[] {
  const person = patientId === undefined ? undefined : persons.personBy(patientId)
  if (patientId === undefined || person === undefined) return []
  const asked = instanceIdentifierOf(patientId)
  return persons.idsOf(person).filter(id => {
    const { root, extension } = instanceIdentifierOf(id) ?? { root: '', extension: '' }
    if (dataSources.length > 0) return dataSources.includes(root)
    return root !== asked?.root || extension !== asked.extension
  })
}
