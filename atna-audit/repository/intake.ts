// The one way in: frames of all connections are gathered for a moment and committed together.
import type { Clock } from '../../ports/clock.js'
import { inTurns, type Steps } from '../../ports/turns.js'
import type { Store } from '../../store/store.js'
import { type Arrival, type Described, described } from './arrival.js'
import { keep } from './records.js'

/** Shared by all doors, so that one commit takes what has come by any of them. */
export interface Intake {
  /** Resolves with their ids once the frames are on the disk; rejects when they are not, and then none of them is. */
  take(arrivals: Arrival[]): Promise<number[]>
  /** Sees off what was taken so far. */
  settle(): Promise<void>
}

/** A commit costs about as much as reading two dozen records; nobody waits for our word but senders that keep what they sent. */
const gatherMs = 50
/** Behind so many, or so many bytes of them, the next are read and kept in a later turn. */
const mostTogether = 256
const mostBytesTogether = 2 * 1024 * 1024

interface Waiting {
  arrivals: Arrival[]
  resolve(ids: number[]): void
  reject(problem: unknown): void
}

/** What `take` is given is on the disk when it resolves, all or none of it; others' frames in the same commit succeed or fail for themselves. */
export function openIntake(store: Store, clock: Clock): Intake {
  const waiting: Waiting[] = []
  let gathered = 0
  let underWay: Promise<unknown> | undefined
  /** Whether somebody has waited long enough for what is under way. */
  let isDue = false

  function flush(): void {
    if (underWay !== undefined) isDue = true
    else if (waiting.length > 0) underWay = kept(portion()).then(next)
  }

  /** Whatever becomes of these, the next have their turn. */
  async function kept(group: readonly Waiting[]): Promise<void> {
    try {
      await write(await inTurns(read(group), clock))
    } catch (problem) {
      for (const { reject } of group) reject(problem)
    }
  }

  function next(): void {
    underWay = undefined
    if (isDue) flush()
  }

  function portion(): Waiting[] {
    let count = 0
    let bytes = 0
    let to = 0
    while (to < waiting.length && count < mostTogether && bytes < mostBytesTogether) {
      const { arrivals } = waiting[to++] as Waiting
      count += arrivals.length
      for (const { frame } of arrivals) bytes += frame.length
    }
    gathered -= count
    isDue = to < waiting.length
    return waiting.splice(0, to)
  }

  // One commit, but a savepoint for each: what one connection brought cannot undo what another did.
  async function write(group: readonly Read[]): Promise<void> {
    await Promise.allSettled(
      group.map(({ rows, resolve, reject }) => {
        const written = store.write(() => rows.map(({ arrival, about }) => keep(store, arrival, about)))
        written.then(resolve, reject)
        return written
      }),
    )
  }

  return {
    take(arrivals) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) clock.after(gatherMs, flush)
        waiting.push({ arrivals, resolve, reject })
        gathered += arrivals.length
        if (gathered >= mostTogether) flush()
      })
    },
    async settle() {
      flush()
      while (underWay !== undefined) await underWay
    },
  }
}

interface Read extends Waiting {
  rows: { arrival: Arrival; about: Described }[]
}

function* read(group: readonly Waiting[]): Steps<Read[]> {
  const all: Read[] = []
  for (const each of group) {
    const rows: Read['rows'] = []
    try {
      for (const arrival of each.arrivals) {
        rows.push({ arrival, about: described(arrival) })
        yield
      }
      all.push({ ...each, rows })
    } catch (problem) {
      each.reject(problem)
    }
  }
  return all
}
