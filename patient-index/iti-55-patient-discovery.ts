// ITI-55 Cross Gateway Patient Discovery, as the Responding Gateway answers it. ITI TF-2 §3.55.4.2.3.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import { serve } from '../server/actor.js'
import type { DemographicsAnswer } from '../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../transactions/hl7v3/demographics-query-codec.js'
import { crossGatewayPatientDiscovery, deferredPatientDiscovery } from '../transactions/hl7v3/patient-discovery.js'
import { locationOf, type QueryProblem } from '../transactions/hl7v3/query.js'
import type { PatientIndexContext } from './context.js'
import { emptyAnswer } from './iti-47-patient-demographics-query.js'
import { locate, withoutIdOfAsker } from './located.js'
import { moreWanted } from './more-wanted.js'
import { search } from './searching.js'

export const serveCrossGatewayPatientDiscovery = serve(
  crossGatewayPatientDiscovery,
  async (query, context: PatientIndexContext): Promise<DemographicsAnswer> => {
    if (query.priority !== 'D') {
      const answer = discovered(query, context)
      await locate(query, answer, context)
      return answer
    }
    const text =
      'Unsupported Processing Mode: a deferred answer is asked for by the action ' +
      `${deferredPatientDiscovery.action}, and named by respondTo [ITI TF-2:3.55.6.2]`
    return { ...emptyAnswer(query, context), ...inError, problems: [{ text }] }
  },
)

/** [ITI TF-2:3.55.4.2.2.7, 3.55.4.2.3] */
const inError = { acknowledgement: 'AE', responseCode: 'AE', unavailable: 'AnswerNotAvailable' } as const

/** At most one person is told, by the id to be used in ITI-38; where more fit, the asker should know more. [ITI TF-2:3.55.4.2.3] */
export function discovered(query: DemographicsQuery, context: PatientIndexContext): DemographicsAnswer {
  const { config, persons, nationalAuthority } = context
  const answer = { ...emptyAnswer(query, context), senderCommunity: communityOf(config.homeCommunityId) }
  const problems = unaskable(query, context)
  if (problems.length > 0) return { ...answer, ...inError, problems }
  const bounds = { most: 1, leastDegree: Math.max(leastDegree, query.minimumDegree ?? 0) }
  const wanted = withoutIdOfAsker(query)
  const { hits, isCut } = search(wanted, bounds, context)
  // Case 3: nobody is told, and that is an answer all the same. [ITI TF-2:3.55.4.2.3]
  if (isCut) return { ...answer, responseCode: 'OK', moreWanted: moreWanted(wanted, context) }
  const [hit] = hits
  const patientId = hit && persons.ownIdOf(hit.person, config.assigningAuthority)
  const record = hit && persons.record(hit.record)
  if (hit === undefined || record === undefined || patientId === undefined) return answer
  const national = nationalAuthority === undefined ? undefined : persons.ownIdOf(hit.person, nationalAuthority)
  const { degree } = hit
  return {
    ...answer,
    responseCode: 'OK',
    // Exactly one id, that of our affinity domain. [ITI TF-2: Table 3.55.4.2.2.2-1]
    patients: [
      { patientIds: [patientId], otherIds: national === undefined ? [] : [national], person: record.body, degree },
    ],
    custodian: communityOf(config.homeCommunityId),
    isLocator: config.healthDataLocator !== undefined,
  }
}

/** Where a nation numbers its people, nothing else tells one community whom another means. [CH-EPR ITI-55] */
function unaskable(query: DemographicsQuery, { config, nationalAuthority }: PatientIndexContext): QueryProblem[] {
  const { wanted, unreadable } = query
  if (unreadable !== undefined) return unreadable
  const isNational = (id: string) => instanceIdentifierOf(id)?.root === nationalAuthority
  if (!config.nationalIdsOnly || nationalAuthority === undefined || wanted.patientIds.some(isNational)) return []
  const text = `livingSubjectId: expected an id of ${nationalAuthority}, by which alone people are asked for here [CH-EPR ITI-55]`
  return [{ location: locationOf('PRPA_IN201305UV02', 'livingSubjectId', 0), text }]
}

/** Between communities a likeness is no match. */
const leastDegree = 90

function communityOf(homeCommunityId: string): string {
  return homeCommunityId.replace(/^urn:oid:/, '')
}
