// One request to an object storage: signed, bounded in time, sent again while that may help. All that is sent is safe to
// send twice, for keys are made of our own ids and never used for two contents.
import { createHash } from 'node:crypto'
import type { Clock } from '../ports/clock.js'
import type { HttpAnswer, HttpCall, HttpClient } from '../ports/network.js'
import type { Randomness } from '../ports/randomness.js'
import type { CredentialsFile } from './credentials.js'
import { assertStorage, credentialCodes, problemIn, S3Problem } from './problem.js'
import { encoded, encodedQuery, signer } from './signature.js'

export interface S3Request {
  method: HttpCall['method']
  /** Without bucket; that of the bucket itself when empty. */
  key: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: { pieces: readonly Buffer[]; sha256: string }
  /** In words, behind "did not": `keep document …`. */
  does: string
  /** Statuses that are no problem; 200 to 299 without it. */
  good?: readonly number[]
  signal?: AbortSignal | undefined
}

/** Of one bucket. `read` has the answer's body to itself and takes all of it, or resumes it. */
export interface Requests {
  /** Reads each answer by `read`; what that throws as S3Problem that passes, or a broken connection, is tried again. @throws S3Problem */
  send<Result>(request: S3Request, read: (answer: HttpAnswer) => Promise<Result>): Promise<Result>
}

export interface OpenRequests {
  /** `https://host[:port]` */
  endpoint: string
  bucket: string
  region: string
  /** Whether the bucket stands in the path, and not in the name of the host. */
  pathStyle: boolean
  credentials: CredentialsFile
  client: HttpClient
  clock: Clock
  randomness: Randomness
  /** Silence of the storage. */
  timeoutMs: number
  /** For all tries of one request together. */
  patienceMs: number
}

const mostTries = 6
const firstPauseMs = 100
const longestPauseMs = 5_000
const emptySha256 = createHash('sha256').digest('hex')

/**
 * A request is sent again, six times at most and with growing pauses, while its problem is a passing one and `patienceMs` are not over. Where the
 * storage complains of our clock, requests are signed by the storage's from then on.
 */
export function openRequests(options: OpenRequests): Requests {
  const { endpoint, bucket, pathStyle, credentials, client, clock, randomness, timeoutMs, patienceMs } = options
  const sign = signer(options.region)
  const { protocol, host: name } = new URL(endpoint)
  const host = pathStyle ? name : `${bucket}.${name}`
  /** What its clock is ahead of ours, once it has complained of that. */
  let aheadMs = 0

  async function once<Result>(
    request: S3Request,
    read: (answer: HttpAnswer) => Promise<Result>,
    leftMs: number,
  ): Promise<Result> {
    const { method, key, query = {}, headers = {}, body, does } = request
    const path = `${pathStyle ? `/${bucket}` : ''}/${key.split('/').map(encoded).join('/')}`
    const unsigned = { method, host, path, query, headers, bodySha256: body?.sha256 ?? emptySha256 }
    const signed = sign(unsigned, await credentials.current(), clock.now() + aheadMs)
    const ending = new AbortController()
    const end = () => ending.abort()
    if (request.signal?.aborted) end()
    request.signal?.addEventListener('abort', end)
    // A storage that sends a byte now and then holds nobody for ever.
    const deadline = clock.after(leftMs, end, { idle: true })
    try {
      const search = encodedQuery(query)
      const answer = await client.call({
        url: `${protocol}//${host}${path}${search === '' ? '' : `?${search}`}`,
        method,
        headers: {
          ...signed,
          ...(body !== undefined || method === 'PUT' || method === 'POST'
            ? { 'content-length': String(lengthOf(body)) }
            : {}),
        },
        body: body?.pieces,
        timeoutMs,
        signal: ending.signal,
      })
      if (!(request.good?.includes(answer.status) ?? (answer.status >= 200 && answer.status < 300))) {
        const problem = await problemIn(answer, does)
        if (problem.code === 'RequestTimeTooSkewed') aheadMs = aheadOf(answer, clock)
        throw problem
      }
      assertStorage(answer, request)
      return await read(answer)
    } catch (problem) {
      // Whatever of it is still under way ends here.
      ending.abort()
      throw asProblem(problem, does)
    } finally {
      deadline.cancel()
      request.signal?.removeEventListener('abort', end)
    }
  }

  return {
    async send(request, read) {
      const lateMs = clock.monotonicMs() + patienceMs
      let reread = false
      for (let tries = 1; ; tries++) {
        try {
          return await once(request, read, Math.max(1, lateMs - clock.monotonicMs()))
        } catch (problem) {
          if (!(problem instanceof S3Problem) || request.signal?.aborted) throw problem
          // Not every make says by its code that it does not know them: the next request has those that are in the file by then.
          if (problem.kind === 'refused') credentials.forget()
          const mayBeOld: boolean = credentialCodes.includes(problem.code) && !reread
          reread ||= mayBeOld
          const pauseMs = pauseBefore(tries + 1, randomness)
          const isLate = clock.monotonicMs() + pauseMs >= lateMs
          if (!(problem.isPassing || mayBeOld) || tries === mostTries || isLate) throw problem
          await clock.sleep(pauseMs, { signal: request.signal }).catch(() => {
            throw problem
          })
        }
      }
    },
  }
}

