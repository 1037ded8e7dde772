// For administrators: all entries, hidden ones and former versions included, with what they say of their documents: `carnet fsck`
// holds them against the repository.
import type { DocumentEntryType } from '../metadata/model.js'
import { limitIn } from '../server/administration/asked-list.js'
import type { AdminResource } from '../server/administration/resources.js'
import type { RegistryContext } from './context.js'
import { keptObjects } from './kept-objects.js'

export interface ExaminedEntry {
  entryUUID: string
  uniqueId: string | undefined
  repositoryUniqueId: string | undefined
  hash: string | undefined
  size: string | undefined
  objectType: DocumentEntryType
}

/** They are decoded while others wait. */
const mostListed = 200

/** In pages by key: `next` is what to give as `after`, undefined behind the last. Each page is a look of its own, so what is registered meanwhile may be in it or not. */
export function examinationResources({ store }: Pick<RegistryContext, 'store'>): AdminResource[] {
  return [
    {
      path: '/admin/examine/entries',
      method: 'GET',
      does: 'list all entries with hash and size',
      answer: ({ query }): Promise<{ entries: ExaminedEntry[]; next: number | undefined }> =>
        store.read({ fragments: true, limit: mostListed }, async registry => {
          const range = await registry.rangeAfter(
            'DocumentEntry',
            Number(query.get('after') ?? 0),
            limitIn(query, mostListed),
          )
          if (range === undefined) return { entries: [], next: undefined }
          const found = await registry.documentEntries({ range }, { metadataLevel: 2 })
          const { documentEntries } = keptObjects(found.flatMap(({ fragment }) => fragment ?? []))
          return { entries: documentEntries.map(examined), next: range.last }
        }),
    },
  ]
}

function examined({
  entryUUID,
  uniqueId,
  repositoryUniqueId,
  hash,
  size,
  objectType,
}: ReturnType<typeof keptObjects>['documentEntries'][number]): ExaminedEntry {
  return { entryUUID, uniqueId, repositoryUniqueId, hash, size, objectType: objectType ?? 'stable' }
}
