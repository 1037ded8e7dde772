// For administrators: which documents are kept here. No transaction of the framework lists what a repository holds, and a sweep has to know.

import { limitIn, listIn } from '../../server/administration/asked-list.js'
import type { AdminResource } from '../../server/administration/resources.js'
import type { RepositoryContext } from '../context.js'
import type { ListedDocument } from '../document-store.js'

/** Ids and sizes only: whose documents they are is for the registry to say. It knows nothing of single images. */
export function documentResources({ documents }: Pick<RepositoryContext, 'documents'>): AdminResource[] {
  return [
    {
      path: '/admin/documents',
      method: 'GET',
      does: 'list the documents that are kept',
      answer: async ({ query }): Promise<{ documents: ListedDocument[] }> => ({
        documents: await documents.listed(query.get('after') ?? '', limitIn(query), 'described'),
      }),
    },
    {
      path: '/admin/documents/kept',
      method: 'POST',
      does: 'ask which of some documents are kept',
      async answer(request): Promise<{ kept: string[] }> {
        const kept: string[] = []
        for (const uniqueId of listIn(request, 'uniqueIds')) {
          if ((await documents.documents(uniqueId)).length > 0) kept.push(uniqueId)
        }
        return { kept }
      },
    },
  ]
}
