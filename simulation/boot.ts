// One life of a service's process, from its start to its end or its crash. What it still holds after a crash reaches nobody:
// its timers never fire, its files never answer, its database is closed.
import type { Chance } from './chance.js'
import type { Timeline } from './timeline.js'

/** `kill`: the process ends, and what it has written to files stays. `power`: what was not synced may be lost or torn. */
export type CrashKind = 'kill' | 'power'

export interface Boot {
  readonly host: string
  readonly alive: boolean
  readonly timeline: Timeline
  /** Of this machine; differs from others and may jump. */
  readonly clockMs: number
  /** A place at which the process may end. @throws Dead when it does */
  passes(point: string): void
  /** Ends the process at the so many-th place from now on. */
  crashAfter(points: number, kind: CrashKind): void
  crash(kind: CrashKind): void
  /** For a promise of a process that is no more. */
  never<Result>(): Promise<Result>
  onEnd(end: (kind: CrashKind) => void): void
  /** It has ended by itself, in order. */
  ended(): void
}

export class Dead extends Error {
  override name = 'Dead'
}

export interface StartBoot {
  host: string
  timeline: Timeline
  clock: { offsetMs: number }
  onCrash(kind: CrashKind, point: string): void
  /** Whether the process ends at this place. */
  endsAt?(point: string): CrashKind | undefined
}

/** When all simulated clocks began. */
export const beginMs = Date.UTC(2026, 10, 25, 8, 0, 0)

export function startBoot({ host, timeline, clock, onCrash, endsAt }: StartBoot): Boot {
  let alive = true
  let left = Number.POSITIVE_INFINITY
  let kindToCome: CrashKind = 'kill'
  const ends: ((kind: CrashKind) => void)[] = []

  function crash(kind: CrashKind, point: string): void {
    if (!alive) return
    alive = false
    timeline.note(`${host} crashes (${kind}) ${point}`)
    for (const end of ends) end(kind)
    onCrash(kind, point)
  }

  return {
    host,
    timeline,
    get alive() {
      return alive
    },
    get clockMs() {
      return Math.floor(beginMs + timeline.nowMs + clock.offsetMs)
    },
    passes(point) {
      if (!alive) throw new Dead(`${host} is no more`)
      left -= 1
      const kind = endsAt?.(point) ?? (left > 0 ? undefined : kindToCome)
      if (kind === undefined) return
      crash(kind, point)
      throw new Dead(`${host} is no more`)
    },
    crashAfter(points, kind) {
      left = points
      kindToCome = kind
    },
    crash: kind => crash(kind, 'at any time'),
    never: () => new Promise(() => {}),
    onEnd: end => void ends.push(end),
    ended() {
      alive = false
    },
  }
}

/** Milliseconds of the world's time. */
export function pauseOf(chance: Chance, leastMs: number, mostMs: number): number {
  return leastMs + chance.fraction() * (mostMs - leastMs)
}
