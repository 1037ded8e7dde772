// What a machine has to bear at a time: a full disk, a disk that fails now and then, is slow or stands still, no more files or none to open.
import type { Chance } from './chance.js'

export interface Weather {
  /** No space is left on the disk. */
  isFull: boolean
  /** Nobody is told how much is left: a quota, say. */
  hidesRoom: boolean
  /** There is space, and there may be no more files. */
  isFullOfFiles: boolean
  /** The process may open no more files. */
  isWithoutHandles: boolean
  /** So many of a hundred calls fail. */
  diskFailures: number
  diskIsSlow: boolean
  /** It neither does anything nor fails: what asks it waits until it goes on. That of the database alone goes on. */
  diskStandsStill: boolean
  /** When a log of commits that nobody waits for could not be synced, or when that began and the power was lost before it had. */
  readonly failedLogSyncs: { fromMs: number; toMs: number }[]
  /** When those began that a slow disk has not ended. */
  readonly logSyncsUnderWay: Set<number>
  failureOf(call: string): string | undefined
  diskPauseMs(chance: Chance): number
  clear(): void
}

/** What needs space. */
const growing = ['write', 'create', 'append', 'make', 'rename']
const adding = ['create', 'make']
const opening = ['create', 'open', 'append', 'read whole', 'list', 'sync names']
/** Reading fails too, but what cannot be read tells nothing of what is kept. */
const failing = ['write', 'create', 'append', 'rename', 'remove', 'sync', 'sync names', 'commit']

export function fairWeather(chance: Chance): Weather {
  const weather: Weather = {
    isFull: false,
    hidesRoom: false,
    isFullOfFiles: false,
    isWithoutHandles: false,
    diskFailures: 0,
    diskIsSlow: false,
    diskStandsStill: false,
    failedLogSyncs: [],
    logSyncsUnderWay: new Set(),
    failureOf(call) {
      if (weather.isWithoutHandles && opening.includes(call)) return 'EMFILE'
      if (weather.isFull && growing.includes(call)) return weather.hidesRoom ? 'EDQUOT' : 'ENOSPC'
      if (weather.isFullOfFiles && adding.includes(call)) return 'ENOSPC'
      if (weather.diskFailures > 0 && failing.includes(call) && chance.percent(weather.diskFailures)) return 'EIO'
      return undefined
    },
    diskPauseMs: chance => (weather.diskIsSlow ? 20 + chance.fraction() * 2_000 : 0.05 + chance.fraction()),
    clear() {
      weather.isFull = false
      weather.hidesRoom = false
      weather.isFullOfFiles = false
      weather.isWithoutHandles = false
      weather.diskFailures = 0
      weather.diskIsSlow = false
      weather.diskStandsStill = false
    },
  }
  return weather
}
