// For administrators: which documents are kept here. No transaction of the framework lists what a repository holds, and a sweep has to know.
import type { AdminResource } from '../server/admin-resources.js'
import { limitIn, listIn } from '../server/asked-list.js'
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
        kept: listIn(request, 'uniqueIds').filter(uniqueId => documents.documents(uniqueId).length > 0),
      }),
    },
  ]
}
