// For administrators: what is kept here, whether its bytes are still those that were received, what was left half done, and how it is
// settled and mended. `carnet fsck` asks. docs/decisions/0241.
import { createHash } from 'node:crypto'
import { limitIn, listIn } from '../../server/administration/asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from '../../server/administration/resources.js'
import { slowAnswer } from '../../server/administration/slow-answer.js'
import { traceOf } from '../../server/trace.js'
import { DocumentGone, DocumentSpoilt } from '../contents.js'
import type { RepositoryContext } from '../context.js'
import type { KeptDocument } from '../document-store.js'
import { shownUniqueId } from '../imaging/instance-row.js'
import type { Resolver } from '../registration/resolver.js'
import type { SubmissionState } from '../submission-state.js'
import { mendedBy } from './mending.js'

export interface ExaminedDocument {
  id: string
  uniqueId: string
  sha1: string
  sha256: string
  sizeBytes: number
  state: SubmissionState
  receivedMs: number
  /** Of the exchange that brought it. */
  traceId: string
  /** A DICOM instance: no entry describes it, and no transaction brought it. */
  isInstance?: true
}

export interface ScrubAnswer {
  bytes: number
  damaged: { id: string; uniqueId: string; why: string }[]
}

export interface UnsettledAnswer {
  /** Submissions without the registry's word. */
  pending: { submissionId: string; receivedMs: number; traceId: string }[]
  halfRemoved: { id: string; uniqueId: string }[]
}

/** Bytes are read at the rate that the caller asks for, and held against the digests made when they arrived: nothing is repaired unless asked for by itself. */
export function examinationResources(context: RepositoryContext, resolver: Pick<Resolver, 'run'>): AdminResource[] {
  const { documents } = context
  return [
    {
      path: '/admin/examine/documents',
      method: 'GET',
      does: 'list the documents that are kept, with their digests',
      async answer({ query }): Promise<{ documents: ExaminedDocument[] }> {
        const found: ExaminedDocument[] = []
        for (const { id } of await documents.listed(query.get('after') ?? '', limitIn(query))) {
          const document = await documents.document(id)
          if (document === undefined) continue
          const instance = document.instance === undefined ? {} : { isInstance: true as const }
          found.push({ ...examined(document), traceId: await traceIdOf(document, context), ...instance })
        }
        return { documents: found }
      },
    },
    {
      path: '/admin/examine/kept',
      method: 'POST',
      does: 'ask for digests of documents',
      async answer(request): Promise<{ kept: Omit<ExaminedDocument, 'traceId'>[] }> {
        const kept: Omit<ExaminedDocument, 'traceId'>[] = []
        for (const uniqueId of listIn(request, 'uniqueIds')) {
          const [copy] = await documents.documents(uniqueId)
          if (copy !== undefined) kept.push(examined(copy))
        }
        return { kept }
      },
    },
    {
      path: '/admin/examine/bytes',
      method: 'POST',
      does: 'read documents and compare their digests',
      async answer(request) {
        const [ids, rate] = [listIn(request, 'ids'), rateIn(request)]
        return slowAnswer(() => scrubbed(ids, rate, context), context.ports.clock)
      },
    },
    {
      path: '/admin/examine/unsettled',
      method: 'GET',
      does: 'list what was left half done',
      answer: async () => unsettled(context),
    },
    {
      path: '/admin/examine/settle',
      method: 'POST',
      does: 'settle what was left half done',
      answer: async () => slowAnswer(() => settled(resolver, context), context.ports.clock),
    },
    {
      path: '/admin/examine/mend',
      method: 'POST',
      does: 'put back the bytes of a damaged document',
      takesBytes: true,
      answer: request => mendedBy(request, context),
    },
  ]
}

function examined({
  id,
  uniqueId,
  sha1,
  sha256,
  sizeBytes,
  state,
  receivedMs,
}: KeptDocument): Omit<ExaminedDocument, 'traceId'> {
  return { id, uniqueId: shownUniqueId(uniqueId), sha1, sha256, sizeBytes, state, receivedMs }
}

async function traceIdOf({ submissionId }: KeptDocument, { documents }: RepositoryContext): Promise<string> {
  return (await documents.submission(submissionId))?.traceparent.slice(3, 35) ?? ''
}

/** As a start does it. */
async function settled(resolver: Pick<Resolver, 'run'>, context: RepositoryContext): Promise<UnsettledAnswer> {
  await resolver.run()
  await context.removals.finish()
  return unsettled(context)
}

const mostTold = 10_000

async function unsettled({ documents }: RepositoryContext): Promise<UnsettledAnswer> {
  const pending: UnsettledAnswer['pending'] = []
  for (const submissionId of await documents.pending(mostTold)) {
    const submission = await documents.submission(submissionId)
    if (submission === undefined) continue
    const { receivedMs, traceparent } = submission
    pending.push({ submissionId, receivedMs, traceId: traceparent.slice(3, 35) })
  }
  return { pending, halfRemoved: (await documents.halfRemoved()).map(({ id, uniqueId }) => ({ id, uniqueId })) }
}

/** Reads no faster than asked for, so that those who retrieve do not notice. */
async function scrubbed(ids: string[], bytesPerSecond: number, context: RepositoryContext): Promise<ScrubAnswer> {
  const { documents, originals, ports, closing } = context
  const { clock, randomness } = ports
  const { traceparent } = traceOf(undefined, randomness)
  const startedMs = clock.monotonicMs()
  const answer: ScrubAnswer = { bytes: 0, damaged: [] }
  const tell = ({ id, uniqueId }: KeptDocument, why: string) =>
    void answer.damaged.push({ id, uniqueId: shownUniqueId(uniqueId), why })
  for (const id of ids) {
    const document = await documents.document(id)
    if (document === undefined) continue
    try {
      const whole = createHash('sha256')
      await originals.checkSize(document, traceparent)
      for await (const piece of originals.pieces(document, traceparent)) {
        answer.bytes += piece.length
        whole.update(piece)
        const aheadMs = (answer.bytes / bytesPerSecond) * 1_000 - (clock.monotonicMs() - startedMs)
        if (aheadMs > 0) await clock.sleep(aheadMs, { signal: closing })
      }
      // Whoever can read the row can make bytes that pass chunk by chunk, but none that pass as a whole.
      if (whole.digest('hex') !== document.sha256) tell(document, 'as a whole it is not as it was received')
    } catch (problem) {
      if (problem instanceof DocumentSpoilt) tell(document, problem.message)
      else if (!(problem instanceof DocumentGone)) throw problem
    }
  }
  return answer
}

function rateIn({ body }: AdminRequest): number {
  const rate = (body as { bytesPerSecond?: unknown } | null | undefined)?.bytesPerSecond
  if (typeof rate === 'number' && rate > 0) return rate
  throw new AdminProblem(400, 'bytesPerSecond is a number above 0')
}
