// Domains whose ids this index keeps together: those of its sources, its own, and the nation's.
import type { PatientIndexContext } from './context.js'

/** Of an OID without `urn:oid:`. One of which an id is kept counts, whether it is listed as a source or not. */
export function isDomainHere(
  oid: string,
  { persons, config, nationalAuthority }: Pick<PatientIndexContext, 'persons' | 'config' | 'nationalAuthority'>,
): boolean {
  return (
    oid === config.assigningAuthority ||
    oid === nationalAuthority ||
    config.sources.includes(oid) ||
    persons.knowsDomain(oid)
  )
}
