// Answers on their way to a wsa:ReplyTo: posted over mutual TLS, tried again with growing waits, bounded for each partner, kept on
// the disk until they are taken. docs/decisions/0150.
import { setMaxListeners } from 'node:events'
import type { AuditRecord } from '../atna-audit/message.js'
import { type Clock, within } from '../ports/clock.js'
import type { HttpAnswer, HttpClient } from '../ports/network.js'
import type { WrittenMessage } from '../soap/write-message.js'
import type { KeptReplies, KeptReply } from './kept-replies.js'
import type { Log } from './log.js'
import type { Metrics } from './metrics.js'

export interface Replies {
  /** Taken before the request is handled, so that nothing is done whose answer would find no room. */
  reserve(partner: string): Place | undefined
  /** Sends what the service before us left, as far as `mayBeSent` has it. */
  resume(mayBeSent: MayBeSent): Promise<void>
  /** Does so with what another process left that comes back no more; from here on these are ours. */
  adopt(left: readonly KeptReply[], mayBeSent: MayBeSent): Promise<void>
  /** Gives what is under way `graceMs` to arrive, and leaves the rest to the next start. */
  close(graceMs: number): Promise<void>
}

export type MayBeSent = (partner: string, url: string) => boolean

/** Room for one answer. */
export interface Place {
  /** From here on the answer outlives this process. What cannot be kept stays in memory: what it answers is done already. */
  keep(reply: OutgoingReply): Promise<OutgoingReply>
  send(reply: OutgoingReply): void
  /** There is nothing to be sent after all. */
  release(): void
}

export interface OutgoingReply {
  url: string
  traceId: string
  traceparent: string
  /** Bytes that it holds on the disk, or in memory. */
  heldBytes: number
  /** Anew for each try. */
  write(): WrittenMessage
  /** For the audit, should nobody take it. */
  records: AuditRecord[]
  /** Of an answer that is kept. */
  forget?(): Promise<void>
}

export interface OpenReplies {
  client: HttpClient
  clock: Clock
  log: Log
  metrics: Metrics
  /** Of each partner. */
  bounds: { waiting: number; megabytes: number; minutes: number }
  /** Without it answers wait in memory and end with the process. */
  kept?: KeptReplies
  /** One has been given up. */
  undelivered(reply: Pick<OutgoingReply, 'records' | 'traceId'>, why: string): void
}

/** Answers to one partner that are sent side by side. */
const sideBySide = 4
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** Tries that are broken off end within this. */
const lastTriesMs = 250
/** Silence for this long ends a try. */
const silenceMs = 30_000

interface Lane {
  places: number
  heldBytes: number
  waiting: Waiting[]
  underWay: number
}

interface Waiting {
  reply: OutgoingReply
  sinceMs: number
}

