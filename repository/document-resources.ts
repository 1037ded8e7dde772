// For administrators: which documents are kept here. No transaction of the framework lists what a repository holds, and a sweep has to know.
import { AdminProblem, type AdminRequest, type AdminResource } from '../server/admin-resources.js'
import type { RepositoryContext } from './context.js'
import type { ListedDocument } from './document-store.js'

/** Ids and sizes only: whose documents they are is for the registry to say. */
export function documentResources({ documents }: Pick<RepositoryContext, 'documents'>): AdminResource[] {
  return [
    {
      path: '/admin/documents',
      method: 'GET',
      does: 'list the documents that are kept',
      answer: async ({ query }): Promise<{ documents: ListedDocument[] }> => ({
        documents: documents.listed(query.get('after') ?? '', limitIn(query)),
      }),
    },
    {
      path: '/admin/documents/kept',
      method: 'POST',
      does: 'ask which of some documents are kept',
      answer: async (request): Promise<{ kept: string[] }> => ({
        kept: uniqueIdsIn(request).filter(uniqueId => documents.documents(uniqueId).length > 0),
      }),
    },
  ]
}

const mostListed = 1_000

function limitIn(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 100)
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostListed) return limit
  throw new AdminProblem(400, `limit is a whole number from 1 to ${mostListed}`)
}

function uniqueIdsIn({ body }: AdminRequest): string[] {
  const uniqueIds = (body as { uniqueIds?: unknown } | null | undefined)?.uniqueIds
  const isList = Array.isArray(uniqueIds) && uniqueIds.every(id => typeof id === 'string')
  if (isList && uniqueIds.length <= mostListed) return uniqueIds as string[]
  throw new AdminProblem(400, `send {"uniqueIds": ["…"]} with at most ${mostListed} of them`)
}
