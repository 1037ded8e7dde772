// ITI-41 Provide and Register Document Set-b, as the Document Repository answers it. ITI TF-2 §3.41.4.1.3.
import { orderedUuid } from '../ports/randomness.js'
import { type Exchange, serve } from '../server/actor.js'
import { provideAndRegisterDocumentSet } from '../transactions/xds.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { admit, type Candidate } from './admission.js'
import { refusal, warningsFor } from './answers.js'
import { conclude } from './conclusion.js'
import type { RepositoryContext } from './context.js'
import type { NewSubmission } from './document-store.js'
import { newSubmission } from './forwarded-submission.js'
import { digestOf, discard, type ReceivedSubmission, receive } from './received-documents.js'
import { registerUntil } from './registration.js'
import { brokenRules } from './submission-rules.js'

type Source = Exchange<RegistryResponse>

/** Keeps the documents, durable and retrievable; asks the registry; then keeps them for good or leaves nothing. */
export const serveProvideAndRegister = serve(
  provideAndRegisterDocumentSet,
  async (request, context: RepositoryContext, exchange): Promise<RegistryResponse> => {
    const most = context.config.limits.attachments
    const count = request.documents.length + (request.faultyDocuments?.length ?? 0)
    if (count > most)
      return refusal(
        'XDSRepositoryError',
        `a submission may hold ${most} documents, not ${count}`,
        exchange.trace.traceId,
      )
    const received = await receive(request, context.spool)
    try {
      return await takeOn(received, context, exchange)
    } finally {
      await discard(received.documents)
    }
  },
)

async function takeOn(
  received: ReceivedSubmission,
  context: RepositoryContext,
  exchange: Source,
): Promise<RegistryResponse> {
  const { settlements, ports, config } = context
  const deadlineMs = ports.clock.monotonicMs() + config.registry.timeoutMs
  const candidate = candidateOf(received, context, exchange)
  // Claimed before it is there, so that the resolver never takes it for one that nobody is at work on.
  settlements.claim(candidate.id)
  try {
    const admitted = await admit(candidate, deadlineMs, context)
    if (!('answer' in admitted)) {
      return await register({ submission: admitted.submission, deadlineMs }, context, exchange)
    }
    if (admitted.answer.status === 'Success') exchange.replayed?.()
    return admitted.answer
  } finally {
    settlements.release(candidate.id)
  }
}

function candidateOf(
  received: ReceivedSubmission,
  context: RepositoryContext,
  { partner, messageID, trace }: Source,
): Candidate {
  const { ports } = context
  const candidate: Candidate = {
    id: orderedUuid(ports.clock.now(), ports.randomness),
    received,
    digest: digestOf(received),
    partner: partner.name,
    messageID,
    trace,
    findings: brokenRules(received),
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
  const verdict = await registerUntil(deadlineMs, { itI42, registered, sent: 'no' }, context, () =>
    exchange.trace.next(),
  )
  const answer = await conclude(
    {
      submissionId: id,
      verdict,
      traceId,
      warnings: warningsFor(itI42.submission.findings, traceId),
      audit: response => exchange.auditRecords(response),
    },
    context,
  )
  const why = verdict.kind === 'open' ? verdict.reason : 'its answer is not known'
  return (
    answer ??
    refusal(
      'XDSRegistryNotAvailable',
      `${why}; the submission may yet be registered, and sending it again is safe`,
      traceId,
    )
  )
}
