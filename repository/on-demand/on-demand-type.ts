// Which documents of a repository are made on demand: its types, and how a uniqueId names one. docs/decisions/0132.
import type { OnDemandTypeConfig, RepositoryConfig } from '../../config/repository-config.js'

/** The type whose name stands behind the OID: `2.25.1^summary`. */
export function onDemandTypeOf(
  uniqueId: string,
  { onDemand }: Pick<RepositoryConfig, 'onDemand'>,
): OnDemandTypeConfig | undefined {
  const at = uniqueId.indexOf('^')
  if (at < 0) return undefined
  const name = uniqueId.slice(at + 1)
  return onDemand.types.find(type => type.name === name)
}
