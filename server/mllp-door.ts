// The MLLP doors of an actor: any number of messages a connection, one after the other, each acknowledged. ITI TF-2 Appendix C.2.1.
import { mllpFramed, mllpReader } from '../hl7v2/mllp.js'
import type { Clock } from '../ports/clock.js'
import { type Connection, drained } from '../ports/network.js'
import type { Partner } from './actor.js'
import type { ArrivedHl7 } from './hl7-exchange.js'
import type { Budget } from './limits.js'
import type { Log } from './log.js'

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
  /** Of the first byte of the message that is being read, if one is. */
  begunMs: number | undefined
  lastMs: number
  isAnswering: boolean
}

/** How often connections are looked at for whether they are too slow. */
const lookMs = 1_000

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
    makeRoom()
    const now = clock.monotonicMs()
    const one: Conversation = { connection, begunMs: undefined, lastMs: now, isAnswering: false }
    open.add(one)
    connection.stream.on('close', () => open.delete(one))
    converse(one, endpoint).catch(problem => {
      log.warn({ partnerAddress: connection.remoteAddress, failure: String(problem) }, 'MLLP connection broken off')
      connection.stream.destroy()
    })
  }

  /** Who has been silent for longest goes: a feed that comes back connects again, and nobody can keep others out. */
  function makeRoom(): void {
    if (open.size < bounds.connections) return
    const idle = [...open].filter(({ isAnswering }) => !isAnswering).sort((a, b) => a.lastMs - b.lastMs)
    idle[0]?.connection.stream.destroy()
    if (idle[0] !== undefined) open.delete(idle[0])
  }

  async function converse(one: Conversation, endpoint: string): Promise<void> {
    const { stream, remoteAddress } = one.connection
    const partner = identify(one.connection)
    const reader = mllpReader(bounds)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      one.lastMs = clock.monotonicMs()
      for (const frame of reader.read(chunk)) {
        if (frame.problem !== undefined)
          log.warn({ partnerAddress: remoteAddress, problem: frame.problem }, 'MLLP frame')
        if (frame.last && frame.bytes.length === 0) return void stream.destroy()
        await acknowledge(one, { frame, partner, endpoint, late: false })
        if (frame.last || isClosing) return void stream.end()
      }
      one.begunMs = reader.heldBytes === undefined ? undefined : (one.begunMs ?? clock.monotonicMs())
    }
    if (reader.heldBytes !== undefined) {
      const facts = { partnerAddress: remoteAddress, heldBytes: reader.heldBytes }
      log.warn(facts, 'a message ended with its connection and was not taken')
    }
    stream.end()
  }

  async function acknowledge(one: Conversation, arrived: ArrivedHl7): Promise<void> {
    const turn = budget.enter(arrived.partner.name)
    one.isAnswering = true
    one.begunMs = undefined
    try {
      const acknowledgement = await answer({ ...arrived, late: turn.place !== 'free' })
      one.lastMs = clock.monotonicMs()
      if (!one.connection.stream.write(mllpFramed(acknowledgement))) await drained(one.connection.stream)
    } finally {
      turn.leave()
      one.isAnswering = false
    }
  }

  const looking = clock.every(lookMs, () => {
    const now = clock.monotonicMs()
    for (const { connection, begunMs, lastMs, isAnswering } of open) {
      const isLate = begunMs !== undefined && now - begunMs > bounds.messageMs
      // One that does not take its acknowledgements keeps us writing.
      const isStuck = isAnswering && connection.stream.writableNeedDrain && now - lastMs > bounds.messageMs
      if (!isLate && !isStuck && now - lastMs <= bounds.idleMs) continue
      const why = isLate ? 'its message did not end in time' : isStuck ? 'it takes no acknowledgements' : 'it is silent'
      log.info({ partnerAddress: connection.remoteAddress, why }, 'MLLP connection ended')
      connection.stream.destroy()
    }
  })

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
