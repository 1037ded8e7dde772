// For administrators: documents by the time of their arrival, and which of them are under a legal hold.

import { limitIn } from '../../server/administration/asked-list.js'
import { AdminProblem, type AdminResource } from '../../server/administration/resources.js'
import type { RepositoryContext } from '../context.js'

export interface RetainedDocument {
  id: string
  uniqueId: string
  patientId: string | undefined
  sizeBytes: number
  receivedMs: number
  hold: string | undefined
}

/** Times in ms since 1970, UTC. Documents under a legal hold are among those listed, and say so: what is removed is for whoever asks to decide. */
export function retentionResources({ documents }: Pick<RepositoryContext, 'documents'>): AdminResource[] {
  return [
    {
      path: '/admin/retention',
      method: 'GET',
      does: 'list documents by age',
      async answer({ query }): Promise<{ documents: RetainedDocument[]; next: string | undefined }> {
        const beforeMs = Number(query.get('before'))
        if (!Number.isInteger(beforeMs)) throw new AdminProblem(400, 'before is a time in milliseconds since 1970')
        const listed = await documents.listed(query.get('after') ?? '', limitIn(query), 'described')
        const old = listed.filter(({ receivedMs }) => receivedMs < beforeMs)
        // Ids are in the order of arrival: behind a page without any there are none.
        const next = old.length === 0 ? undefined : listed.at(-1)?.id
        return { documents: (await Promise.all(old.map(({ id }) => retained(id, documents)))).flat(), next }
      },
    },
  ]
}

async function retained(id: string, documents: RepositoryContext['documents']): Promise<RetainedDocument[]> {
  const document = await documents.document(id)
  if (document === undefined) return []
  const { uniqueId, patientId, sizeBytes, receivedMs } = document
  return [{ id, uniqueId, patientId, sizeBytes, receivedMs, hold: await documents.holdOf(document) }]
}
