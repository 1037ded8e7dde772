// Answers on their way to a wsa:ReplyTo: posted over mutual TLS, tried again with growing waits, bounded for each partner, kept on
// the disk until they are taken. docs/decisions/0150.
import { setMaxListeners } from 'node:events'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { Clock } from '../../ports/clock.js'
import type { HttpClient } from '../../ports/network.js'
import type { Log } from '../log.js'
import type { Metrics } from '../metrics.js'
import { type Deliverable, delivering } from './delivery.js'
import type { KeptReplies, KeptReply } from './kept-replies.js'
import { replyLanes } from './lanes.js'

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

export interface OutgoingReply extends Deliverable {
  traceId: string
  /** Bytes that it holds on the disk, or in memory. */
  heldBytes: number
  /** For the audit, should nobody take it. */
  records: AuditRecord[]
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

/** Tries that are broken off end within this. */
const lastTriesMs = 250

/** An answer is taken only where `reserve` gave room for it, and then tried for `bounds.minutes`; `undelivered` hears of one that nobody took in time. */
export function openReplies({ client, clock, log, metrics, bounds, kept, undelivered }: OpenReplies): Replies {
  const ending = new AbortController()
  // As many listen as answers are on their way.
  setMaxListeners(0, ending.signal)
  const deliver = delivering({ client, clock, minutes: bounds.minutes, ending: ending.signal })
  const lanes = replyLanes<OutgoingReply>(bounds, carry)
  const delivered = metrics.counter('xds_replies_delivered_total', 'Answers that a wsa:ReplyTo has taken')
  const lost = metrics.counter('xds_replies_lost_total', 'Answers that no wsa:ReplyTo took in time')
  metrics.gauge('xds_replies_waiting', 'Answers on their way to a wsa:ReplyTo', lanes.open)

  /** Never throws. */
  async function carry(reply: OutgoingReply, sinceMs: number): Promise<void> {
    const fate = await deliver(reply, sinceMs)
    if (fate === 'left') return
    if (fate !== 'taken') return giveUp(reply, fate.why)
    delivered()
    return forget(reply)
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

  async function goOn({ head, ...left }: KeptReply, mayBeSent: MayBeSent): Promise<void> {
    const { partner, url, keptMs } = head
    const reply = asOutgoing({ head, ...left })
    const waitedMs = Math.max(clock.now() - keptMs, 0)
    if (!mayBeSent(partner, url)) await giveUp(reply, `the address is not listed for ${partner} any more`)
    else if (waitedMs > bounds.minutes * 60_000) await giveUp(reply, 'its time was over when the service started')
    else lanes.take(partner).send(reply, clock.monotonicMs() - waitedMs)
  }

  return {
    reserve(partner) {
      const lane = lanes.reserve(partner)
      if (lane === undefined) return undefined
      let taken = false
      return {
        keep: reply => keep(partner, reply),
        send(reply) {
          if (taken) return
          taken = true
          lane.send(reply, clock.monotonicMs())
        },
        release() {
          if (!taken) lane.leave()
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
      const emptied = lanes.emptied()
      await Promise.race([emptied, clock.sleep(graceMs, { idle: true })])
      ending.abort()
      if (lanes.open() > 0) await Promise.race([emptied, clock.sleep(lastTriesMs, { idle: true })])
      client.close()
    },
  }
}

function asOutgoing({ head, sizeBytes, pieces, forget }: KeptReply): OutgoingReply {
  const { url, traceId, traceparent, contentType, contentLength, records } = head
  const write = () => ({ contentType, contentLength, pieces: pieces() })
  return { url, traceId, traceparent, heldBytes: sizeBytes, write, records, forget }
}
