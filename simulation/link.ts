// One connection between two machines, above TLS: bytes both ways, each piece after a while and in order; until it is cut,
// or falls silent without either side hearing of it.
import { Duplex, Readable, Writable } from 'node:stream'
import { type Boot, pauseOf } from './boot.js'
import type { Chance } from './chance.js'
import type { Timeline } from './timeline.js'

/** What becomes of a connection, decided when it is made. */
export interface Fate {
  leastMs: number
  mostMs: number
  /** Bytes both ways until it is over. */
  endsAfterBytes: number
  end: 'cut' | 'silent'
}

export interface Link {
  readonly isOver: boolean
  /** Something has come through at this time. */
  readonly movedMs: number
  /** Takes so many bytes to the other side; what they do there happens when they arrive. */
  carry(to: 'server' | 'client', bytes: number, arrived: () => void): void
  /** Both sides hear that it is over. */
  cut(): void
  /** Nobody hears anything any more. */
  fallSilent(): void
  onCut(hear: () => void): void
}

export interface Ends {
  client: Boot
  server: Boot
}

export function openLink({ client, server }: Ends, fate: Fate, timeline: Timeline, chance: Chance): Link {
  const arrivals = { server: 0, client: 0 }
  const hearers: (() => void)[] = []
  let left = fate.endsAfterBytes
  let isOver = false
  let isSilent = false
  let movedMs = timeline.nowMs

  const link: Link = {
    get isOver() {
      return isOver
    },
    get movedMs() {
      return movedMs
    },
    carry(to, bytes, arrived) {
      if (isOver || isSilent) return
      left -= bytes
      if (left < 0) {
        if (fate.end === 'cut') timeline.at(pauseOf(chance, fate.leastMs, fate.mostMs), 'connection cut', link.cut)
        else link.fallSilent()
        return
      }
      // Never before what was sent earlier.
      const atMs = Math.max(arrivals[to], timeline.nowMs + pauseOf(chance, fate.leastMs, fate.mostMs))
      arrivals[to] = atMs
      timeline.at(atMs - timeline.nowMs, '', () => {
        const receiver = to === 'server' ? server : client
        if (isOver || isSilent || !receiver.alive) return
        movedMs = timeline.nowMs
        arrived()
      })
    },
    cut() {
      if (isOver) return
      isOver = true
      for (const hear of hearers) hear()
    },
    fallSilent() {
      if (!isSilent) timeline.note('connection falls silent')
      isSilent = true
    },
    onCut: hear => void hearers.push(hear),
  }
  // The machine of a process that was killed says so for it; one without power says nothing.
  for (const boot of [client, server]) {
    boot.onEnd(kind => (kind === 'kill' ? timeline.at(fate.leastMs, '', link.cut) : link.fallSilent()))
  }
  return link
}

/** One direction of a connection, as a stream at each end. */
export function pipe(link: Link, to: 'server' | 'client'): { writable: Writable; readable: Readable } {
  let goOn: (() => void) | undefined
  const readable = new Readable({
    highWaterMark: 65_536,
    read() {
      const waiting = goOn
      goOn = undefined
      waiting?.()
    },
  })
  const writable = new Writable({
    highWaterMark: 16_384,
    write(piece: Buffer, _, taken) {
      link.carry(to, piece.length, () => {
        // A copy, as of what has gone over a wire: its sender may use the memory again.
        if (readable.destroyed || readable.push(Buffer.from(piece))) taken()
        else goOn = taken
      })
    },
    final(taken) {
      link.carry(to, 0, () => {
        readable.push(null)
        taken()
      })
    },
  })
  // As Node does: an error that nobody listens to is no error.
  readable.on('error', () => {})
  writable.on('error', () => {})
  return { writable, readable }
}

interface Side {
  stream: Duplex
  /** Goes on once this side takes more. */
  waiting?: () => void
}

/** Both directions, as a stream at each end. */
export function streamPair(link: Link): { client: Duplex; server: Duplex } {
  const client = sideOf(link, 'server', () => server)
  const server: Side = sideOf(link, 'client', () => client)
  return { client: client.stream, server: server.stream }
}

function sideOf(link: Link, to: 'server' | 'client', other: () => Side): Side {
  const side: Side = {
    stream: new Duplex({
      allowHalfOpen: false,
      read() {
        const goOn = side.waiting
        side.waiting = undefined
        goOn?.()
      },
      write(piece: Buffer, _, taken) {
        link.carry(to, piece.length, () => {
          const receiver = other()
          if (receiver.stream.destroyed || receiver.stream.push(piece)) taken()
          else receiver.waiting = taken
        })
      },
      final(taken) {
        link.carry(to, 0, () => {
          if (!other().stream.destroyed) other().stream.push(null)
          taken()
        })
      },
      destroy(problem, done) {
        // What was written before still arrives.
        link.carry(to, 0, link.cut)
        done(problem)
      },
    }),
  }
  side.stream.on('error', () => {})
  return side
}

export function reset(): NodeJS.ErrnoException {
  return Object.assign(new Error('the connection was reset (simulated)'), { code: 'ECONNRESET' })
}
