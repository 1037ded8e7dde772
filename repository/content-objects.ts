// Documents as objects of a bucket. A key is made of our own id and of nothing that a sender chose, its end first: `f3/0197….f3`
// spreads what comes at one time over a storage that parts its keys by how they begin.
import type { BucketPlace } from '../config/documents-place.js'
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import type { Bucket } from '../s3/bucket.js'
import type { ObjectReader } from '../s3/download.js'
import { S3Problem } from '../s3/problem.js'
import type { Upload } from '../s3/upload.js'
import { chunkBytes, type Spooled } from '../soap/message.js'
import { StoreFull } from '../store/failures.js'
import {
  ContentGone,
  type ContentStore,
  ContentUnreachable,
  type NewContent,
  type OpenContent,
  type Place,
} from './content-store.js'
import { claimKey } from './object-storage.js'
import type { StorageWatch } from './storage-watch.js'

/** Begins the place of such a document; its bucket and prefix follow: `s3:bucket/prefix`. */
export const inObject = 's3'

export interface OpenContentObjects {
  bucketAt(place: BucketPlace): Bucket
  /** Where new documents go; undefined where they go elsewhere, and only older ones are here. */
  target: BucketPlace | undefined
  /** Whose documents these are: two repositories below one prefix would sweep each other's away. */
  repositoryUniqueId: string
  watch: StorageWatch
  files: Pick<Files, 'open'>
  clock: Clock
  closing: AbortSignal
}

export const placeIn = ({ bucket, prefix }: BucketPlace): Place => `${inObject}:${bucket}/${prefix}`

function bucketNamed(place: Place): BucketPlace {
  const [, bucket = '', prefix = ''] = /^s3:([^/]*)\/(.*)$/.exec(place) ?? []
  return { bucket, prefix }
}

const keyOf = (id: string) => `${id.slice(-2)}/${id}`
const ownKey = /^([0-9a-f]{2})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{10}\1)$/
const idIn = (key: string) => ownKey.exec(key)?.[2]

/** Objects of one submission that are on their way together. */
const atOnce = 4
/**
 * A process that dies leaves few. More are those of a database that is not the one of this bucket, or older than it: a restored one,
 * say, and what it does not know was acknowledged all the same.
 */
const mostOrphans = 1_000
const tooMany = (place: Place) =>
  `more than ${mostOrphans} objects at ${place} belong to no document, and none of them was removed: is the database older than the bucket?`

/** A storage that is away when the sweep begins is waited for. */
const sweepAgainMs = 30_000

/** Claims a prefix for its repositoryUniqueId before it puts or sweeps there; one that another repository has is left alone. All failures are told to `watch`. */
export function contentObjects(options: OpenContentObjects): ContentStore {
  const { bucketAt, target, watch, clock, closing } = options
  const placing = new Set<string>()
  const owned = new Map<string, Promise<void>>()

  const at = (place: Place) => bucketAt(bucketNamed(place))
  const asking = <Result>(work: () => Promise<Result>) => watch.during(work).catch(inOurWords)

  /** Before anything is put or swept there. */
  function own(place: Place): Promise<void> {
    const known = owned.get(place)
    if (known !== undefined) return known
    const claimed = claim(at(place), options.repositoryUniqueId)
    owned.set(place, claimed)
    claimed.catch(() => owned.delete(place))
    return claimed
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
    const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, contents.length) }, line))
    const failure = ends.find(end => end.status === 'rejected')
    if (failure !== undefined) throw failure.reason
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

  /** Keys without a row, from behind `seen.last` on, which it moves forward: what breaks off is not listed again. */
  async function look(place: Place, isLeft: (key: string) => boolean, seen: { last: string; keys: string[] }) {
    const bucket = at(place)
    await own(place)
    await bucket.abortUploads(key => placing.has(idIn(key) ?? ''))
    for await (const page of bucket.objects(seen.last)) {
      seen.keys.push(...page.map(({ key }) => key).filter(key => !isLeft(key)))
      seen.last = page.at(-1)?.key ?? seen.last
      if (seen.keys.length > mostOrphans) throw new Error(tooMany(place))
      if (closing.aborted) return
    }
  }

  async function sweep(place: Place, isKept: (id: string) => boolean): Promise<number> {
    const isLeft = (key: string) => {
      const id = idIn(key)
      return id === undefined || placing.has(id) || isKept(id)
    }
    const seen = { last: '', keys: [] as string[] }
    await waitingFor(() => look(place, isLeft, seen))
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

  return {
    async put(contents) {
      if (target === undefined) throw new Error('no bucket is told for new documents')
      const place = placeIn(target)
      try {
        return await watch.during(() => put(contents, place))
      } catch (problem) {
        await takeBack(contents, place)
        return inOurWords(problem)
      }
    },
    final,
    open: ({ id, place }, from = 0) =>
      asking(async () => {
        const reader = await at(place).open(keyOf(id), { from, length: chunkBytes })
        return reader && contentOver(reader, asking)
      }),
    sizeBytes: ({ id, place }) => asking(() => at(place).sizeBytes(keyOf(id))),
    remove: ({ id, place }) => asking(() => at(place).erase(keyOf(id))),
    erase: ({ id, place }) => asking(() => at(place).erase(keyOf(id))),
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

async function send(bucket: Bucket, { id, content }: NewContent, files: Pick<Files, 'open'>): Promise<void> {
  const { sizeBytes, sha256, bytes, path } = content
  if (bytes !== undefined) return bucket.put(keyOf(id), bytes, sha256)
  if (path === undefined) {
    const { end, ...reading } = inOrder(content)
    return bucket.upload(keyOf(id), { sizeBytes, sha256, ...reading }).finally(end)
  }
  const file = await files.open(path)
  try {
    await bucket.upload(keyOf(id), {
      sizeBytes,
      sha256,
      read: (position, length, into) => file.read(position, length, into),
    })
  } finally {
    await file.close()
  }
}

/** Of what can only be read from its beginning to its end. */
function inOrder({ open }: Spooled): Pick<Upload, 'read' | 'isInOrder'> & { end(): Promise<unknown> } {
  const pieces = (async function* () {
    yield* open?.() ?? []
  })()
  let rest: Uint8Array = Buffer.alloc(0)
  return {
    isInOrder: true,
    // What is read may be held open until somebody says that it is enough.
    end: () => pieces.return(undefined),
    async read(_, length, into) {
      let filled = 0
      while (filled < length) {
        if (rest.byteLength === 0) {
          const { value, done } = await pieces.next()
          if (done) break
          rest = value
        }
        const piece = rest.subarray(0, length - filled)
        into.set(piece, filled)
        filled += piece.byteLength
        rest = rest.subarray(piece.byteLength)
      }
      return into.subarray(0, filled)
    },
  }
}

/** Says whose documents are below the prefix, or finds that they are another repository's. */
async function claim(bucket: Bucket, repositoryUniqueId: string): Promise<void> {
  const said = await bucket.get(claimKey, 4_096)
  const owner = said === undefined ? undefined : ownerIn(said)
  if (owner === repositoryUniqueId) return
  if (said !== undefined) {
    throw new S3Problem(
      'refused',
      `the documents below this prefix belong to the repository ${owner ?? 'that its carnet-repository.json does not name'}; choose another prefix`,
    )
  }
  await bucket.put(claimKey, Buffer.from(`${JSON.stringify({ repositoryUniqueId })}\n`))
}

function ownerIn(said: Buffer): string | undefined {
  try {
    const owner: unknown = JSON.parse(String(said))?.repositoryUniqueId
    return typeof owner === 'string' ? owner : undefined
  } catch {
    return undefined
  }
}

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
