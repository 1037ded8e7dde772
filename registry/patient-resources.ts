// Patients for administrators: who is known, who was merged, and the undoing of a merge, which no message may ask for.
import { patientMergeUndone } from '../atna-audit/patient-record-events.js'
import { eventFacts } from '../server/actor-service.js'
import { limitIn } from '../server/administration/asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from '../server/administration/resources.js'
import type { RegistryContext } from './context.js'
import type { KnownPatient } from './patient-store.js'

/** `actor` names the service in audit records. Undoing a merge is in the audit trail in the same commit. */
export function patientResources(actor: string, context: RegistryContext): AdminResource[] {
  const { patients } = context.store
  return [
    {
      path: '/admin/patients',
      method: 'GET',
      does: 'list or show patients',
      answer: async ({ rest, query }) =>
        rest === ''
          ? { patients: await patients.list(query.get('after') ?? '', limitIn(query)) }
          : shown(rest, context),
    },
    {
      path: '/admin/patients/unmerge',
      method: 'POST',
      // The patient index asks for it on behalf of somebody at its pages. docs/decisions/0379
      alsoFor: 'patient-administrator',
      does: 'undo the merge of a patient id',
      answer: request => undone(request, actor, context),
    },
  ]
}

async function shown(patientId: string, { store }: RegistryContext): Promise<KnownPatient> {
  const known = await store.patients.show(patientId)
  if (known === undefined) throw new AdminProblem(404, `${patientId} is not known here`)
  return known
}

/** What was registered under the id, and under those merged into it before, is its own again. [ITI TF-2:3.44.4.2.4] */
async function undone({ body, partner }: AdminRequest, actor: string, context: RegistryContext): Promise<KnownPatient> {
  const { store, outbox, ports } = context
  const patientId = (body as { patientId?: unknown } | null | undefined)?.patientId
  if (typeof patientId !== 'string') throw new AdminProblem(400, 'send {"patientId": "ID^^^&OID&ISO"}')
  const problem = await store.patients.change([patientId], facts => {
    const standing = facts.standingOf(patientId)
    if (standing.is === 'unknown') return { answer: new AdminProblem(404, `${patientId} is not known here`) }
    if (standing.is === 'active') {
      return { answer: new AdminProblem(409, `${patientId} was not merged, or that has been undone before`) }
    }
    const undoing = { patientId, survivor: standing.survivor, by: partner }
    const alongside = () => outbox.insert(patientMergeUndone(undoing, eventFacts(actor, ports)))
    return { answer: undefined, change: { separated: [patientId], nowMs: ports.clock.now(), alongside } }
  })
  if (problem !== undefined) throw problem
  return shown(patientId, context)
}
