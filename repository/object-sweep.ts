// What lies in a bucket and belongs to no document is removed: a process that died between an upload and its commit has left it.
import type { Clock } from '../ports/clock.js'
import type { Bucket } from '../s3/bucket.js'
import { S3Problem } from '../s3/problem.js'
import type { Place } from './content-store.js'
import { idIn } from './object-keys.js'
import { claimKey } from './object-storage.js'
import { mostOrphans, tooManyOrphans } from './orphans.js'
import type { StorageWatch } from './storage-watch.js'

/** A storage that is away when the sweep begins is waited for. */
const sweepAgainMs = 30_000

export interface OpenObjectSweep {
  watch: Pick<StorageWatch, 'during'>
  clock: Pick<Clock, 'sleep'>
  closing: AbortSignal
  /** Ids of documents that this process is putting there, or may yet take back. */
  placing: Pick<ReadonlySet<string>, 'has'>
  /** Before anything is looked at there. */
  own(place: Place): Promise<void>
  at(place: Place): Bucket
  onProblem?: ((detail: string) => void) | undefined
}

interface Seen {
  last: string
  keys: string[]
  /** Without a row too, but put there before this database was. */
  older: number
}

/**
 * How many were removed at one place. What was there before the database that asks is none that it has left, and stays: told to `onProblem`.
 * A storage that is away is waited for until `closing` is aborted, which ends the sweep early.
 * @throws Error where more belong to nobody than a crash may leave: none of them is removed then
 */
export function objectSweep({ watch, clock, closing, placing, own, at, onProblem }: OpenObjectSweep) {
  /** Keys without a row, from behind `seen.last` on, which it moves forward: what breaks off is not listed again. */
  async function look(place: Place, isLeft: (key: string) => boolean, seen: Seen) {
    const bucket = at(place)
    await own(place)
    const since = (await bucket.modifiedMs(claimKey)) ?? 0
    await bucket.abortUploads(key => placing.has(idIn(key) ?? ''))
    for await (const page of bucket.objects(seen.last)) {
      const unknown = page.filter(({ key }) => !isLeft(key))
      const left = unknown.filter(({ modifiedMs }) => modifiedMs === undefined || modifiedMs >= since)
      seen.keys.push(...left.map(({ key }) => key))
      seen.older += unknown.length - left.length
      seen.last = page.at(-1)?.key ?? seen.last
      if (seen.keys.length > mostOrphans) throw new Error(tooManyOrphans('objects', `at ${place}`, 'bucket'))
      if (closing.aborted) return
    }
  }

  async function sweep(place: Place, isKept: (id: string) => boolean): Promise<number> {
    const isLeft = (key: string) => {
      const id = idIn(key)
      return id === undefined || placing.has(id) || isKept(id)
    }
    const seen: Seen = { last: '', keys: [], older: 0 }
    await waitingFor(() => look(place, isLeft, seen))
    if (seen.older > 0)
      onProblem?.(
        `${seen.older} objects at ${place} belong to no document and were there before this database: they are left alone. Are they those of a database that was lost? Put it back.`,
      )
    let removed = 0
    for (const key of seen.keys) {
      // Looked at again: it may be on its way there now.
      if (closing.aborted || isLeft(key)) continue
      await waitingFor(() => at(place).erase(key))
      removed += 1
    }
    return removed
  }

  /** Of the sweep: nobody waits for it. */
  async function waitingFor<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await watch.during(work)
      } catch (problem) {
        const isAway = problem instanceof S3Problem && problem.kind === 'away'
        if (!isAway || closing.aborted) throw problem
        await clock.sleep(sweepAgainMs, { signal: closing, idle: true })
      }
    }
  }

  return sweep
}
