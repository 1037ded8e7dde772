// One submission's way to the registry: the ITI-42, sent until there is an answer that can be relied on.
//
// An answer that was lost leaves open whether the registry has the submission. From then on the very same message is sent
// again, with its wsa:MessageID: a registry that took it the first time answers as it did then. One that does not
// remember calls it a duplicate, or refuses it because of what it did itself; so after a lost answer no refusal is
// believed before ITI-18 has said that the submission is not there.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { Claims } from '../../xua/claims.js'
import type { RepositoryContext } from '../context.js'
import { holdsSubmission, type Registered, submissionQuery } from './registered-query.js'
import type { Registration, RegistryAnswer, RegistryCall } from './registry-port.js'

export type Verdict = (Settled | Open) & { auditRecords: AuditRecord[] }

interface Settled {
  kind: 'registered' | 'refused'
  response: RegistryResponse
}

/** There is no word of the registry. `no`: it surely does not have the submission. */
interface Open {
  kind: 'open'
  sent: 'no' | 'maybe'
  reason: string
}

export interface Attempt {
  itI42: Registration
  registered: Registered
  /** Whether the registry may have this message from before. */
  sent: 'no' | 'maybe'
  /** Who submits, where it is known. */
  claims?: Claims | undefined
}

/** Tries until there is a verdict or the deadline, on the clock that never runs backwards. */
export async function registerUntil(
  deadlineMs: number,
  attempt: Attempt,
  context: RepositoryContext,
  traceparent: () => string,
): Promise<Verdict> {
  const { clock } = context.ports
  const records = keptRecords()
  let { sent } = attempt
  for (let tries = 0; ; tries += 1) {
    const timeoutMs = Math.max(1, deadlineMs - clock.monotonicMs())
    const verdict = await registerOnce({ ...attempt, sent }, context, {
      traceparent: traceparent(),
      timeoutMs,
      signal: context.closing,
      security: attempt.itI42.security,
      claims: attempt.claims,
    })
    records.add(verdict)
    if (verdict.kind !== 'open') return { ...verdict, auditRecords: records.all() }
    sent = verdict.sent
    const pauseMs = Math.min(pauseAtMostMs, pauseAtLeastMs * 2 ** tries)
    if (context.closing.aborted || clock.monotonicMs() + pauseMs >= deadlineMs) {
      return { ...verdict, auditRecords: records.all() }
    }
    await clock.sleep(pauseMs, { signal: context.closing }).catch(() => {})
  }
}

const pauseAtLeastMs = 100
const pauseAtMostMs = 2_000

/** One attempt. `call.timeoutMs` bounds each of its messages. */
export async function registerOnce(attempt: Attempt, context: RepositoryContext, call: RegistryCall): Promise<Verdict> {
  const answer = await context.registry.register(attempt.itI42, call)
  if (answer.kind === 'unavailable') return { ...answer, kind: 'open', sent: worse(attempt.sent, answer.sent) }
  const { response, auditRecords } = answer
  if (response.status === 'Success') return { kind: 'registered', response, auditRecords }
  // An outcome that ITI-42 does not know: part of it may have been registered. [ITI TF-2:3.42.4.2.2]
  if (attempt.sent === 'no' && response.status === 'Failure') return { kind: 'refused', response, auditRecords }
  if (isBusy(response)) return { kind: 'open', sent: 'maybe', reason: 'the registry is busy', auditRecords }
  const proof = await askWhetherRegistered(attempt.registered, response, context, call)
  return { ...proof, auditRecords: [...auditRecords, ...proof.auditRecords] }
}

/** Whether the registry holds the submission; `refusal` is what it says where it does not. [ITI TF-2:3.18.4.1.2.3.7.10] */
export async function askWhetherRegistered(
  registered: Registered,
  refusal: RegistryResponse,
  context: RepositoryContext,
  call: RegistryCall,
): Promise<Verdict> {
  const query = submissionQuery(registered)
  // Without a SubmissionSet.uniqueId no registry takes it.
  if (query === undefined) return { kind: 'refused', response: refusal, auditRecords: [] }
  const answer = await context.registry.query(query, call)
  const { auditRecords } = answer
  const reason = unansweredBecause(answer)
  if (reason !== undefined) return { kind: 'open', sent: 'maybe', reason, auditRecords }
  return holdsSubmission(answer, registered, context.config.repositoryUniqueId)
    ? { kind: 'registered', response: { status: 'Success', errors: warningsOf(refusal) }, auditRecords }
    : { kind: 'refused', response: refusal, auditRecords }
}

function unansweredBecause(answer: RegistryAnswer<RegistryResponse>): string | undefined {
  if (answer.kind === 'unavailable') return answer.reason
  const [error] = answer.response.errors
  return answer.response.status === 'Success'
    ? undefined
    : `the registry does not say what it holds (${error?.errorCode}: ${error?.codeContext})`
}

/** The same message is being worked on, or there is no room for it now: neither says that the first one failed. */
function isBusy({ errors }: RegistryResponse): boolean {
  return errors.some(({ errorCode }) => errorCode === 'XDSRegistryBusy')
}

const warningsOf = ({ errors }: RegistryResponse) => errors.filter(({ severity }) => severity === 'Warning')
const worse = (one: 'no' | 'maybe', other: 'no' | 'maybe') => (one === 'maybe' ? one : other)

/** Of attempts that did not even reach the registry the last one stands for all. */
function keptRecords() {
  let kept: AuditRecord[] = []
  let unreached: AuditRecord[] = []
  return {
    add(verdict: Verdict) {
      if (verdict.kind === 'open' && verdict.sent === 'no') unreached = verdict.auditRecords
      else kept = [...kept, ...verdict.auditRecords]
    },
    all: () => (kept.length > 0 ? kept : unreached),
  }
}
