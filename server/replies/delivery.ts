// One answer on its way to its wsa:ReplyTo: posted, and again with growing waits, until it is taken, its time is over or trying is of no use.
import { type Clock, within } from '../../ports/clock.js'
import type { HttpAnswer, HttpClient } from '../../ports/network.js'
import type { WrittenMessage } from '../../soap/write-message.js'

/** What a try needs to know of an answer. */
export interface Deliverable {
  url: string
  traceparent: string
  /** Anew for each try. */
  write(): WrittenMessage
  /** Of an answer that is kept, and thus may wait for the next start. */
  forget?(): Promise<void>
}

/** `left`: it is kept, and this process ends; `why` it was given up. */
export type Fate = 'taken' | 'left' | { why: string }

interface Delivering {
  client: HttpClient
  clock: Clock
  /** After these an answer is given up. */
  minutes: number
  /** This process ends: nothing is waited for. */
  ending: AbortSignal
}

const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** Silence for this long ends a try. */
const silenceMs = 30_000

/** Never throws; `sinceMs` of the monotonic clock. */
export function delivering({
  client,
  clock,
  minutes,
  ending,
}: Delivering): (reply: Deliverable, sinceMs: number) => Promise<Fate> {
  return async (reply, sinceMs) => {
    const endMs = sinceMs + minutes * 60_000
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      const { why, final } = await attempt(reply, endMs - clock.monotonicMs())
      if (why === undefined) return 'taken'
      const isOver = final || clock.monotonicMs() + waitMs > endMs
      if (!isOver && ending.aborted && reply.forget !== undefined) return 'left'
      if (isOver || ending.aborted) return { why }
      await clock.sleep(waitMs, { signal: ending, idle: true }).catch(() => {})
    }
  }

  async function attempt({ url, traceparent, write }: Deliverable, leftMs: number): Promise<Outcome> {
    const { signal, end } = within(clock, Math.max(leftMs, 0), ending, { idle: true })
    let isBroken = false
    try {
      const { contentType, contentLength, pieces } = write()
      const body = watched(pieces, () => {
        isBroken = true
      })
      const headers: Record<string, string> = { 'content-type': contentType, traceparent }
      if (contentLength !== undefined) headers['content-length'] = String(contentLength)
      return judged(await client.call({ url, method: 'POST', headers, body, timeoutMs: silenceMs, signal }))
    } catch (problem) {
      return { why: problem instanceof Error ? problem.message : String(problem), final: isBroken }
    } finally {
      end()
    }
  }
}

/** Why it was not taken, if so, and whether trying again is of no use. */
interface Outcome {
  why?: string
  final: boolean
}

/** A document that is spoilt or gone stays so: its answer is not tried again. */
async function* watched(pieces: WrittenMessage['pieces'], onBroken: () => void): AsyncIterable<Uint8Array> {
  try {
    yield* pieces
  } catch (problem) {
    onBroken()
    throw problem
  }
}

/** Nobody is followed to another address, and what the partner says to an answer is not read. */
function judged({ status, body }: HttpAnswer): Outcome {
  body.on('error', () => {})
  body.resume()
  if (status >= 200 && status < 300) return { final: true }
  const again = status >= 500 || status === 408 || status === 429
  return { why: `it answered HTTP ${status}`, final: !again }
}
