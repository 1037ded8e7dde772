// All versions of an entry for whoever names its uniqueId, at $MetadataLevel 1 too, where the domain wants it (decision 0171).
import type { RegistryConfig } from '../../config/registry-config.js'
import { documentAvailabilities } from '../../metadata/uuids.js'
import type { RegistryReader } from '../store/reader.js'
import { keysOf, type StoredQuery } from './stored-query.js'

/** What is Offline is for those alone who ask for level 2. [XDS Metadata Update 3.18.4.1.2.3.5.1.1] */
const online = [documentAvailabilities.Online]

/** The reader itself where the latest version is all that is told. */
export function tellingVersions(
  registry: RegistryReader,
  { tellsVersions }: StoredQuery,
  { versionsByUniqueId }: Pick<RegistryConfig, 'versionsByUniqueId'>,
): RegistryReader {
  return tellsVersions && versionsByUniqueId === 'all' ? withEveryVersion(registry) : registry
}

function withEveryVersion(registry: RegistryReader): RegistryReader {
  return {
    ...registry,
    async documentEntries(among, where) {
      if (!('uniqueIds' in among) || where.metadataLevel === 2) return registry.documentEntries(among, where)
      const all = await registry.documentEntries(among, { ...where, metadataLevel: 2, documentAvailability: online })
      if (all.length < 2) return all
      // Whoever knows no versions is not to be refused because one of them belonged to somebody else.
      const patients = await registry.patientIdsOf(keysOf(all))
      return patients.length > 1 ? registry.documentEntries(among, where) : all
    },
  }
}
