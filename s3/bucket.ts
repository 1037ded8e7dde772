// What is done with the objects of one bucket below one prefix. Keys are given without the prefix.
import { base64Of, checkStored, type Encryption, encryptionHeaders, sha256Of } from './checksums.js'
import { type ObjectReader, readObject } from './download.js'
import { objectsIn, type StoredObject, uploadsIn, versionsOf } from './listing.js'
import { S3Problem, shortBody } from './problem.js'
import { type OpenRequests, openRequests, type Requests, sizeOf } from './requests.js'
import { abortUpload, type Upload, uploader } from './upload.js'

export interface Bucket {
  /** Some bytes as one object, durable when this resolves. Bytes that were there under the key are no more. */
  put(key: string, bytes: Buffer, sha256?: string): Promise<void>
  /** As many bytes as there are, in parts, with a bounded number of them in memory. */
  upload(key: string, upload: Upload): Promise<void>
  /** The whole of a short object; undefined when there is none. */
  get(key: string, mostBytes: number): Promise<Buffer | undefined>
  /** To be closed. What is not there shows when it is read: an S3Problem of the kind `missing`. */
  open(key: string, sizeBytes: number): ObjectReader
  sizeBytes(key: string): Promise<number | undefined>
  /** With all its versions where the bucket keeps versions; one that is not there is no error. */
  erase(key: string): Promise<void>
  /** All below the prefix, a page at a time. */
  objects(): AsyncIterable<StoredObject[]>
  /** Ends what was begun to be uploaded below the prefix and not finished; the number. */
  abortUploads(): Promise<number>
  /** Whether the storage answers us, found out by one short try. @throws S3Problem */
  probe(key: string): Promise<void>
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
const defaultPartsAtOnce = 4
/** How long somebody waits who only wants to know whether it answers. */
const probeMs = 2_000

export function openBucket(options: OpenBucket): Bucket {
  const { encryption, clock, patienceMs, partBytes = defaultPartBytes, partsAtOnce = defaultPartsAtOnce } = options
  const requests = openRequests(options)
  const impatient = openRequests({ ...options, timeoutMs: probeMs, patienceMs: probeMs })
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`
  const upload = uploader({ requests, encryption, partBytes, partsAtOnce })

  return {
    put: (key, bytes, sha256 = sha256Of([bytes])) => put(requests, { key: prefix + key, bytes, sha256, encryption }),
    upload: (key, what) => upload(prefix + key, what),
    get: (key, mostBytes) => getWhole(requests, prefix + key, mostBytes),
    open: (key, sizeBytes) => readObject({ requests, clock, patienceMs }, prefix + key, sizeBytes),
    sizeBytes: key => sizeOf(requests, prefix + key),
    erase: key => erase(requests, prefix + key),
    objects: () => objectsIn(requests, prefix),
    async abortUploads() {
      let aborted = 0
      for await (const page of uploadsIn(requests, prefix)) {
        for (const { key, uploadId } of page) await abortUpload(requests, key, uploadId)
        aborted += page.length
      }
      return aborted
    },
    probe: async key => void (await sizeOf(impatient, prefix + key)),
  }
}

function put(
  requests: Requests,
  { key, bytes, sha256, encryption }: { key: string; bytes: Buffer; sha256: string; encryption: Encryption },
): Promise<void> {
  const body = { pieces: [bytes], sha256 }
  const headers = { ...encryptionHeaders(encryption), 'x-amz-checksum-sha256': base64Of(sha256) }
  return requests.send({ method: 'PUT', key, headers, body, does: `keep ${key}` }, async answer => {
    answer.body.resume()
    checkStored(answer.headers, body, encryption, key)
  })
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

function remove(requests: Requests, key: string, versionId?: string): Promise<boolean> {
  const query: Record<string, string> = versionId === undefined ? {} : { versionId }
  return requests.send({ method: 'DELETE', key, query, does: `delete ${key}`, good: [200, 204, 404] }, async answer => {
    answer.body.resume()
    return answer.headers['x-amz-version-id'] !== undefined || answer.headers['x-amz-delete-marker'] === 'true'
  })
}
