// The one way in: frames of all connections are gathered for a moment and committed together.
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'
import { type Arrival, described } from './arrival.js'
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
const mostGathered = 256

interface Waiting {
  arrivals: Arrival[]
  resolve(ids: number[]): void
  reject(problem: unknown): void
}

/** What `take` is given is on the disk when it resolves, all or none of it; others' frames in the same commit succeed or fail for themselves. */
export function openIntake(store: Store, clock: Clock): Intake {
  let waiting: Waiting[] = []
  let gathered = 0
  let last: Promise<unknown> = Promise.resolve()

  function flush(): void {
    const group = waiting
    waiting = []
    gathered = 0
    // One commit, but a savepoint for each: what one connection brought cannot undo what another did.
    for (const { arrivals, resolve, reject } of group) {
      const rows = arrivals.map(arrival => ({ arrival, about: described(arrival) }))
      const work = () => rows.map(({ arrival, about }) => keep(store, arrival, about))
      const written = store.write(work)
      written.then(resolve, reject)
      last = written.catch(() => undefined)
    }
  }

  return {
    take(arrivals) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) clock.after(gatherMs, flush)
        waiting.push({ arrivals, resolve, reject })
        gathered += arrivals.length
        if (gathered >= mostGathered) flush()
      })
    },
    async settle() {
      flush()
      await last
    },
  }
}
