// Simulated time. It moves only when everybody waits: then whatever is due next happens, and nothing else until everybody
// waits again. Each thing that happens goes into a digest, so that two runs can be told to be the same.
import { createHash } from 'node:crypto'
import type { Timer } from '../ports/clock.js'

export interface Timeline {
  /** Milliseconds since the simulation began. */
  readonly nowMs: number
  /** Things that have happened. */
  readonly happened: number
  at(delayMs: number, what: string, happen: () => void): Timer
  /** Writes down what is no event of its own but must be the same in each run. */
  note(what: string): void
  /** Lets time pass until `done`, or for as long as `mostMs`. @throws Error when nothing is left to wait for */
  run(done: () => boolean, mostMs?: number): Promise<void>
  /** Of all that has happened. */
  digest(): string
  /** The last things that happened, for people. */
  recent(): string[]
}

interface Due {
  atMs: number
  order: number
  what: string
  happen(): void
  cancelled: boolean
}

const mostRecent = 2_000

export function openTimeline(): Timeline {
  const due = heap()
  const digest = createHash('sha256')
  const recent: string[] = []
  let nowMs = 0
  let order = 0
  let happened = 0

  function note(what: string): void {
    const line = `${nowMs.toFixed(3)} ${what}`
    digest.update(line).update('\n')
    recent.push(line)
    if (recent.length > 2 * mostRecent) recent.splice(0, mostRecent)
  }

  return {
    get nowMs() {
      return nowMs
    },
    get happened() {
      return happened
    },
    at(delayMs, what, happen) {
      const one: Due = { atMs: nowMs + Math.max(0, delayMs), order: order++, what, happen, cancelled: false }
      due.push(one)
      return {
        cancel() {
          one.cancelled = true
        },
      }
    },
    note,
    async run(done, mostMs = Number.POSITIVE_INFINITY) {
      const endMs = nowMs + mostMs
      for (;;) {
        await everybodyWaits()
        if (done() || nowMs >= endMs) return
        let next = due.pop()
        while (next?.cancelled) next = due.pop()
        if (next === undefined) throw new Error('everybody waits, and nothing will ever happen')
        nowMs = Math.max(nowMs, next.atMs)
        happened += 1
        if (next.what !== '') note(next.what)
        next.happen()
      }
    },
    digest: () => digest.copy().digest('hex'),
    recent: () => recent.slice(-mostRecent),
  }
}

/** Promises and streams go on until they wait for something; only then does Node come to this. */
function everybodyWaits(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** The earliest first; of two at one time the one that was planned first. */
function heap() {
  const items: Due[] = []
  const before = (one: Due, other: Due) => one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
  const swap = (one: number, other: number) => {
    const kept = items[one]!
    items[one] = items[other]!
    items[other] = kept
  }
  return {
    push(item: Due) {
      items.push(item)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!before(items[at]!, items[parent]!)) return
        swap(at, parent)
        at = parent
      }
    },
    pop(): Due | undefined {
      const [first] = items
      const last = items.pop()
      if (first === undefined || last === undefined || items.length === 0) return first
      items[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        let least = at
        for (const child of [left, left + 1]) {
          if (child < items.length && before(items[child]!, items[least]!)) least = child
        }
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
