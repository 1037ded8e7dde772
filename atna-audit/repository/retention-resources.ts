// For administrators: what the rules of retention would remove now, and to have it removed.
import type { AdminResource } from '../../server/administration/resources.js'
import type { Retention } from './retention.js'

/** GET counts, POST removes; both look at all that is old enough. */
export function retentionResources(retention: Retention): AdminResource[] {
  return [
    {
      path: '/admin/retention',
      method: 'GET',
      does: 'count audit records that are old enough to go',
      answer: () => retention.run({ remove: false }),
    },
    {
      path: '/admin/retention',
      method: 'POST',
      does: 'remove audit records that are old enough',
      answer: () => retention.run({ remove: true }),
    },
  ]
}
