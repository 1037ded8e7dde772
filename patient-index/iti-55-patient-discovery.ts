// ITI-55 Cross Gateway Patient Discovery, as the Responding Gateway answers it. ITI TF-2 §3.55.4.2.3.
import { serve } from '../server/actor.js'
import type { DemographicsAnswer } from '../transactions/demographics-codec.js'
import { crossGatewayPatientDiscovery } from '../transactions/patient-discovery.js'
import type { PatientIndexContext } from './context.js'
import { emptyAnswer } from './iti-47-patient-demographics-query.js'
import { mostTellingWanted, search } from './searching.js'

/** At most one person is told, by the id to be used in ITI-38; where more fit, the asker should know more. */
export const serveCrossGatewayPatientDiscovery = serve(
  crossGatewayPatientDiscovery,
  async (query, context: PatientIndexContext): Promise<DemographicsAnswer> => {
    const { config, persons, nationalAuthority } = context
    const answer = { ...emptyAnswer(query, context), senderCommunity: communityOf(config.homeCommunityId) }
    const bounds = { most: 1, leastDegree: Math.max(leastDegree, query.minimumDegree ?? 0) }
    const { hits, isCut } = search(query.wanted, bounds, context)
    if (isCut) return { ...answer, moreWanted: mostTellingWanted(query.wanted) }
    const [hit] = hits
    const patientId = hit && persons.ownIdOf(hit.person, config.assigningAuthority)
    const record = hit && persons.record(hit.record)
    if (hit === undefined || record === undefined || patientId === undefined) return answer
    const national = nationalAuthority === undefined ? undefined : persons.ownIdOf(hit.person, nationalAuthority)
    return {
      ...answer,
      responseCode: 'OK',
      // Exactly one id, that of our affinity domain. [ITI TF-2: Table 3.55.4.2.2.2-1]
      patients: [
        {
          patientIds: [patientId],
          otherIds: national === undefined ? [] : [national],
          person: record.body,
          degree: hit.degree,
        },
      ],
      custodian: communityOf(config.homeCommunityId),
    }
  },
)

/** Between communities a likeness is no match. */
const leastDegree = 90

function communityOf(homeCommunityId: string): string {
  return homeCommunityId.replace(/^urn:oid:/, '')
}
