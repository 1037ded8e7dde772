// For administrators: closes a service to changes, and opens it again.

import type { Ports } from '../../ports/ports.js'
import type { ChangesDoor, ReadOnlyNote } from '../changes-door.js'
import { AdminProblem, type AdminRequest, type AdminResource } from './resources.js'

/** On is durable before it is answered: the note outlives a restart. Whoever turns it on is named in it, with `why`. Times are in ms since 1970, UTC. */
export function readOnlyResources(changes: ChangesDoor, { clock }: Pick<Ports, 'clock'>): AdminResource[] {
  const answer = (): { readOnly: ReadOnlyNote | null } => ({ readOnly: changes.readOnly ?? null })
  return [
    { path: '/admin/read-only', method: 'GET', does: 'ask whether it is read-only', answer: async () => answer() },
    {
      path: '/admin/read-only/on',
      method: 'POST',
      does: 'turn read-only mode on',
      async answer(request) {
        await changes.setReadOnly({ sinceMs: clock.now(), by: request.partner.name, why: whyIn(request) })
        return answer()
      },
    },
    {
      path: '/admin/read-only/off',
      method: 'POST',
      does: 'turn read-only mode off',
      async answer() {
        await changes.setReadOnly(undefined)
        return answer()
      },
    },
  ]
}

const longestReason = 200

function whyIn({ body }: AdminRequest): string {
  const why = (body as { why?: unknown } | null | undefined)?.why
  if (typeof why === 'string' && why.length > 0 && why.length <= longestReason) return why
  throw new AdminProblem(400, `send {"why": "…"} with at most ${longestReason} characters; partners are told`)
}
