// A message that is handed over before all of it has come: its envelope is there, its parts follow as they are asked for.
// docs/decisions/0328.
import type { Clock } from '../ports/clock.js'
import { openArrivingParts } from './arriving-parts.js'
import type { Intake, ReadOptions } from './body-reader.js'
import type { SoapMessage } from './message.js'
import { contentTypeOf, type MessageSource, messageIn, readMessage } from './read-message.js'
import type { Spool } from './spool.js'

export interface ArrivingMessage {
  /** What has come whole is among its attachments; what has not, it knows as arriving. */
  message: SoapMessage
  /** Settles with the last byte; rejects when that will never come, or was broken off here. */
  ended: Promise<void>
  /** Takes in all that is still to come, onto the disk; settles as `ended`. */
  keep(): Promise<void>
  /** Breaks off what is still to come, and forgets all that has come. */
  discard(why: Error): Promise<void>
}

export interface OpenMessage extends Omit<ReadOptions, 'intake'> {
  /** So much behind the envelope is read before the message is handed over: a short one is there whole. It waits in `spool`. */
  aheadBytes: number
  /** Where that waits which nobody comes for. */
  aside: Spool
  clock: Pick<Clock, 'after'>
  /** Ends the connection. */
  breakOff(): void
}

/** @throws as readMessage does, as far as it has read */
export async function openMessage(source: MessageSource, options: OpenMessage): Promise<ArrivingMessage> {
  const { limits, breakOff, isAnswer } = options
  const contentType = contentTypeOf(source.headers)
  const parts = openArrivingParts(Object.assign({}, options, { gone: breakOff }))
  let begun: SoapMessage | undefined
  const intake: Intake = {
    sinkFor: parts.sinkFor,
    rootCame(reader, attachments) {
      if (reader.root !== undefined)
        begun = messageIn(reader.root, { contentType, reader, attachments, limits, isAnswer })
    },
  }
  const whole = readMessage(source, Object.assign({}, options, { intake }))
  const ended = whole.then(parts.end).catch(problem => {
    const reason = typeof parts.state === 'object' ? parts.state.problem : problem
    parts.breakOff(reason)
    throw reason
  })
  ended.catch(() => {})
  const message = await Promise.race([whole, parts.haveRead.then(() => begun as SoapMessage)])
  return {
    message:
      parts.state === 'over' ? message : Object.assign({}, message, { arriving: parts.arriving(message.attachments) }),
    ended,
    keep() {
      parts.keep()
      return ended
    },
    async discard(why) {
      // Where nothing is missing any more, the sender may end as it likes.
      if (!parts.isServed()) {
        parts.breakOff(why)
        breakOff()
        await ended.catch(() => {})
      }
      for (const { content } of message.attachments.values()) await content.discard().catch(() => {})
    },
  }
}
