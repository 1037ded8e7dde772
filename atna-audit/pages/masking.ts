// What is left of a record for those who may not see patients' data: systems, kinds, times, outcomes.
import type { Human, Told } from './told.js'

/** Roles in which the patient, or somebody for the patient, acts. [Swiss EPR: 2.16.756.5.30.1.127.3.10.6] */
const patientRoles: ReadonlySet<string> = new Set(['PAT', 'REP'])

const masked = '•••'

/** Texts that anybody wrote may name a patient, and what was asked nearly always does: they go with the ids. */
export function withoutPatient(told: Told): Told {
  return {
    ...told,
    description: undefined,
    problem: told.problem === undefined ? undefined : masked,
    people: told.people.map(one => (actsForPatient(one) ? unknown(one) : one)),
    patients: told.patients.map(() => masked),
    documents: told.documents.map(() => masked),
    submissionSets: told.submissionSets.map(() => masked),
    queries: told.queries.map(() => ({ id: '', text: undefined })),
    others: [],
    view: undefined,
  }
}

/** The patient and their representative: they are as private as the data. */
export function actsForPatient({ roles }: Human): boolean {
  return roles.some(role => patientRoles.has(role))
}

function unknown({ roles }: Human): Human {
  return { id: masked, name: masked, roles }
}
