// When a record that was sent counts as delivered, and may be forgotten here. RFC 5425 has no acknowledgement of its own:
// between our services one is agreed by ALPN; with a foreign repository only time can tell.
import type { Clock, Timer } from '../ports/clock.js'

/** What was sent over one connection and is not yet known to have arrived. */
export interface Delivery {
  /** A record was handed to the connection. */
  sent(id: number): void
  /** All that was handed over so far has left this process. */
  flushed(): void
  /** @throws Error when the other side says what it cannot know. */
  heard(bytes: Buffer): void
  /** The other side has ended the conversation in order, after us: it has read all that we sent. */
  endedInOrder(): void
  /** The connection is over. */
  stop(): void
  /** How many were sent and not yet delivered. */
  readonly open: number
}

/** The records up to this id, so many more than before, need not be sent again. */
export type Delivered = (throughId: number, count: number) => void

/**
 * The other side speaks `carnet-syslog-ack/1`: now and then it writes a line with the decimal count of the frames of
 * this connection that it has stored durably.
 */
export function acknowledgedDelivery(delivered: Delivered): Delivery {
  let ids: number[] = []
  let stored = 0
  let line = ''

  function acknowledge(count: number): void {
    const fresh = count - stored
    if (fresh < 0 || fresh > ids.length) {
      throw new Error(`the audit repository acknowledges ${count} records; ${stored + ids.length} were sent`)
    }
    const last = ids[fresh - 1]
    ids = ids.slice(fresh)
    stored = count
    if (last !== undefined) delivered(last, fresh)
  }

  return {
    sent: id => void ids.push(id),
    flushed: () => undefined,
    heard(bytes) {
      const lines = (line + bytes.toString('latin1')).split('\n')
      line = lines.pop() ?? ''
      const last = lines.at(-1)
      if (line.length > 15 || lines.some(one => !/^\d{1,15}$/.test(one))) {
        throw new Error('the audit repository agreed to acknowledge records, and answers something else')
      }
      if (last !== undefined) acknowledge(Number(last))
    },
    endedInOrder: () => undefined,
    stop: () => undefined,
    get open() {
      return ids.length
    },
  }
}

/**
 * The other side is any RFC 5425 receiver: a record counts as delivered when the connection has lived on for `graceMs`
 * after it left. A certificate that is refused late, or a receiver that goes away, ends the connection before that.
 */
export function presumedDelivery(delivered: Delivered, graceMs: number, clock: Clock): Delivery {
  const timers = new Set<Timer>()
  let open: number[] = []

  function presume(throughId: number): void {
    const left = open.filter(id => id > throughId)
    const count = open.length - left.length
    open = left
    if (count > 0) delivered(throughId, count)
  }

  return {
    sent: id => void open.push(id),
    flushed() {
      const last = open.at(-1)
      if (last === undefined) return
      const timer = clock.after(
        graceMs,
        () => {
          timers.delete(timer)
          presume(last)
        },
        { idle: true },
      )
      timers.add(timer)
    },
    heard: () => undefined,
    endedInOrder() {
      const last = open.at(-1)
      if (last !== undefined) presume(last)
    },
    stop() {
      for (const timer of timers) timer.cancel()
      timers.clear()
    },
    get open() {
      return open.length
    },
  }
}
