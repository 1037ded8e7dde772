// ITI-56 Patient Location Query, as a health data locator answers it. ITI TF-2 §3.56.4.1.3 (XCPD Health Data Locator); docs/decisions/0352.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import { serve } from '../server/actor.js'
import { senderFault } from '../soap/fault.js'
import { type LocationAnswer, patientLocationQuery } from '../transactions/hl7v3/patient-location.js'
import type { PatientIndexContext } from './context.js'
import { heardSince } from './located.js'

export const servePatientLocationQuery = serve(
  patientLocationQuery,
  async ({ patientId: requestedPatientId }, context: PatientIndexContext): Promise<LocationAnswer> => {
    const { config, persons, located, nationalAuthority } = context
    const { homeCommunityId, assigningAuthority, healthDataLocator } = config
    if (healthDataLocator === undefined) {
      throw senderFault(
        'this community is no health data locator: it answers ITI-55, and each hit says NotHealthDataLocator [ITI TF-2:3.56.4.1.3]',
      )
    }
    // By the ids that ITI-55 tells, not by those of single sources.
    const authority = instanceIdentifierOf(requestedPatientId)?.root
    const isAskable = authority === assigningAuthority || authority === nationalAuthority
    const person = isAskable ? persons.personBy(requestedPatientId) : undefined
    const own = person === undefined ? undefined : persons.ownIdOf(person, assigningAuthority)
    if (person === undefined || own === undefined) {
      throw senderFault(
        `RequestedPatientId: expected the id of a patient here, of the authority ${assigningAuthority}, found one of nobody [ITI TF-2:3.56.4.1.3]`,
      )
    }
    const others = located.of(person, assigningAuthority, heardSince(context))
    return {
      locations: [
        { homeCommunityId, patientId: own, requestedPatientId },
        ...others.map(({ community, patientId }) => ({
          ...{ homeCommunityId: `urn:oid:${community}`, patientId, requestedPatientId },
        })),
      ],
    }
  },
)
