// Whether the object storage answers: learnt from the work that is done there, and asked where there is none.
import type { Clock } from '../ports/clock.js'
import { S3Problem } from '../s3/problem.js'

export interface StorageWatch {
  /** Does some work there, and takes note of how it went. */
  during<Result>(work: () => Promise<Result>): Promise<Result>
  /** The same of what is put there: a right that is missing may be missing for that alone, and no look finds it. */
  putting<Result>(work: () => Promise<Result>): Promise<Result>
  /** For /readyz; asks again when nothing has been heard for a while. */
  check(): Promise<{ ok: boolean; reason: string }>
}

export interface OpenStorageWatch {
  clock: Clock
  /** One short try. @throws S3Problem */
  probe(): Promise<unknown>
  /** Told once when it goes away, with the reason, and once when it is back, without one. */
  told(problem: string | undefined): void
}

/** What was heard is believed for so long. */
const freshMs = 5_000
/** Of a storage that is away: nobody asks more often than that. */
const oftenMs = 1_000
/** What was put last was refused: believed for so long, for somebody has to try again. */
const refusedMs = 30_000

/** What was heard within 5 s is believed; of a storage that is away it is asked each second at the most, however many ask. */
export function watchStorage({ clock, probe, told }: OpenStorageWatch): StorageWatch {
  let heardMs = Number.NEGATIVE_INFINITY
  let away: string | undefined
  let refused: { why: string; untilMs: number } | undefined
  let known: string | undefined
  let asking: Promise<void> | undefined

  function tell(): void {
    if (refused !== undefined && refused.untilMs <= clock.monotonicMs()) refused = undefined
    const problem = away ?? refused?.why
    const isNews = (known === undefined) !== (problem === undefined)
    known = problem
    if (isNews) told(problem)
  }

  function heard(found: string | undefined): void {
    heardMs = clock.monotonicMs()
    away = found
    tell()
  }

  async function ask(): Promise<void> {
    try {
      await probe()
      heard(undefined)
    } catch (failure) {
      heard(failure instanceof Error ? failure.message : String(failure))
    }
  }

  async function during<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      heard(undefined)
      return result
    } catch (failure) {
      if (failure instanceof S3Problem && failure.kind === 'away') heard(failure.message)
      throw failure
    }
  }

  return {
    during,
    async putting(work) {
      try {
        return await during(async () => {
          const result = await work()
          refused = undefined
          return result
        })
      } catch (failure) {
        if (failure instanceof S3Problem && failure.kind === 'refused') {
          refused = { why: failure.message, untilMs: clock.monotonicMs() + refusedMs }
          tell()
        }
        throw failure
      }
    },
    async check() {
      const sinceMs = clock.monotonicMs() - heardMs
      if (sinceMs > (away === undefined ? freshMs : oftenMs)) {
        asking ??= ask().finally(() => {
          asking = undefined
        })
        await asking
      }
      tell()
      return known === undefined ? { ok: true, reason: 'it answers' } : { ok: false, reason: known }
    },
  }
}
