// A large object in parts, a few of them in memory: each with its SHA-256, put together when all are there, taken back when not.

import { escapeXml } from '../soap/xml.js'
import { base64Of, checkStored, type Encryption, encryptionHeaders, type SentBody, sha256Of } from './checksums.js'
import { places } from './places.js'
import { errorOf, problemOf, rootIn, S3Problem, shortBody, textOf } from './problem.js'
import { type Requests, sizeOf } from './requests.js'

export interface Upload {
  sizeBytes: number
  /** Of the whole, in hex, where it is known. */
  sha256?: string
  /** Some bytes of it; each is asked for once. They may lie in `into`, which is as long, and are not needed any more once they are sent. */
  read(position: number, length: number, into: Buffer): Promise<Buffer>
  /** It can only be read from its beginning to its end. */
  isInOrder?: boolean
  signal?: AbortSignal | undefined
}

export interface OpenUploader {
  requests: Requests
  encryption: Encryption
  partBytes: number
  /** Parts in memory, of all uploads. */
  partsAtOnce: number
}

interface Part {
  number: number
  etag: string
  sha256: string
}

/** [S3: Multipart upload limits] */
const mostParts = 10_000
const pieceBytes = 1_048_576
const mostAnswerBytes = 65_536
/** So many of one upload are under way together. */
const partsOfOne = 2

/**
 * At most `partsAtOnce` parts of `partBytes` are in memory, over all uploads together. What fails is taken back before it rejects, and where that
 * fails too it is among uploadsIn.
 */
