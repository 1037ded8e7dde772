// Which ids belong together: what ITI-45 and ITI-9 both answer, each in its own form. ITI TF-2 §3.45.4.2.3, §3.9.4.2.2.6.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { PatientIndexContext } from './context.js'
import { isDomainHere } from './domains.js'

export interface CrossReferences {
  isIdKnown: boolean
  /** Of the domains that are asked for, those that are not known here: their places, from 0. */
  unknownDomains: number[]
  /** As CX, those of one domain behind one another; none where anything is not known. */
  patientIds: string[]
}

type Context = Pick<PatientIndexContext, 'persons' | 'config' | 'nationalAuthority'>

/** `domains` are OIDs; an undefined one is none that is known. Without any all are meant. */
export function crossReferences(
  { patientId, domains }: { patientId: string | undefined; domains: readonly (string | undefined)[] },
  context: Context,
): CrossReferences {
  const person = patientId === undefined ? undefined : context.persons.personBy(patientId)
  const unknownDomains = placesOfUnknown(domains, context)
  if (patientId === undefined || person === undefined || unknownDomains.length > 0) {
    return { isIdKnown: person !== undefined, unknownDomains, patientIds: [] }
  }
  const asked = instanceIdentifierOf(patientId)
  const patientIds = context.persons.idsOf(person).filter(id => {
    const { root, extension } = instanceIdentifierOf(id) ?? { root: '', extension: '' }
    // What was asked with comes back with the question alone. [ITI TF-2:3.45.4.2.3]
    if (root === asked?.root && extension === asked.extension) return false
    return domains.length === 0 || domains.includes(root)
  })
  return { isIdKnown: true, unknownDomains, patientIds: byDomain(patientIds) }
}

/** Indexes into `domains`, from 0: those that are none, and those that nobody here uses. [ITI TF-2:3.45.4.2.3] */
export function placesOfUnknown(domains: readonly (string | undefined)[], context: Context): number[] {
  return domains.flatMap((oid, place) => (oid !== undefined && isDomainHere(oid, context) ? [] : [place]))
}

/** [ITI TF-2:3.9.4.2.2.6] */
export function byDomain(patientIds: readonly string[]): string[] {
  const roots = patientIds.map(id => instanceIdentifierOf(id)?.root ?? '')
  return [...new Set(roots)].flatMap(root => patientIds.filter((_, place) => roots[place] === root))
}
