// Documents as objects of a bucket: what an engine has to do, in the words of an object storage.
import type { BucketPlace } from '../config/documents-place.js'
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import { runsFromNowOn } from '../ports/promises.js'
import type { Bucket } from '../s3/bucket.js'
import type { ObjectReader } from '../s3/download.js'
import { S3Problem } from '../s3/problem.js'
import { chunkBytes } from '../soap/message.js'
import { StoreFull } from '../store/failures.js'
import { assertOwner, claim, claimOf } from './bucket-claim.js'
import {
  ContentGone,
  type ContentStore,
  ContentUnreachable,
  type NewContent,
  type OpenContent,
  type Place,
} from './content-store.js'
import { bucketNamed, keyOf, placeIn } from './object-keys.js'
import { send } from './object-sending.js'
import { claimKey } from './object-storage.js'
import { objectSweep } from './object-sweep.js'
import type { StorageWatch } from './storage-watch.js'

export interface OpenContentObjects {
  bucketAt(place: BucketPlace): Bucket
  /** Where new documents go; undefined where they go elsewhere, and only older ones are here. */
  target: BucketPlace | undefined
  /** Whose documents these are: two repositories below one prefix would sweep each other's away. */
  repositoryUniqueId: string
  /** Which database has the rows, where it alone puts documents there and sweeps. */
  database?: string | undefined
  watch: StorageWatch
  files: Pick<Files, 'open'>
  clock: Clock
  closing: AbortSignal
  /** What was not cleared away, in words. */
  onProblem?: ((detail: string) => void) | undefined
}

/** Objects of one submission that are on their way together. */
const atOnce = 4
/** For so long nobody looks again whose bucket it is. */
const claimBelievedMs = 5_000

/** Claims a prefix for its repositoryUniqueId before it puts or sweeps there; one that another repository has is left alone. All failures are told to `watch`. */
export function contentObjects(options: OpenContentObjects): ContentStore {
  const { bucketAt, target, watch, clock, closing } = options
  const placing = new Set<string>()
  const owned = new Map<string, Promise<void>>()
  const seenMs = new Map<Place, number>()

  const at = (place: Place) => bucketAt(bucketNamed(place))
  const asking = <Result>(work: () => Promise<Result>) => watch.during(work).catch(inOurWords)

  /** Before anything is put or swept there. */
  function own(place: Place): Promise<void> {
    const known = owned.get(place)
    if (known !== undefined) return known
    const claimed = claim(at(place), options).then(() => void seenMs.set(place, clock.monotonicMs()))
    owned.set(place, claimed)
    claimed.catch(() => owned.delete(place))
    return claimed
  }

  /** A bucket that was emptied, or is another one by now, says nothing of our documents, and what is put there is hidden when ours is back. */
  async function assertOurs(place: Place, believedMs = claimBelievedMs): Promise<void> {
    if (clock.monotonicMs() - (seenMs.get(place) ?? Number.NEGATIVE_INFINITY) < believedMs) return
    await look(place)
  }

  async function look(place: Place): Promise<void> {
    const said = await claimOf(at(place))
    if (said === undefined) throw new S3Problem('away', notOurs(place))
    assertOwner(said, options.repositoryUniqueId)
    seenMs.set(place, clock.monotonicMs())
  }

  const lookFromNowOn = runsFromNowOn(async () => target && look(placeIn(target)))

  /** `undefined` is believed only of a bucket that is ours. */
  async function unlessOther<Found>(place: Place, found: Promise<Found | undefined>): Promise<Found | undefined> {
    const known = await found
    if (known === undefined) await assertOurs(place, 0)
    return known
  }

  async function erase({ id, place }: { id: string; place: Place }): Promise<void> {
    await assertOurs(place)
    await at(place).erase(keyOf(id))
  }

  async function put(contents: readonly NewContent[], place: Place): Promise<ReadonlyMap<string, Place>> {
    for (const { id } of contents) placing.add(id)
    const left = [...contents]
    let failed = false
    const line = async () => {
      for (let next = left.shift(); next !== undefined && !failed; next = left.shift()) {
        await send(at(place), next, options.files).catch(problem => {
          failed = true
          throw problem
        })
      }
    }
    await own(place)
    await assertOurs(place)
    const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, contents.length) }, line))
    const failure = ends.find(end => end.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    // It may have become another one while they were on their way, or since the last look.
    await lookFromNowOn()
    return new Map(contents.map(({ id }) => [id, place]))
  }

  /** What cannot be taken back now the next sweep finds. */
  async function takeBack(contents: readonly NewContent[], place: Place): Promise<void> {
    for (const { id } of contents) {
      const isDone = await at(place)
        .erase(keyOf(id))
        .then(
          () => true,
          () => false,
        )
      if (!isDone) break
    }
    final(contents.map(({ id }) => id))
  }

  function final(ids: readonly string[]): void {
    for (const id of ids) placing.delete(id)
  }

  const { onProblem } = options
  const sweep = objectSweep({ watch, clock, closing, placing, own, at, onProblem })

  return {
    async put(contents) {
      if (target === undefined) throw new Error('no bucket is told for new documents')
      const place = placeIn(target)
      try {
        return await watch.putting(() => put(contents, place))
      } catch (problem) {
        await takeBack(contents, place)
        // Nothing was there that could be missing: it is not the storage that we know.
        if (problem instanceof S3Problem && problem.kind === 'missing')
          throw new ContentUnreachable(problem.message, { cause: problem })
        return inOurWords(problem)
      }
    },
    final,
    open: ({ id, place }, from = 0) =>
      asking(async () => {
        const reader = await unlessOther(place, at(place).open(keyOf(id), { from, length: chunkBytes }))
        return reader && contentOver(reader, asking)
      }),
    sizeBytes: ({ id, place }) => asking(() => unlessOther(place, at(place).sizeBytes(keyOf(id)))),
    remove: content => asking(() => erase(content)),
    erase: content => asking(() => erase(content)),
    async sweep({ standing }) {
      if (target === undefined) return 0
      const place = placeIn(target)
      return sweep(place, id => standing(id)?.place === place)
    },
    async close() {},
  }
}

function contentOver(
  reader: ObjectReader,
  asking: <Result>(work: () => Promise<Result>) => Promise<Result>,
): OpenContent {
  return {
    read: (position, length, into) => asking(() => reader.read(position, length, into)),
    close: async () => reader.close(),
  }
}

const notOurs = (place: Place) =>
  `the object storage has no ${claimKey} at ${place}: it was emptied, or is not the one that holds the documents of this repository`

function inOurWords(problem: unknown): never {
  if (!(problem instanceof S3Problem)) throw problem
  switch (problem.kind) {
    case 'full':
      throw new StoreFull('the object storage of the documents has no room left', { cause: problem })
    case 'missing':
      throw new ContentGone('the object is not there any more', { cause: problem })
    default:
      throw new ContentUnreachable(problem.message, { cause: problem })
  }
}
