// ITI-45 PIXV3 Query, as the Patient Identifier Cross-reference Manager answers it. ITI TF-2 §3.45.4.2.3.
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import { pixQuery } from '../transactions/hl7v3/pix-query.js'
import type { PixAnswer, PixQuery } from '../transactions/hl7v3/pix-query-codec.js'
import { answerTo, locationOf, mostValues, type QueryProblem } from '../transactions/hl7v3/query.js'
import type { PatientIndexContext } from './context.js'
import { type CrossReferences, crossReferences } from './cross-references.js'

export const servePixQuery = serve(pixQuery, async (query, context: PatientIndexContext) => {
  const { ports, config } = context
  const answer = { ...answerTo(query), creationTime: dtmOf(ports.clock.now()), patientIds: [] }
  const { length } = query.dataSources
  if (length > mostValues) {
    const text = `dataSource: expected at most ${mostValues} values, found ${length} [ITI TF-2: Table 3.45.4.1.2-1]`
    return { ...answer, ...inError, problems: [{ text }] }
  }
  const [patientId] = query.patientIds
  const references = crossReferences({ patientId, domains: query.dataSources }, context)
  const problems = problemsOf(query, references)
  if (problems.length > 0) return { ...answer, ...inError, problems }
  const { patientIds } = references
  const found: PixAnswer = { ...answer, acknowledgement: 'AA', responseCode: 'OK', problems: [], patientIds }
  if (patientIds.length === 0) return { ...found, responseCode: 'NF' }
  return { ...found, custodian: config.assigningAuthority }
})

const inError = { acknowledgement: 'AE', responseCode: 'AE' } as const
const asks = 'PRPA_IN201309UV02'

/** Cases 3 to 5: an id or a domain that is not known here. [ITI TF-2:3.45.4.2.3] */
function problemsOf(
  { patientIds, dataSources }: PixQuery,
  { isIdKnown, unknownDomains }: CrossReferences,
): QueryProblem[] {
  const [patientId] = patientIds
  if (patientId === undefined || patientIds.length > 1) {
    return [{ text: `patientIdentifier: expected one, found ${patientIds.length} [ITI TF-2: Table 3.45.4.1.2-1]` }]
  }
  const unknown = (name: 'patientIdentifier' | 'dataSource', place: number, what: string): QueryProblem => ({
    ...{ code: '204', location: locationOf(asks, name, place), text: `the ${what} is not known here` },
  })
  return [
    ...(isIdKnown ? [] : [unknown('patientIdentifier', 0, `patient id ${patientId}`)]),
    ...unknownDomains.map(place => unknown('dataSource', place, `domain ${dataSources[place] || 'without root'}`)),
  ]
}
