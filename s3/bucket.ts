// What is done with the objects of one bucket below one prefix. Keys are given without the prefix.
import { type Encryption, sha256Of } from './checksums.js'
import { type ObjectReader, openObject, type Stretch } from './download.js'
import { namesIn, objectsIn, type StoredObject, uploadsIn, versionsOf } from './listing.js'
import { problemIn, S3Problem, shortBody } from './problem.js'
import { modifiedOf, type OpenRequests, openRequests, type Requests, sizeOf } from './requests.js'
import { abortUpload, putObject, type Upload, uploader } from './upload.js'

export interface Bucket {
  /** Some bytes as one object, durable when this resolves. Bytes that were there under the key are no more. */
  put(key: string, bytes: Buffer, sha256?: string): Promise<void>
  /** As many bytes as there are, in parts when they are many, with a bounded number of them in memory. */
  upload(key: string, upload: Upload): Promise<void>
  /** The whole of a short object; undefined when there is none. */
  get(key: string, mostBytes: number): Promise<Buffer | undefined>
  /** Undefined when there is none. To be closed; the stretch is what is read first. */
  open(key: string, first: Stretch): Promise<ObjectReader | undefined>
  sizeBytes(key: string): Promise<number | undefined>
  /** When it was put, in whole seconds of the storage's clock; undefined where that is not told, or there is none. */
  modifiedMs(key: string): Promise<number | undefined>
  /** With all its versions where the bucket keeps versions, and what was begun to be uploaded; one that is not there is no error. */
  erase(key: string): Promise<void>
  /** All below the prefix, or those behind a key, in their order, a page at a time. */
  objects(after?: string): AsyncIterable<StoredObject[]>
  /** Names just below one, `folder/` where more is below it; all of these below the prefix itself for ''. */
  names(below: string): AsyncIterable<string[]>
  /** Ends what was begun to be uploaded below the prefix and not finished, but for those that are to be left; the number. */
  abortUploads(isLeft?: (key: string) => boolean): Promise<number>
  /** Whether the storage answers us, found out by one short try, and has that object. @throws S3Problem */
  probe(key: string): Promise<boolean>
}

export interface OpenBucket extends OpenRequests {
  /** Without slashes at its ends; may be empty. */
  prefix: string
  encryption: Encryption
  /** Of a part of an upload; longer for objects that would have too many. */
  partBytes?: number
  /** Parts in memory, of all uploads together. */
  partsAtOnce?: number
}

/** As short as a storage takes them: so much of an upload is in memory. */
const defaultPartBytes = 5 * 1024 * 1024
const defaultPartsAtOnce = 6
/** How long somebody waits who only wants to know whether it answers. */
const probeMs = 2_000

/**
 * No request is made before it is used. What the storage does not do rejects with an S3Problem whose `kind` says what that means; passing failures
 * are tried again for `patienceMs`.
 */
export function openBucket(options: OpenBucket): Bucket {
  const { encryption, clock, patienceMs, partBytes = defaultPartBytes, partsAtOnce = defaultPartsAtOnce } = options
  const requests = openRequests(options)
  const impatient = openRequests({ ...options, timeoutMs: probeMs, patienceMs: probeMs })
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`
  const upload = uploader({ requests, encryption, partBytes, partsAtOnce })

  return {
    put: (key, bytes, sha256 = sha256Of([bytes])) =>
      putObject(requests, { key: prefix + key, body: { pieces: [bytes], sha256 }, encryption }),
    upload: (key, what) => upload(prefix + key, what),
    get: (key, mostBytes) => getWhole(requests, prefix + key, mostBytes),
    open: (key, first) => openObject({ requests, clock, patienceMs }, prefix + key, first),
    sizeBytes: key => sizeOf(requests, prefix + key),
    modifiedMs: key => modifiedOf(requests, prefix + key),
    async erase(key) {
      // Ended first: nobody puts the object together again once it is deleted.
      await endUploadsOf(requests, prefix + key)
      await erase(requests, prefix + key)
    },
    objects: (after = '') => objectsIn(requests, prefix, after),
    names: below => namesIn(requests, below === '' ? prefix : `${prefix}${below}/`),
    async abortUploads(isLeft = () => false) {
      let aborted = 0
      for await (const page of uploadsIn(requests, prefix)) {
        for (const { key, uploadId } of page) {
          if (isLeft(key.slice(prefix.length))) continue
          await abortUpload(requests, key, uploadId)
          aborted += 1
        }
      }
      return aborted
    },
    probe: async key => (await sizeOf(impatient, prefix + key)) !== undefined,
  }
}

function getWhole(requests: Requests, key: string, mostBytes: number): Promise<Buffer | undefined> {
  const does = `hand out ${key}`
  return requests
    .send({ method: 'GET', key, does }, answer => shortBody(answer, mostBytes, does))
    .catch(problem => {
      if (problem instanceof S3Problem && problem.kind === 'missing') return undefined
      throw problem
    })
}

/**
 * A bucket that keeps versions lays a marker over what is deleted, and keeps the bytes. Deleted by its number a version is gone.
 * [S3: Deleting object versions]
 */
async function erase(requests: Requests, key: string): Promise<void> {
  const keepsVersions = await remove(requests, key)
  if (!keepsVersions) return
  for (const versionId of await versionsOf(requests, key)) await remove(requests, key, versionId)
}

/** The parts of an upload that nobody finished are bytes of it as well. Some makes list none, or do not let us: theirs end by a rule of the bucket. */
async function endUploadsOf(requests: Requests, key: string): Promise<void> {
  try {
    for await (const page of uploadsIn(requests, key)) {
      for (const upload of page) if (upload.key === key) await abortUpload(requests, key, upload.uploadId)
    }
  } catch (problem) {
    if (!(problem instanceof S3Problem) || problem.kind !== 'refused') throw problem
  }
}

function remove(requests: Requests, key: string, versionId?: string): Promise<boolean> {
  const query: Record<string, string> = versionId === undefined ? {} : { versionId }
  const does = `delete ${key}`
  return requests.send({ method: 'DELETE', key, query, does, good: [200, 204, 404] }, async answer => {
    if (answer.status === 404) {
      const problem = await problemIn(answer, does)
      // Of a bucket that is not there nobody can tell what is in it.
      if (problem.kind !== 'missing') throw problem
    }
    answer.body.resume()
    return answer.headers['x-amz-version-id'] !== undefined || answer.headers['x-amz-delete-marker'] === 'true'
  })
}
