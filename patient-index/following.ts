// What a message of a source does to the index, in whichever form it comes: ITI-44 or ITI-8. ITI TF-2 §3.44.4.1.3, §3.8.4.1.3.
import { nobody, type Person } from '../transactions/person.js'
import type { FeedEvent } from '../transactions/xds-messages.js'
import type { PatientIndexContext } from './context.js'
import { identitiesOf } from './identities.js'
import { type LinkProblem, mergeRecords, take } from './linking.js'

/** As CX. */
export interface ToldPatient {
  patientIds: readonly string[]
  /** Those that a merge ends. */
  subsumedIds?: readonly string[] | undefined
  person?: Person | undefined
}

/** Inside one `store.write`. */
export function follow(event: FeedEvent, told: ToldPatient, by: string, context: PatientIndexContext): LinkProblem[] {
  const { records, national } = identitiesOf(told.patientIds, context)
  if (event !== 'merge') return take({ records, national, person: told.person ?? nobody, by }, context)
  const subsumed = identitiesOf(told.subsumedIds ?? [], context).records
  return mergeRecords({ survivors: records, subsumed, person: told.person, by }, context)
}
