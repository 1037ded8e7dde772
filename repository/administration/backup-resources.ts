// For administrators: documents as they were received, for a backup; each MiB is held against its digest before it leaves.

import { listIn } from '../../server/administration/asked-list.js'
import { absentParcel, lastParcel, writeParcel } from '../../server/administration/parcels.js'
import { type AdminResource, Parcels } from '../../server/administration/resources.js'
import { traceOf } from '../../server/trace.js'
import { DocumentGone, DocumentSpoilt } from '../contents.js'
import type { RepositoryContext } from '../context.js'

type Given = Pick<RepositoryContext, 'documents' | 'originals' | 'ports'>

/** At most a thousand ids a call. A document that is gone, or whose bytes are not those received, comes as an absent parcel with its reason. */
export function backupResources(context: Given): AdminResource[] {
  return [
    {
      path: '/admin/backup/documents',
      method: 'POST',
      does: 'take documents for a backup',
      answer: async request => new Parcels(parcelsOf(listIn(request, 'ids'), context)),
    },
  ]
}

async function* parcelsOf(ids: string[], context: Given): AsyncGenerator<Buffer> {
  const { traceparent } = traceOf(undefined, context.ports.randomness)
  for (const id of ids) yield* parcelOf(id, traceparent, context)
  yield lastParcel()
}

/** One that was removed since the list was made is told as gone, a damaged one as what it is: the others follow all the same. */
async function* parcelOf(id: string, traceparent: string, { documents, originals }: Given): AsyncGenerator<Buffer> {
  const document = await documents.document(id)
  if (document === undefined) return yield absentParcel({ name: id, gone: true, why: 'it is not kept any more' })
  try {
    yield* writeParcel({ name: id, pieces: originals.pieces(document, traceparent) })
  } catch (problem) {
    if (!(problem instanceof DocumentSpoilt || problem instanceof DocumentGone)) throw problem
    yield absentParcel({ name: id, gone: problem instanceof DocumentGone, why: problem.message })
  }
}
