// For administrators: of which documents there are entries at all. A domain hides some from every query, and what is hidden
// must never be taken for removed. docs/decisions/0123.

import { listIn } from '../server/administration/asked-list.js'
import type { AdminResource } from '../server/administration/resources.js'
import type { RegistryContext } from './context.js'

/** At most a thousand uniqueIds a call; whoever asks sees that an entry is there, and nothing of it. */
export function entryResources({ store }: Pick<RegistryContext, 'store'>): AdminResource[] {
  return [
    {
      path: '/admin/entries/described',
      method: 'POST',
      does: 'ask which documents have entries, hidden ones included',
      answer: async (request): Promise<{ described: string[] }> => {
        const described: string[] = []
        for (const uniqueId of listIn(request, 'uniqueIds')) {
          const found = await store.read({ fragments: false, limit: mostEntries }, registry =>
            registry.documentEntries({ uniqueIds: [uniqueId] }, { metadataLevel: 2 }),
          )
          if (found.length > 0) described.push(uniqueId)
        }
        return { described }
      },
    },
  ]
}

/** Versions and copies of one document. */
const mostEntries = 100_000