/** Undefined when there is no such object. @throws S3Problem also where the whole bucket is not there */
export async function sizeOf(requests: Requests, key: string): Promise<number | undefined> {
  return (await headOf(requests, key))?.sizeBytes
}

/** By the storage's clock, in whole seconds; undefined also where the storage does not say it. @throws S3Problem as sizeOf */
export async function modifiedOf(requests: Requests, key: string): Promise<number | undefined> {
  return (await headOf(requests, key))?.modifiedMs
}

/** As headers and lists write it; undefined where that is no instant. */
export function instantIn(text: string | undefined): number | undefined {
  const instant = Date.parse(text ?? '')
  return Number.isNaN(instant) ? undefined : instant
}

interface Head {
  sizeBytes: number
  modifiedMs: number | undefined
}

async function headOf(requests: Requests, key: string): Promise<Head | undefined> {
  const head = await sentHead(requests, key)
  if (head === undefined) await assertBucket(requests, key)
  return head
}

/** A HEAD is answered alike where an object is not there and where its bucket is not: a GET says which. */
async function assertBucket(requests: Requests, key: string): Promise<void> {
  const headers = { range: 'bytes=0-0' }
  await requests
    .send({ method: 'GET', key, headers, does: `look at ${key}`, good: [200, 206, 416] }, async answer => {
      // It has come meanwhile.
      answer.body.destroy()
    })
    .catch(problem => {
      if (!(problem instanceof S3Problem) || problem.kind !== 'missing') throw problem
    })
}

function sentHead(requests: Requests, key: string): Promise<Head | undefined> {
  return requests.send({ method: 'HEAD', key, does: `look at ${key}`, good: [200, 404] }, async answer => {
    answer.body.resume()
    if (answer.status === 404) return undefined
    const length = answer.headers['content-length'] ?? ''
    if (!/^\d+$/.test(length)) throw new S3Problem('refused', `the object storage does not say how long ${key} is`)
    return { sizeBytes: Number(length), modifiedMs: instantIn(answer.headers['last-modified']) }
  })
}

/** Longer each time, and never the same for all who wait. */
function pauseBefore(tries: number, randomness: Randomness): number {
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 2))
  return most * (0.5 + randomness.bytes(4).readUInt32LE() / 2 ** 33)
}

const lengthOf = (body: S3Request['body']) => (body?.pieces ?? []).reduce((sum, { length }) => sum + length, 0)

function aheadOf({ headers }: HttpAnswer, clock: Clock): number {
  const theirs = Date.parse(headers.date ?? '')
  return Number.isNaN(theirs) ? 0 : theirs - clock.now()
}

const words: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was closed on its side',
  ETIMEDOUT: 'it does not answer in time',
  ABORT_ERR: 'it does not answer in time',
}

/** A certificate that is not trusted does not become so by trying again; connections break and come back. */
function asProblem(problem: unknown, does: string): unknown {
  const { code, message } = problem as NodeJS.ErrnoException
  if (problem instanceof S3Problem || code === undefined) return problem
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)
  const why = words[code] ?? message
  return new S3Problem('away', `the object storage did not ${does}: ${why}`, {
    code,
    isPassing: !isTrust,
    cause: problem,
  })
}
