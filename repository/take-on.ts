// A submission with its documents at hand, from here on the repository's: kept, registered, then kept for good or forgotten.
import { orderedUuid } from '../ports/randomness.js'
import { inTurns } from '../ports/turns.js'
import type { Exchange } from '../server/actor.js'
import { StoreFull } from '../store/failures.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { admit, type Candidate } from './admission.js'
import { refusal, warningsFor } from './answers.js'
import type { RepositoryContext } from './context.js'
import type { NewSubmission } from './document-store.js'
import { digestOf, type ReceivedSubmission } from './received-documents.js'
import { conclude } from './registration/conclusion.js'
import { newSubmission } from './registration/forwarded-submission.js'
import { registerUntil } from './registration/registration.js'
import { brokenRules } from './submission-rules.js'

/** Whose submission it is. */
export type Source = Pick<
  Exchange<RegistryResponse>,
  'partner' | 'messageID' | 'trace' | 'replayed' | 'auditRecords' | 'uncommitted' | 'claims' | 'security'
>

/** Keeps the documents, durable and retrievable; asks the registry; then keeps them for good or leaves nothing. */
export async function takeOn(
  received: ReceivedSubmission,
  context: RepositoryContext,
  exchange: Source,
): Promise<RegistryResponse> {
  const { settlements, ports, config } = context
  const deadlineMs = ports.clock.monotonicMs() + config.registry.timeoutMs
  const digesting = inTurns(digestOf(received), ports.clock)
  const digest = digesting instanceof Promise ? await digesting : digesting
  const known = { received, digest, findings: await brokenRules(received, ports.clock) }
  const candidate = candidateOf(known, context, exchange)
  // Claimed before it is there, so that the resolver never takes it for one that nobody is at work on.
  settlements.claim(candidate.id)
  try {
    const admitted = await admit(candidate, deadlineMs, context)
    if (!('answer' in admitted)) {
      const { submission, placingMs } = admitted
      return await register({ submission, deadlineMs: deadlineMs + placingMs }, context, exchange)
    }
    if (admitted.answer.status === 'Success') exchange.replayed?.()
    return admitted.answer
  } finally {
    settlements.release(candidate.id)
  }
}

function candidateOf(
  { received, digest, findings }: Pick<Candidate, 'received' | 'digest' | 'findings'>,
  context: RepositoryContext,
  { partner, messageID, trace, security }: Source,
): Candidate {
  const { ports } = context
  const candidate: Candidate = {
    id: orderedUuid(ports.clock.now(), ports.randomness),
    received,
    digest,
    partner: partner.name,
    messageID,
    trace,
    security: security?.(),
    findings,
    submission: () => newSubmission(candidate, context),
  }
  return candidate
}

async function register(
  { submission: { id, uniqueId, itI42, documents }, deadlineMs }: { submission: NewSubmission; deadlineMs: number },
  context: RepositoryContext,
  exchange: Source,
): Promise<RegistryResponse> {
  const { traceId } = exchange.trace
  const registered = {
    submissionSetUniqueId: uniqueId,
    documents: documents.map(document => ({ uniqueId: document.uniqueId, sha1: document.content.sha1 })),
  }
  const attempt = { itI42, registered, sent: 'no', claims: exchange.claims } as const
  const verdict = await registerUntil(deadlineMs, attempt, context, () => exchange.trace.next())
  const answer = await conclude(
    {
      submissionId: id,
      verdict,
      traceId,
      warnings: warningsFor(itI42.submission.findings, traceId),
      audit: response => exchange.auditRecords(response),
    },
    context,
  ).catch(problem => {
    throw problem instanceof StoreFull ? new StoreFull(`${problem.message}; ${mayYetBe}`, { cause: problem }) : problem
  })
  if (answer !== undefined) return answer
  exchange.uncommitted?.()
  const why = verdict.kind === 'open' ? verdict.reason : 'its answer is not known'
  return refusal('XDSRegistryNotAvailable', `${why}; ${mayYetBe}`, traceId)
}

/** It is kept, the registry may have it, and the resolver goes on. */
const mayYetBe = 'the submission may yet be registered, and sending it again is safe'
