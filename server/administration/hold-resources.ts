// For administrators: legal holds are put and lifted; what is put on whom is in the audit record.
import type { AuditRecord } from '../../atna-audit/message.js'
import { restrictedFunctionUsed } from '../../atna-audit/security-events.js'
import type { Ports } from '../../ports/ports.js'
import { eventFacts } from '../actor-service.js'
import { type HeldKind, type Hold, type Holds, heldPatient } from '../holds.js'
import { listIn } from './asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from './resources.js'

export interface Holding {
  /** As the Technical Framework names it. */
  actor: string
  holds: Holds
  /** Within the commit of a hold. */
  insert(records: AuditRecord[]): void
  ports: Ports
}

const mostHolds = 10_000

/** The audit record of a hold is committed with it; each use of the door has one of its own beside. */
export function holdResources(holding: Holding): AdminResource[] {
  const { holds } = holding
  return [
    {
      path: '/admin/holds',
      method: 'GET',
      does: 'list legal holds',
      answer: async (): Promise<{ holds: Hold[] }> => ({ holds: await holds.list() }),
    },
    {
      path: '/admin/holds/put',
      method: 'POST',
      does: 'put a legal hold',
      answer: request => put(request, holding),
    },
    {
      path: '/admin/holds/lift',
      method: 'POST',
      does: 'lift a legal hold',
      answer: request => lifted(request, holding),
    },
  ]
}

async function put(request: AdminRequest, holding: Holding): Promise<{ hold: Hold }> {
  const { holds, ports } = holding
  const known = await holds.list()
  const before = known.find(({ id }) => id === request.rest)
  if (before === undefined && known.length >= mostHolds)
    throw new AdminProblem(409, `there are ${mostHolds} legal holds already`)
  const by = before ?? { by: request.partner.name, sinceMs: ports.clock.now() }
  const hold: Hold = { ...holdIn(request), by: by.by, sinceMs: by.sinceMs }
  const what = `legal hold ${hold.id} on ${hold.kind} ${hold.values.join(', ')}: ${hold.reason}`
  await holds.put(hold, () => holding.insert([recordOf(what, request, holding)]))
  return { hold }
}

async function lifted(request: AdminRequest, holding: Holding): Promise<{ lifted: string }> {
  const id = request.rest
  const wasThere = await holding.holds.lift(id, () =>
    holding.insert([recordOf(`legal hold ${id} lifted`, request, holding)]),
  )
  if (!wasThere) throw new AdminProblem(404, `there is no legal hold ${id}`)
  return { lifted: id }
}

function recordOf(does: string, { partner, rest }: AdminRequest, { actor, ports }: Holding): AuditRecord {
  const { name, address } = partner
  const use = { does, uri: `urn:carnet:hold:${rest}`, by: { name, address }, outcome: 0, why: undefined } as const
  return restrictedFunctionUsed(use, eventFacts(actor, ports))
}

function holdIn(request: AdminRequest): Pick<Hold, 'id' | 'kind' | 'values' | 'reason'> {
  const { kind, reason } = (request.body ?? {}) as { kind?: unknown; reason?: unknown }
  if (!/^[\w.-]{1,64}$/.test(request.rest)) {
    throw new AdminProblem(400, 'the name of a legal hold is 1 to 64 letters, digits, dots and hyphens, behind /put/')
  }
  if (kind !== 'patient' && kind !== 'document') throw new AdminProblem(400, 'kind is patient or document')
  if (typeof reason !== 'string' || reason === '' || reason.length > 500) {
    throw new AdminProblem(400, 'reason is a text of 1 to 500 characters')
  }
  const values = listIn(request, 'values').map(value => heldValue(kind, value))
  if (values.length === 0) throw new AdminProblem(400, 'values names at least one')
  return { id: request.rest, kind, values, reason }
}

function heldValue(kind: HeldKind, value: string): string {
  const held = kind === 'patient' ? heldPatient(value) : value.normalize('NFC')
  if (held !== undefined && held !== '') return held
  throw new AdminProblem(400, `${value.slice(0, 200)} is not a patient id as ID^^^&OID&ISO`)
}
