// Brings every submission that was left without the registry's word to its end: after a crash, a lost answer, a registry
// that was away. Nobody has to do anything by hand.
import { decodeSubmission } from '../../metadata/submission.js'
import { traceOf } from '../../server/trace.js'
import { parseXml } from '../../soap/xml.js'
import { StoreAway } from '../../store/failures.js'
import { refusal } from '../answers.js'
import { ContentUnreachable } from '../content-store.js'
import { DocumentGone, DocumentSpoilt } from '../contents.js'
import type { RepositoryContext } from '../context.js'
import type { KeptDocument } from '../document-store.js'
import { conclude } from './conclusion.js'
import { type Attempt, askWhetherRegistered, registerOnce, type Verdict } from './registration.js'
import type { RegistryCall } from './registry-port.js'

export interface Resolver {
  /** Looks after what is due now; returns when all of that has been tried once. */
  run(): Promise<void>
  /** Resolves when nothing is under way any more; nothing begins afterwards. */
  close(): Promise<void>
}

const lookEveryMs = 1_000
const pauseAtLeastMs = 1_000
const pauseAtMostMs = 300_000
/** As many tries in vain are told of, once. */
const triesUntilAlarm = 10
const atOnce = 4
const mostPending = 10_000

interface Tries {
  count: number
  nextMs: number
}

/** Begins with what is there now, then looks again every second. */
export function startResolver(context: RepositoryContext): Resolver {
  const { documents, settlements, closing, ports, alarm } = context
  const { clock } = ports
  const tried = new Map<string, Tries>()
  let underWay: Promise<void> | undefined
  let closed = false

  const ended = () => closed || closing.aborted

  function isDue(submissionId: string): boolean {
    const tries = tried.get(submissionId)
    return tries === undefined || tries.nextMs <= clock.monotonicMs() || settlements.isAwaited(submissionId)
  }

  async function look(): Promise<void> {
    const due = (await documents.pending(mostPending)).filter(isDue)
    let away = false
    const lane = async () => {
      // A registry that is away for one is away for all: the others keep for the next look.
      for (let id = due.shift(); id !== undefined && !away && !ended(); id = due.shift()) {
        if ((await attempt(id)) === 'open') away = true
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
  }

  async function attempt(submissionId: string): Promise<Verdict['kind'] | undefined> {
    if (!settlements.claim(submissionId)) return undefined
    try {
      const verdict = await resolve(submissionId, context)
      if (verdict?.kind === 'open') postpone(submissionId, verdict.reason)
      else tried.delete(submissionId)
      return verdict?.kind
    } catch (problem) {
      postpone(submissionId, wordsOf(problem))
      told(problem, submissionId)
      return 'open'
    } finally {
      settlements.release(submissionId)
    }
  }

  /** A storage of documents, or a database, that is away is told of by itself. */
  function told(problem: unknown, submissionId?: string): void {
    if (problem instanceof ContentUnreachable || problem instanceof StoreAway) return
    alarm({
      kind: 'resolver failed',
      ...(submissionId === undefined ? {} : { submissionId }),
      detail: wordsOf(problem),
    })
  }

  function postpone(submissionId: string, reason: string): void {
    const count = (tried.get(submissionId)?.count ?? 0) + 1
    tried.set(submissionId, {
      count,
      nextMs: clock.monotonicMs() + Math.min(pauseAtMostMs, pauseAtLeastMs * 2 ** (count - 1)),
    })
    if (count === triesUntilAlarm)
      alarm({ kind: 'submission unresolved', submissionId, detail: `tried ${count} times: ${reason}` })
  }

  function run(): Promise<void> {
    if (ended()) return underWay ?? Promise.resolve()
    underWay ??= look().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  const runOrAlarm = () => void run().catch(problem => told(problem))

  const timer = clock.every(lookEveryMs, runOrAlarm)
  runOrAlarm()
  return {
    run,
    async close() {
      closed = true
      timer.cancel()
      await underWay?.catch(() => {})
    },
  }
}

const wordsOf = (problem: unknown) => (problem instanceof Error ? (problem.stack ?? problem.message) : String(problem))

/** One try; undefined when the submission has been settled meanwhile. */
async function resolve(submissionId: string, context: RepositoryContext): Promise<Verdict | undefined> {
  const { documents, config, ports, closing } = context
  const submission = await documents.submission(submissionId)
  const itI42 = await documents.itI42(submissionId)
  if (submission?.state !== 'registering' || itI42 === undefined) return undefined
  const kept = await documents.documentsOf(submissionId)
  const trace = traceOf(submission.traceparent, ports.randomness)
  const { timeoutMs } = config.registry
  const call = { traceparent: trace.next(), timeoutMs, signal: closing, security: itI42.security }
  const attempt: Attempt = {
    itI42: { ...itI42, submission: decodeSubmission(parseXml(itI42.body)) },
    registered: { submissionSetUniqueId: submission.uniqueId, documents: kept },
    // It may have been sent before the process ended, or its answer was lost.
    sent: 'maybe',
  }
  const verdict = (await areThere(kept, call.traceparent, context))
    ? await registerOnce(attempt, context, call)
    : await withoutBytes(submissionId, attempt, context, call)
  await conclude({ submissionId, verdict, traceId: trace.traceId, warnings: [], audit: () => [] }, context)
  return verdict
}

async function areThere(kept: KeptDocument[], traceparent: string, { contents }: RepositoryContext): Promise<boolean> {
  try {
    for (const document of kept) await contents.checkSize(document, traceparent)
    return true
  } catch (problem) {
    if (problem instanceof DocumentSpoilt || problem instanceof DocumentGone) return false
    throw problem
  }
}

/** Bytes that are lost are not announced to anybody: such a submission only stays if the registry holds it already. */
async function withoutBytes(
  submissionId: string,
  { registered }: Attempt,
  context: RepositoryContext,
  call: RegistryCall,
): Promise<Verdict> {
  const refused = refusal(
    'XDSRepositoryError',
    'the documents were lost before they were registered',
    call.traceparent.slice(3, 35),
  )
  const verdict = await askWhetherRegistered(registered, refused, context, call)
  if (verdict.kind === 'registered') {
    context.alarm({
      kind: 'document lost',
      submissionId,
      documentUniqueId: registered.documents[0]?.uniqueId,
      traceparent: call.traceparent,
      detail: 'the registry holds a submission whose bytes are lost here',
    })
  }
  return verdict
}
