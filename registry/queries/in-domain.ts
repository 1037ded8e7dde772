// What a query may find in the affinity domain, and what it may ask: the same stored queries, over a reader that looks away.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { Finding } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import type { Found, RegistryReader } from '../store.js'
import { type StoredQuery, sourcesOf, targetsOf } from './stored-query.js'

/** The reader itself where the domain hides nothing. */
export function inDomain(registry: RegistryReader, domain: AffinityDomain): RegistryReader {
  const visible = domain.hides === undefined ? registry : withoutHidden(registry)
  return domain.switchedOn['no-folders'] === undefined ? visible : withoutFolders(visible)
}

/** What the domain has against a request. */
export function domainFindings(
  { slots }: AdhocQueryRequest,
  query: StoredQuery | undefined,
  domain: AffinityDomain,
): Finding[] {
  const on = domain.switchedOn['metadata-level-1']
  if (on === undefined) return []
  const asked = slots.filter(({ name }) => name.trim() === '$MetadataLevel').flatMap(({ values }) => values)
  const other = asked.find(value => value.trim() !== '1')
  if (other === undefined) return []
  const { clause: rule } = on
  const object = query?.name ?? 'AdhocQueryRequest'
  const expected = `1 or nothing in domain ${domain.name}`
  return [{ code: 'XDSRegistryError', object, attribute: '$MetadataLevel', rule, expected, found: quoted(other) }]
}

/** A hidden entry is not there, nor what leads to it, nor a SubmissionSet that holds nothing else. [CH-EPR deletionStatus] */
function withoutHidden(registry: RegistryReader): RegistryReader {
  const shown = async (found: Found[], keysOf: (object: Found) => readonly number[]) => {
    const hidden = await registry.hiddenAmong(found.flatMap(keysOf))
    return hidden.size === 0 ? found : found.filter(object => !keysOf(object).some(key => hidden.has(key)))
  }

  return {
    ...registry,
    documentEntries: async (among, where) => shown(await registry.documentEntries(among, where), ({ key }) => [key]),
    associations: async (end, keys, where) =>
      shown(await registry.associations(end, keys, where), one => [...sourcesOf([one]), ...targetsOf([one])]),
    async submissionSets(among, where) {
      const sets = await registry.submissionSets(among, where)
      const members = await registry.associations(
        'source',
        sets.map(({ key }) => key),
        { associationType: ['HasMember'] },
      )
      const hidden = await registry.hiddenAmong(targetsOf(members))
      if (hidden.size === 0) return sets
      const holding = new Set(sourcesOf(members.filter(({ target = -1 }) => !hidden.has(target))))
      const emptied = new Set(sourcesOf(members.filter(({ source = -1 }) => !holding.has(source))))
      return sets.filter(({ key }) => !emptied.has(key))
    },
  }
}

/** Folders that are there all the same were registered before the domain refused them. [Gazelle CH-XDS-003] */
function withoutFolders(registry: RegistryReader): RegistryReader {
  return { ...registry, folders: async () => [] }
}
