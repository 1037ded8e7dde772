// For administrators: which records there are of some traces. `carnet fsck` asks whether each transaction has left its own.
import type { AdminResource } from '../../server/admin-resources.js'
import { listIn } from '../../server/asked-list.js'
import type { Store } from '../../store/store.js'
import { referenceKinds } from './arrival.js'

/** Of one trace: the transaction, and the AuditSourceID of who wrote it down. */
export interface TraceRecord {
  traceId: string
  type: string
  source: string
}

export function examinationResources(store: Store): AdminResource[] {
  const records = store.prepare(`SELECT DISTINCT coalesce(a.type, a.event) AS type, coalesce(a.source, '') AS source
    FROM audit_reference r JOIN audit_record a ON a.id = r.record WHERE r.value = ? AND r.kind = ? LIMIT 100`)
  return [
    {
      path: '/admin/examine/traces',
      method: 'POST',
      does: 'ask which transactions have records',
      answer: async (request): Promise<{ records: TraceRecord[] }> => ({
        records: listIn(request, 'traceIds').flatMap(traceId =>
          records
            .all<{ type: string; source: string }>(traceId, referenceKinds.trace)
            .map(({ type, source }) => ({ traceId, type, source })),
        ),
      }),
    },
  ]
}
