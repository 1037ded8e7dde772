// One connection to the audit repository, from its first frame to its end.
import { finished } from 'node:stream/promises'
import type { Clock } from '../ports/clock.js'
import { type Connection, drained } from '../ports/network.js'
import type { Bell } from './bell.js'
import { acknowledgedDelivery, type Delivered, type Delivery, presumedDelivery } from './delivery.js'
import { forgetting } from './forgetting.js'
import type { Outbox, QueuedFrame } from './outbox.js'
import { acknowledgedSyslog } from './syslog.js'
import { framed } from './syslog-frames.js'

export interface Conversation {
  outbox: Outbox
  clock: Clock
  /** Rung when records wait or the sender is to end. */
  work: Bell
  times: { gatherMs: number; lookMs: number; acknowledgeMs: number; presumeMs: number; forgetMs: number }
  /** The sender is to end once all is delivered. */
  isClosing(): boolean
  /** The sender is to end now. */
  giveUp: AbortSignal
  delivered(count: number): void
}

const mostInABatch = 128
/** Sent and not yet delivered; more wait in the outbox. */
const mostOpen = 4_096

/**
 * Sends what waits and what comes, until the sender closes.
 * @throws Error, in words, when the connection breaks, the other side falls silent or talks nonsense.
 */
export async function converse(connection: Connection, conversation: Conversation): Promise<void> {
  const { stream } = connection
  const { clock, work, times } = conversation
  const delivery = deliveryOver(connection, forget, conversation)
  const outbox = forgetting(conversation.outbox, times.forgetMs, clock)
  let over: Error | undefined
  let heardMs = clock.monotonicMs()
  let sentThrough = 0

  stream.on('data', (bytes: Buffer) => {
    heardMs = clock.monotonicMs()
    try {
      delivery.heard(bytes)
    } catch (problem) {
      end(problem as Error)
    }
    work.ring()
  })
  conversation.giveUp.addEventListener('abort', gaveUp)
  stream.on('error', end)
  stream.on('end', ended)
  stream.on('close', () => end(new Error('the connection to the audit repository broke')))

  try {
    while (!isOver()) {
      const batch = delivery.open < mostOpen ? await conversation.outbox.waiting(sentThrough, mostInABatch) : []
      const last = batch.at(-1)
      if (last !== undefined) {
        if (delivery.open === 0) heardMs = clock.monotonicMs()
        await send(connection, batch, delivery, conversation)
        sentThrough = last.id
      } else if (conversation.isClosing() && mayEnd(delivery)) {
        stream.off('end', ended)
        return await endInOrder(connection, delivery)
      } else {
        await work.heard(times.lookMs)
        // What comes together travels together.
        if (over === undefined && !conversation.isClosing()) await clock.sleep(times.gatherMs)
      }
    }
    if (over !== undefined) throw over
  } finally {
    conversation.giveUp.removeEventListener('abort', gaveUp)
    delivery.stop()
    stream.destroy()
    await outbox.end()
  }

  function end(why: Error): void {
    over ??= why
    stream.destroy()
    work.ring()
  }

  function ended(): void {
    end(new Error('the audit repository ended the connection'))
  }

  function gaveUp(): void {
    end(new Error('there was no time left to send what waits'))
  }

  function forget(throughId: number, count: number): void {
    conversation.delivered(count)
    outbox.delivered(throughId)
  }

  function isOver(): boolean {
    const now = clock.monotonicMs()
    if (acknowledges(connection) && delivery.open > 0 && now - heardMs > times.acknowledgeMs) {
      over ??= new Error(`the audit repository has not acknowledged anything for ${times.acknowledgeMs} ms`)
    }
    return over !== undefined
  }

  function mayEnd({ open }: Delivery): boolean {
    return open === 0 || !acknowledges(connection)
  }
}

function acknowledges({ protocol }: Connection): boolean {
  return protocol === acknowledgedSyslog
}

function deliveryOver(connection: Connection, delivered: Delivered, conversation: Conversation): Delivery {
  return acknowledges(connection)
    ? acknowledgedDelivery(delivered)
    : presumedDelivery(delivered, conversation.times.presumeMs, conversation.clock)
}

async function send(
  { stream }: Connection,
  batch: QueuedFrame[],
  delivery: Delivery,
  { clock, times }: Conversation,
): Promise<void> {
  for (const { id } of batch) delivery.sent(id)
  const bytes = Buffer.concat(batch.flatMap(({ frame }) => framed(frame)))
  const goesOn = stream.write(bytes, problem => {
    if (problem === null || problem === undefined) delivery.flushed()
  })
  if (goesOn) return
  const cut = clock.after(times.acknowledgeMs, () => stream.destroy())
  await drained(stream)
  cut.cancel()
}

/** Our end first; when the other side then ends without an error it has read everything. */
async function endInOrder({ stream }: Connection, delivery: Delivery): Promise<void> {
  stream.end()
  await finished(stream)
  delivery.endedInOrder()
}
