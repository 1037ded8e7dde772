// The MLLP doors of an actor: any number of messages a connection, one after the other, each acknowledged. ITI TF-2 Appendix C.2.1.
import { hasEnd, type MllpFrame, type MllpReader, mllpFramed, mllpReader } from '../../hl7v2/mllp.js'
import type { Clock } from '../../ports/clock.js'
import { type Connection, drained } from '../../ports/network.js'
import type { Partner } from '../actor.js'
import type { Budget } from '../limits.js'
import type { Log } from '../log.js'
import type { ArrivedHl7 } from './surroundings.js'

export interface MllpBounds {
  maxMessageBytes: number
  /** A message that has begun must have ended after this long. */
  messageMs: number
  /** Between messages. */
  idleMs: number
  connections: number
}

export interface MllpDoors {
  /** For each connection that a listener has taken. */
  serve(connection: Connection, endpoint: string): void
  readonly connections: number
  /** Lets the message under way be acknowledged. */
  close(): void
}

interface Conversation {
  connection: Connection
  endpoint: string
  partner: Partner
  reader: MllpReader
  /** Of the first byte of the message that is being read, if one is. */
  begunMs: number | undefined
  lastMs: number
  isAnswering: boolean
  /** It has had its last answer; what still comes is read so that it can be ended in order. */
  leaving: { sinceMs: number; bytes: number } | undefined
}

/** How often connections are looked at for whether they are too slow. */
const lookMs = 1_000
const tooSlow = 'its message did not end in time'
/** Of what a sender goes on with behind its last answer, in messages of the largest size. */
const mostLeftOver = 256

/** Bounded in connections, silence and length of messages by `bounds`; a connection too many makes the one that has been silent for longest go, or goes itself where all are at work. */
export function openMllpDoors(options: {
  bounds: MllpBounds
  clock: Clock
  log: Log
  budget: Budget
  identify(connection: Connection): Partner
  answer(arrived: ArrivedHl7): Promise<Buffer>
}): MllpDoors {
  const { bounds, clock, log, budget, identify, answer } = options
  const open = new Set<Conversation>()
  let isClosing = false

  function serve(connection: Connection, endpoint: string): void {
    if (!hasRoom()) {
      log.warn(
        { partnerAddress: connection.remoteAddress },
        'there are too many MLLP connections, all at work: this one is ended',
      )
      return void connection.stream.destroy()
    }
    const one: Conversation = {
      ...{ connection, endpoint, partner: identify(connection), reader: mllpReader(bounds) },
      ...{ begunMs: undefined, lastMs: clock.monotonicMs(), isAnswering: false, leaving: undefined },
    }
    open.add(one)
    connection.stream.on('close', () => open.delete(one))
    converse(one).catch(problem => {
      log.warn({ partnerAddress: connection.remoteAddress, failure: String(problem) }, 'MLLP connection broken off')
      connection.stream.destroy()
    })
  }

  /** Who has been silent for longest goes: a feed that comes back connects again, and nobody can keep others out. */
  function hasRoom(): boolean {
    if (open.size < bounds.connections) return true
    const [idle] = [...open].filter(({ isAnswering }) => !isAnswering).sort((a, b) => a.lastMs - b.lastMs)
    idle?.connection.stream.destroy()
    return idle !== undefined && open.delete(idle)
  }

  async function converse(one: Conversation): Promise<void> {
    const { connection, reader } = one
    const { stream, remoteAddress } = connection
    // Who has closed its side may still read: the end of what it says must not end what it hears.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      one.lastMs = clock.monotonicMs()
      for (const frame of one.leaving === undefined ? reader.read(chunk) : passedOver(one, chunk)) {
        if (frame.problem !== undefined)
          log.warn({ partnerAddress: remoteAddress, problem: frame.problem }, 'MLLP frame')
        if (frame.last && frame.bytes.length === 0) return void stream.destroy()
        await acknowledge(one, frame)
        if (!frame.last && !isClosing) continue
        leave(one, { isOver: frame.last !== true || frame.ended === true })
        break
      }
      one.begunMs = reader.heldBytes === undefined ? undefined : (one.begunMs ?? clock.monotonicMs())
    }
    if (reader.heldBytes !== undefined) {
      const facts = { partnerAddress: remoteAddress, heldBytes: reader.heldBytes }
      log.warn(facts, 'a message ended with its connection and was not taken')
      await acknowledge(one, reader.abandon('the connection ended before the message did'))
    }
    stream.end()
  }

  /**
   * A connection that is closed with bytes unread is reset, and the reset overtakes the answer: the sender would not hear
   * why it was refused. So what it still sends is read, in bounds, and its end waited for.
   */
  function leave(one: Conversation, { isOver }: { isOver: boolean }): void {
    one.leaving = { sinceMs: clock.monotonicMs(), bytes: 0 }
    if (isOver) one.connection.stream.end()
  }

  function passedOver({ connection, leaving, isAnswering }: Conversation, chunk: Buffer): MllpFrame[] {
    if (leaving === undefined) return []
    leaving.bytes += chunk.length
    if (leaving.bytes > mostLeftOver * bounds.maxMessageBytes) connection.stream.destroy()
    else if (hasEnd(chunk) && !isAnswering) connection.stream.end()
    return []
  }

  /** What does not end is answered before it is ended. */
  async function giveUp(one: Conversation): Promise<void> {
    const frame = one.reader.abandon(`the message did not end within ${bounds.messageMs} ms`)
    leave(one, { isOver: false })
    await acknowledge(one, frame)
    one.connection.stream.end()
  }

  async function acknowledge(one: Conversation, frame: MllpFrame): Promise<void> {
    const { partner, endpoint } = one
    const turn = budget.enter(partner.name)
    one.isAnswering = true
    one.begunMs = undefined
    try {
      const acknowledgement = await answer({ frame, partner, endpoint, late: turn.place !== 'free' })
      one.lastMs = clock.monotonicMs()
      if (!one.connection.stream.write(mllpFramed(acknowledgement))) await drained(one.connection.stream)
    } finally {
      turn.leave()
      one.isAnswering = false
    }
  }

  const looking = clock.every(lookMs, () => {
    const now = clock.monotonicMs()
    for (const one of open) {
      const why = whyEnded(one, now)
      if (why === undefined) continue
      log.info({ partnerAddress: one.connection.remoteAddress, why }, 'MLLP connection ended')
      if (why === tooSlow) giveUp(one).catch(() => one.connection.stream.destroy())
      else one.connection.stream.destroy()
    }
  })

  function whyEnded({ connection, begunMs, lastMs, isAnswering, leaving }: Conversation, now: number) {
    const isOver = (sinceMs: number | undefined) => sinceMs !== undefined && now - sinceMs > bounds.messageMs
    // One that does not take its acknowledgements keeps us writing.
    if (isAnswering) return connection.stream.writableNeedDrain && isOver(lastMs) ? 'it takes no answers' : undefined
    if (isOver(leaving?.sinceMs)) return 'it does not end'
    if (isOver(begunMs)) return tooSlow
    return now - lastMs > bounds.idleMs ? 'it is silent' : undefined
  }

  return {
    serve,
    get connections() {
      return open.size
    },
    close() {
      isClosing = true
      looking.cancel()
      for (const { connection, isAnswering } of open) if (!isAnswering) connection.stream.end()
    },
  }
}
