// Patients that nobody has announced, where the deployment takes them all the same (benches, foreign clients in development).
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { RegistryConfig } from '../config/registry-config.js'
import { isOid } from '../metadata/data-types.js'
import type { Submission } from '../metadata/model.js'
import { assigningAuthorityOf, canonicalPatientId } from './patient-id.js'
import type { Facts } from './store/facts.js'

type Accepting = Pick<RegistryConfig, 'acceptUnknownPatients' | 'assigningAuthorities'>
type Naming = Pick<AffinityDomain, 'nationalAuthority'>

/** Whether the ids of this authority are ours; an empty list takes all that metadata can name. [ITI TF-2:3.44.4.1.4] */
export function isOurs(patientId: string, { assigningAuthorities }: Pick<Accepting, 'assigningAuthorities'>): boolean {
  const authority = assigningAuthorityOf(patientId)
  if (authority === undefined || !isOid(authority)) return false
  return assigningAuthorities.length === 0 || assigningAuthorities.includes(authority)
}

/** The facts as they are once those patients are known, and which these are. An id that a merge has ended stays ended. */
export function withAcceptedPatients(
  submission: Submission,
  facts: Facts,
  config: Accepting,
  { nationalAuthority }: Naming,
): { facts: Facts; newPatients: string[] } {
  const patients = new Map(facts.patients)
  const newPatients = new Set<string>()
  if (config.acceptUnknownPatients) {
    for (const { patientId } of [...submission.submissionSets, ...submission.documentEntries, ...submission.folders]) {
      if (patientId === undefined || patients.has(patientId) || facts.endedPatients.has(patientId)) continue
      const id = canonicalPatientId(patientId)
      // A national id names no patient of the domain.
      if (id === undefined || !isOurs(patientId, config) || assigningAuthorityOf(id) === nationalAuthority) continue
      patients.set(patientId, id)
      newPatients.add(id)
    }
  }
  const named = config.assigningAuthorities
  const assigningAuthorities = named.length > 0 ? () => named : facts.assigningAuthorities
  return { facts: { ...facts, patients, assigningAuthorities }, newPatients: [...newPatients] }
}
