// A person as answers tell of one: the newest that a source said, and the ids of the domains that were asked for.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { FoundPatient } from '../transactions/hl7v3/demographics-answer-codec.js'
import type { PatientIndexContext } from './context.js'

/** Undefined where the person has been merged away meanwhile. All ids where no domains are named. */
export function foundPatient(
  { person, degree }: { person: number; degree: number },
  domains: readonly string[],
  { persons, nationalAuthority }: Pick<PatientIndexContext, 'persons' | 'nationalAuthority'>,
): FoundPatient | undefined {
  const [newest] = persons.recordsOf(person)
  // It may have been merged away since the question was asked.
  if (newest === undefined) return undefined
  const rootOf = (id: string) => instanceIdentifierOf(id)?.root ?? ''
  const wanted = persons.idsOf(person).filter(id => domains.length === 0 || domains.includes(rootOf(id)))
  return {
    patientIds: wanted,
    otherIds: wanted.filter(id => rootOf(id) === nationalAuthority),
    person: newest.body,
    degree,
  }
}
