// What a machine has to bear at a time: a full disk, a disk that fails now and then or is slow, a bad network.
import type { Chance } from './chance.js'

export interface Weather {
  /** No space is left on the disk. */
  isFull: boolean
  /** So many of a hundred calls fail. */
  diskFailures: number
  diskIsSlow: boolean
  /** When a log of commits that nobody waits for could not be synced, or when that began and the power was lost before it had. */
  readonly failedLogSyncs: number[]
  /** When those began that a slow disk has not ended. */
  readonly logSyncsUnderWay: Set<number>
  failureOf(call: string): string | undefined
  diskPauseMs(chance: Chance): number
  clear(): void
}

/** What needs space. */
const growing = ['write', 'create', 'append', 'make', 'rename']
/** Reading fails too, but what cannot be read tells nothing of what is kept. */
const failing = ['write', 'create', 'append', 'rename', 'remove', 'sync', 'sync names', 'commit']

export function fairWeather(chance: Chance): Weather {
  const weather: Weather = {
    isFull: false,
    diskFailures: 0,
    diskIsSlow: false,
    failedLogSyncs: [],
    logSyncsUnderWay: new Set(),
    failureOf(call) {
      if (weather.isFull && growing.includes(call)) return 'ENOSPC'
      if (weather.diskFailures > 0 && failing.includes(call) && chance.percent(weather.diskFailures)) return 'EIO'
      return undefined
    },
    diskPauseMs: chance => (weather.diskIsSlow ? 20 + chance.fraction() * 2_000 : 0.05 + chance.fraction()),
    clear() {
      weather.isFull = false
      weather.diskFailures = 0
      weather.diskIsSlow = false
    },
  }
  return weather
}