export function openReplies({ client, clock, log, metrics, bounds, kept, undelivered }: OpenReplies): Replies {
  const lanes = new Map<string, Lane>()
  const ending = new AbortController()
  // As many listen as answers are on their way.
  setMaxListeners(0, ending.signal)
  let open = 0
  let drained = () => {}
  const delivered = metrics.counter('xds_replies_delivered_total', 'Answers that a wsa:ReplyTo has taken')
  const lost = metrics.counter('xds_replies_lost_total', 'Answers that no wsa:ReplyTo took in time')
  metrics.gauge('xds_replies_waiting', 'Answers on their way to a wsa:ReplyTo', () => open)

  function laneOf(partner: string): Lane {
    const lane = lanes.get(partner) ?? { places: 0, heldBytes: 0, waiting: [], underWay: 0 }
    lanes.set(partner, lane)
    return lane
  }

  function leave(lane: Lane, heldBytes: number): void {
    lane.places -= 1
    lane.heldBytes -= heldBytes
    open -= 1
    if (open === 0) drained()
  }

  function proceed(lane: Lane): void {
    while (lane.underWay < sideBySide) {
      const next = lane.waiting.shift()
      if (next === undefined) return
      lane.underWay += 1
      void carry(next).then(() => {
        lane.underWay -= 1
        leave(lane, next.reply.heldBytes)
        proceed(lane)
      })
    }
  }

  /** Never throws. */
  async function carry({ reply, sinceMs }: Waiting): Promise<void> {
    const endMs = sinceMs + bounds.minutes * 60_000
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      const { why, final } = await attempt(reply, endMs - clock.monotonicMs())
      if (why === undefined) {
        delivered()
        return forget(reply)
      }
      const over = final || clock.monotonicMs() + waitMs > endMs
      if (!over && ending.signal.aborted && reply.forget !== undefined) return
      if (over || ending.signal.aborted) return giveUp(reply, why)
      await clock.sleep(waitMs, { signal: ending.signal, idle: true }).catch(() => {})
    }
  }

  async function attempt(reply: OutgoingReply, leftMs: number): Promise<Outcome> {
    const { signal, end } = within(clock, Math.max(leftMs, 0), ending.signal, { idle: true })
    let broken = false
    try {
      const { contentType, contentLength, pieces } = reply.write()
      const body = watched(pieces, () => {
        broken = true
      })
      const headers: Record<string, string> = { 'content-type': contentType, traceparent: reply.traceparent }
      if (contentLength !== undefined) headers['content-length'] = String(contentLength)
      const { url } = reply
      return judged(await client.call({ url, method: 'POST', headers, body, timeoutMs: silenceMs, signal }))
    } catch (problem) {
      return { why: problem instanceof Error ? problem.message : String(problem), final: broken }
    } finally {
      end()
    }
  }

  function giveUp(reply: OutgoingReply, why: string): Promise<void> {
    const { url, traceId } = reply
    lost()
    log.warn({ trace: traceId, replyTo: url, failure: why }, 'an answer could not be delivered')
    undelivered(reply, `the answer could not be delivered to ${url}: ${why}`)
    return forget(reply)
  }

  async function forget({ traceId, forget }: OutgoingReply): Promise<void> {
    await forget?.().catch(problem => {
      log.error({ trace: traceId, failure: String(problem) }, 'an answer that nobody waits for could not be removed')
    })
  }

  async function keep(partner: string, reply: OutgoingReply): Promise<OutgoingReply> {
    if (kept === undefined) return reply
    const { url, traceId, traceparent, records } = reply
    try {
      const { contentType, contentLength, pieces } = reply.write()
      const length = contentLength === undefined ? {} : { contentLength }
      const head = { partner, url, traceId, traceparent, contentType, ...length, records, keptMs: clock.now() }
      return asOutgoing(await kept.keep(head, pieces))
    } catch (problem) {
      log.warn(
        { trace: traceId, failure: String(problem) },
        'an answer could not be kept on the disk; it waits in memory',
      )
      return reply
    }
  }

  function send(lane: Lane, reply: OutgoingReply, sinceMs: number): void {
    lane.heldBytes += reply.heldBytes
    lane.waiting.push({ reply, sinceMs })
    proceed(lane)
  }

  async function goOn({ head, ...left }: KeptReply, mayBeSent: MayBeSent): Promise<void> {
    const { partner, url, keptMs } = head
    const reply = asOutgoing({ head, ...left })
    const waitedMs = Math.max(clock.now() - keptMs, 0)
    if (!mayBeSent(partner, url)) await giveUp(reply, `the address is not listed for ${partner} any more`)
    else if (waitedMs > bounds.minutes * 60_000) await giveUp(reply, 'its time was over when the service started')
    else send(take(partner), reply, clock.monotonicMs() - waitedMs)
  }

  function take(partner: string): Lane {
    const lane = laneOf(partner)
    lane.places += 1
    open += 1
    return lane
  }

  return {
    reserve(partner) {
      const lane = laneOf(partner)
      if (lane.places >= bounds.waiting || lane.heldBytes >= bounds.megabytes * 1024 * 1024) return undefined
      take(partner)
      let taken = false
      return {
        keep: reply => keep(partner, reply),
        send(reply) {
          if (taken) return
          taken = true
          send(lane, reply, clock.monotonicMs())
        },
        release() {
          if (!taken) leave(lane, 0)
          taken = true
        },
      }
    },
    async resume(mayBeSent) {
      for (const left of (await kept?.left()) ?? []) await goOn(left, mayBeSent)
    },
    async adopt(left, mayBeSent) {
      if (kept === undefined) return
      for (const each of left) {
        // A copy that is durable before the other goes: who ends in between leaves two, and the partner has one twice.
        const ours = await kept.keep(each.head, each.pieces())
        await each.forget()
        await goOn(ours, mayBeSent)
      }
    },
    async close(graceMs) {
      const empty = new Promise<void>(resolve => {
        drained = resolve
        if (open === 0) resolve()
      })
      await Promise.race([empty, clock.sleep(graceMs, { idle: true })])
      ending.abort()
      if (open > 0) await Promise.race([empty, clock.sleep(lastTriesMs, { idle: true })])
      client.close()
    },
  }
}

function asOutgoing({ head, sizeBytes, pieces, forget }: KeptReply): OutgoingReply {
  const { url, traceId, traceparent, contentType, contentLength, records } = head
  const write = () => ({ contentType, contentLength, pieces: pieces() })
  return { url, traceId, traceparent, heldBytes: sizeBytes, write, records, forget }
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
