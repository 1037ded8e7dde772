// For administrators: which records there are of some traces. `carnet fsck` asks whether each transaction has left its own.

import { listIn } from '../../server/administration/asked-list.js'
import type { AdminResource } from '../../server/administration/resources.js'
import type { Store } from '../../store/store.js'
import { stretches } from './arrival-order.js'
import { termKey } from './term-keys.js'
import { term } from './terms.js'

/** Of one trace: the transaction, and the AuditSourceID of who wrote it down. */
export interface TraceRecord {
  traceId: string
  type: string
  source: string
}

export function examinationResources(store: Store): AdminResource[] {
  const records = store.prepare(`SELECT DISTINCT coalesce(a.type, a.event) AS type, coalesce(a.source, '') AS source
    FROM audit_term t JOIN audit_record a ON a.id = t.record WHERE t.term = ? LIMIT 100`)

  function recordsOf(traceId: string, within: readonly number[]): TraceRecord[] {
    return within
      .flatMap(stretch => records.all<Omit<TraceRecord, 'traceId'>>(termKey(stretch, term('trace', traceId))))
      .map(({ type, source }) => ({ traceId, type, source }))
  }

  return [
    {
      path: '/admin/examine/traces',
      method: 'POST',
      does: 'ask which transactions have records',
      answer: async (request): Promise<{ records: TraceRecord[] }> => {
        const within = stretches(store)
        return { records: listIn(request, 'traceIds').flatMap(traceId => recordsOf(traceId, within)) }
      },
    },
  ]
}
