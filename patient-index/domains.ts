// Domains whose ids this index keeps together: those of its sources, its own, and the nation's.
import type { PatientIndexContext } from './context.js'

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
