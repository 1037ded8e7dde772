// Whether the object storage answers: learnt from the work that is done there, and asked where there is none.
import type { Clock } from '../ports/clock.js'
import { S3Problem } from '../s3/problem.js'

export interface StorageWatch {
  /** Does some work there, and takes note of how it went. */
  during<Result>(work: () => Promise<Result>): Promise<Result>
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

/** What was heard within 5 s is believed; of a storage that is away it is asked each second at the most, however many ask. */
export function watchStorage({ clock, probe, told }: OpenStorageWatch): StorageWatch {
  let heardMs = Number.NEGATIVE_INFINITY
  let problem: string | undefined
  let asking: Promise<void> | undefined

  function heard(found: string | undefined): void {
    heardMs = clock.monotonicMs()
    const isNews = (found === undefined) !== (problem === undefined)
    problem = found
    if (isNews) told(found)
  }

  async function ask(): Promise<void> {
    try {
      await probe()
      heard(undefined)
    } catch (failure) {
      heard(failure instanceof Error ? failure.message : String(failure))
    }
  }

  return {
    async during(work) {
      try {
        const result = await work()
        heard(undefined)
        return result
      } catch (failure) {
        if (failure instanceof S3Problem && failure.kind === 'away') heard(failure.message)
        throw failure
      }
    },
    async check() {
      const sinceMs = clock.monotonicMs() - heardMs
      if (sinceMs > (problem === undefined ? freshMs : oftenMs)) {
        asking ??= ask().finally(() => {
          asking = undefined
        })
        await asking
      }
      return problem === undefined ? { ok: true, reason: 'it answers' } : { ok: false, reason: problem }
    },
  }
}
