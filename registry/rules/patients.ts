// Rules for the patient: known to the domain, and one in the whole submission. ITI TF-2 §3.42.4.1.3.3.2.
import { quoted } from '../../metadata/words.js'
import { canonicalPatientId } from '../patient-id.js'
import type { Facts } from '../store/facts.js'
import type { Breach, PatientObject, Rule } from './rule.js'

/** One finding for each patient id, however many objects carry it. [ITI TF-2:3.42.4.1.3.3.2] */
export const patientIsKnown: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.2',
  breaches({ patientObjects, sound }, facts) {
    const unknown = new Map<string, PatientObject>()
    for (const object of patientObjects) {
      const { patientId } = object
      if (patientId === undefined || !sound(object, 'patientId') || facts.patients.has(patientId)) continue
      if (!unknown.has(patientId)) unknown.set(patientId, object)
    }
    return [...unknown].map(([patientId, object]) => ({
      code: 'XDSUnknownPatientId',
      object,
      attribute: 'patientId',
      expected: expectedPatient(facts),
      found: quoted(patientId),
    }))
  },
}

function expectedPatient(facts: Facts): string {
  const assigningAuthorities = facts.assigningAuthorities()
  if (assigningAuthorities.length === 0) return 'a patient announced by the patient identity feed; none has been so far'
  return `a patient announced by the patient identity feed, of assigning authority ${assigningAuthorities.join(' or ')}`
}

/** [ITI TF-2:3.42.4.1.3.3.2] */
export const samePatient: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.2',
  breaches({ patientObjects, submissionSet }) {
    const first = submissionSet ?? patientObjects[0]
    if (first?.patientId === undefined) return []
    return patientObjects.flatMap((object): Breach[] => {
      if (object.patientId === undefined || !differ(object.patientId, first.patientId ?? '')) return []
      return [
        {
          code: 'XDSPatientIdDoesNotMatch',
          object,
          attribute: 'patientId',
          expected: `the patientId of the ${first.kind}, ${quoted(first.patientId ?? '')}`,
          found: quoted(object.patientId),
        },
      ]
    })
  },
}

/** What is no patient id at all has been named with its attribute. */
function differ(one: string, other: string): boolean {
  if (one === other) return false
  const ids = [canonicalPatientId(one), canonicalPatientId(other)]
  return !ids.includes(undefined) && ids[0] !== ids[1]
}