export function uploader({ requests, encryption, partBytes, partsAtOnce }: OpenUploader) {
  const memory = places(partsAtOnce)
  /** Kept, for what is taken and given back for each part is slow to leave the process. */
  const buffers: Buffer[] = []

  /** A place for one part, and memory for it. */
  async function inMemory<Result>(length: number, work: (into: Buffer) => Promise<Result>): Promise<Result> {
    const leave = await memory.enter()
    const usual = length <= partBytes
    const into = (usual ? buffers.pop() : undefined) ?? Buffer.allocUnsafeSlow(usual ? partBytes : length)
    try {
      return await work(into)
    } finally {
      if (usual) buffers.push(into)
      leave()
    }
  }

  async function sendPart(key: string, uploadId: string, number: number, upload: Upload, length: number) {
    return inMemory(length, async into => {
      const body = await partOf(upload, { start: (number - 1) * length, length, into })
      return requests.send(
        {
          method: 'PUT',
          key,
          query: { partNumber: String(number), uploadId },
          headers: { 'x-amz-checksum-sha256': base64Of(body.sha256) },
          body,
          does: `keep part ${number} of ${key}`,
          signal: upload.signal,
        },
        async (answer): Promise<Part> => {
          answer.body.resume()
          checkStored(answer.headers, body, encryption, `part ${number} of ${key}`)
          const { etag = '' } = answer.headers
          return { number, etag, sha256: body.sha256 }
        },
      )
    })
  }

  async function sendParts(key: string, uploadId: string, upload: Upload): Promise<Part[]> {
    const length = partLength(upload.sizeBytes, partBytes)
    const count = Math.ceil(upload.sizeBytes / length)
    const parts: Part[] = []
    let next = 1
    let failed = false
    const line = async () => {
      while (next <= count && !failed) {
        const number = next++
        parts[number - 1] = await sendPart(key, uploadId, number, upload, length).catch(problem => {
          failed = true
          throw problem
        })
      }
    }
    // Nothing of it is under way any more when it has failed: only then can it be taken back whole.
    const lines = upload.isInOrder ? 1 : partsOfOne
    const ends = await Promise.allSettled(Array.from({ length: lines }, line))
    const failure = ends.find(end => end.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    return parts
  }

  async function sendWhole(key: string, upload: Upload): Promise<void> {
    const length = upload.sizeBytes
    await inMemory(length, async into => {
      const body = await partOf(upload, { start: 0, length, into })
      await putObject(requests, { key, body, encryption, signal: upload.signal })
    })
  }

  return async function send(key: string, upload: Upload): Promise<void> {
    if (upload.sizeBytes <= partBytes) return sendWhole(key, upload)
    const uploadId = await begin(requests, encryption, key)
    try {
      const parts = await sendParts(key, uploadId, upload)
      await complete(requests, { key, uploadId, parts, sizeBytes: upload.sizeBytes })
    } catch (problem) {
      // What cannot be taken back now is found at the next start.
      await abortUpload(requests, key, uploadId).catch(() => {})
      throw problem
    }
  }
}

export interface NewObject {
  key: string
  body: SentBody
  encryption: Encryption
  signal?: AbortSignal | undefined
}

/** In one request, for what is in memory anyway. Resolves when the storage has said that it has the same SHA-256. */
export function putObject(requests: Requests, { key, body, encryption, signal }: NewObject): Promise<void> {
  const headers = { ...encryptionHeaders(encryption), 'x-amz-checksum-sha256': base64Of(body.sha256) }
  return requests.send({ method: 'PUT', key, headers, body, does: `keep ${key}`, signal }, async answer => {
    answer.body.resume()
    checkStored(answer.headers, body, encryption, key)
  })
}

async function partOf(
  upload: Upload,
  { start, length, into }: { start: number; length: number; into: Buffer },
): Promise<SentBody> {
  const end = Math.min(start + length, upload.sizeBytes)
  const pieces: Buffer[] = []
  for (let position = start; position < end; position += pieceBytes) {
    const wanted = Math.min(pieceBytes, end - position)
    const piece = await upload.read(position, wanted, into.subarray(position - start, position - start + wanted))
    if (piece.length !== wanted) throw new Error(`there are fewer than the ${upload.sizeBytes} bytes to be uploaded`)
    pieces.push(piece)
  }
  // Where it is known what was received, that is what the storage has to find.
  return { pieces, sha256: (pieces.length > 0 && length >= upload.sizeBytes && upload.sha256) || sha256Of(pieces) }
}

function partLength(sizeBytes: number, partBytes: number): number {
  const needed = Math.ceil(sizeBytes / mostParts / pieceBytes) * pieceBytes
  return Math.max(partBytes, needed)
}

function begin(requests: Requests, encryption: Encryption, key: string): Promise<string> {
  return requests.send(
    {
      method: 'POST',
      key,
      query: { uploads: '' },
      headers: { ...encryptionHeaders(encryption), 'x-amz-checksum-algorithm': 'SHA256' },
      does: `begin an upload of ${key}`,
    },
    async answer => {
      const root = rootIn(await shortBody(answer, mostAnswerBytes, 'begin an upload'))
      const uploadId = root === undefined ? '' : textOf(root, 'UploadId')
      if (uploadId === '')
        throw new S3Problem('away', 'the object storage began an upload and did not say which', {
          isPassing: true,
        })
      return uploadId
    },
  )
}

async function complete(
  requests: Requests,
  { key, uploadId, parts, sizeBytes }: { key: string; uploadId: string; parts: Part[]; sizeBytes: number },
): Promise<void> {
  const body = Buffer.from(completion(parts))
  const does = `put ${key} together`
  await requests
    .send(
      { method: 'POST', key, query: { uploadId }, body: { pieces: [body], sha256: sha256Of([body]) }, does },
      async answer => {
        const root = rootIn(await shortBody(answer, mostAnswerBytes, does))
        // It may begin to answer before it knows how it ends.
        if (root?.name === 'Error') throw problemOf({ status: answer.status, ...errorOf(root) }, does)
        const found = root === undefined ? '' : textOf(root, 'ChecksumSHA256')
        if (found !== '' && found.split('-')[0] !== checksumOf(parts)) {
          throw new S3Problem('refused', `the object storage did not ${does}: its SHA-256 is ${found}`)
        }
      },
    )
    .catch(problem => {
      // Sent again after an answer that was lost: the storage knows the upload no more, for it has the object.
      if (!(problem instanceof S3Problem) || problem.code !== 'NoSuchUpload') throw problem
    })
  const found = await sizeOf(requests, key)
  if (found === sizeBytes) return
  throw new S3Problem('refused', `the object storage has ${found ?? 'none'} of the ${sizeBytes} bytes of ${key}`)
}

function completion(parts: readonly Part[]): string {
  const listed = parts.map(
    ({ number, etag, sha256 }) =>
      `<Part><ChecksumSHA256>${base64Of(sha256)}</ChecksumSHA256><ETag>${escapeXml(etag)}</ETag><PartNumber>${number}</PartNumber></Part>`,
  )
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</CompleteMultipartUpload>`
}

/** Of an object in parts: the SHA-256 of those of its parts. [S3: Checking object integrity] */
const checksumOf = (parts: readonly Part[]) =>
  base64Of(sha256Of([Buffer.concat(parts.map(({ sha256 }) => Buffer.from(sha256, 'hex')))]))

/** One that is gone already is taken back as well. */
export function abortUpload(requests: Requests, key: string, uploadId: string): Promise<void> {
  const does = `take back an upload of ${key}`
  return requests.send({ method: 'DELETE', key, query: { uploadId }, does, good: [200, 204, 404] }, async answer => {
    answer.body.resume()
  })
}
