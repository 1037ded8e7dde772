// The ids of a message, each for what it is: of a source's record, of the nation, or of our own affinity domain.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { PatientIndexContext } from './context.js'

export interface Identities {
  /** Of records in their sources. */
  records: string[]
  national: string[]
  /** Given by this index. */
  own: string[]
}

/** An id without an authority by OID is passed over, and so is one of an authority that is no listed source. */
export function identitiesOf(
  patientIds: readonly string[],
  { config, nationalAuthority }: Pick<PatientIndexContext, 'config' | 'nationalAuthority'>,
): Identities {
  const sorted: Identities = { records: [], national: [], own: [] }
  for (const patientId of patientIds) {
    const root = instanceIdentifierOf(patientId)?.root
    if (root === undefined) continue
    if (root === nationalAuthority) sorted.national.push(patientId)
    else if (root === config.assigningAuthority) sorted.own.push(patientId)
    else if (config.sources.length === 0 || config.sources.includes(root)) sorted.records.push(patientId)
  }
  return sorted
}
