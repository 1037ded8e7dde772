// The audit record of an exchange. [ITI TF-2:3.20]
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import { assertionRefused, unreadableRequest } from '../atna-audit/security-events.js'
import { anonymous } from '../soap/addressing.js'
import { SoapFault } from '../soap/fault.js'
import { StoreAway, StoreFull } from '../store/failures.js'
import { patientRecords } from '../transactions/patient-trail.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { isSecurityFault } from '../xua/refusal.js'
import type { Actor } from './actor.js'
import { auditedUserOf } from './audited-user.js'
import { detailsOf, fail } from './failing.js'
import type { Surroundings, Trail } from './trail.js'

/** Written before the answer begins: no byte of an answer leaves unaudited. Where that cannot be done, the answer becomes a fault. Never throws. */
export async function audit<Context>(trail: Trail, actor: Actor<Context>, around: Surroundings): Promise<void> {
  if (trail.auditCommitted) return
  try {
    await around.outbox.append(recordsOf(trail, actor, around))
  } catch (problem) {
    const isForNow = problem instanceof StoreFull || problem instanceof StoreAway
    if (isForNow && around.held !== undefined) return withoutRoom(problem, trail, actor, around)
    around.log.error(
      { trace: trail.trace.traceId, failure: detailsOf(problem) },
      'audit record could not be kept; the answer is withheld',
    )
    trail.fault = new SoapFault(
      'Receiver',
      'the audit record of this exchange could not be kept, so it was not answered',
    )
  }
}

/**
 * Nothing is disclosed: of a refusal the record may follow when there is room or the database is back, and what is no refusal becomes one.
 * A refusal stays what it is: it may say that the submission may yet be registered.
 */
function withoutRoom<Context>(problem: Error, trail: Trail, actor: Actor<Context>, around: Surroundings): void {
  const isRefusal = (trail.response as Partial<RegistryResponse> | undefined)?.status === 'Failure'
  if (trail.failure === undefined && !isRefusal) fail(trail, problem, actor, around)
  around.held?.hold(recordsOf(trail, actor, around))
}

function recordsOf<Context>(trail: Trail, actor: Actor<Context>, around: Surroundings): AuditRecord[] {
  const story = audited(trail, trail.response, around)
  if (trail.contract === undefined) return [unreadableRequest(story, actor.name)]
  const records = exchangeRecords(trail, story, around)
  const isAlarming = trail.fault !== undefined && isSecurityFault(trail.fault)
  return isAlarming ? [...records, assertionRefused(story, actor.name)] : records
}

/** For auditors, and for the patient where the deployment does. */
export function exchangeRecords(
  { contract }: Pick<Trail, 'contract'>,
  story: AuditedExchange<unknown, unknown>,
  { patientTrail }: Pick<Surroundings, 'patientTrail'>,
): AuditRecord[] {
  if (contract === undefined) return []
  const records = contract.audit(story)
  return patientTrail === true ? [...records, ...patientRecords(contract.id, story)] : records
}

/** What a contract needs to know of an exchange to tell it, as the side that has answered. */
export function audited(trail: Trail, response: unknown, around: Surroundings): AuditedExchange<unknown, unknown> {
  return {
    side: 'responder',
    request: trail.request,
    response,
    failure: trail.failure,
    user: auditedUserOf(trail.claims),
    partner: { name: trail.partner.name, address: trail.partner.address },
    endpoint: trail.endpoint,
    replyTo: trail.message?.addressing.replyTo ?? anonymous,
    traceparent: trail.trace.traceparent,
    endedMs: around.ports.clock.now(),
    processId: around.ports.processes.pid,
    hostName: around.ports.processes.hostName,
  }
}
