// For administrators: of which documents there are entries at all. A domain hides some from every query, and what is hidden
// must never be taken for removed. docs/decisions/0123.
import { AdminProblem, type AdminRequest, type AdminResource } from '../server/admin-resources.js'
import type { RegistryContext } from './context.js'

export function entryResources({ store }: Pick<RegistryContext, 'store'>): AdminResource[] {
  return [
    {
      path: '/admin/entries/described',
      method: 'POST',
      does: 'ask which documents have entries, hidden ones included',
      answer: async (request): Promise<{ described: string[] }> => {
        const described: string[] = []
        for (const uniqueId of uniqueIdsIn(request)) {
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

const mostAsked = 1_000
/** Versions and copies of one document. */
const mostEntries = 100_000

function uniqueIdsIn({ body }: AdminRequest): string[] {
  const uniqueIds = (body as { uniqueIds?: unknown } | null | undefined)?.uniqueIds
  const isList = Array.isArray(uniqueIds) && uniqueIds.every(id => typeof id === 'string')
  if (isList && uniqueIds.length <= mostAsked) return uniqueIds as string[]
  throw new AdminProblem(400, `send {"uniqueIds": ["…"]} with at most ${mostAsked} of them`)
}
