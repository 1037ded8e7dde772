// The bytes of an object in order: ranged GETs of some megabytes, read no faster than they are asked for, and begun again
// where one has broken.
import type { Clock } from '../ports/clock.js'
import type { HttpAnswer } from '../ports/network.js'
import { S3Problem } from './problem.js'
import type { Requests } from './requests.js'

export interface ObjectReader {
  /** Up to `length` bytes from `position`, fewer only at the end. Reads that follow one another cost least. @throws S3Problem */
  read(position: number, length: number): Promise<Buffer>
  close(): void
}

export interface Downloads {
  requests: Requests
  clock: Clock
  /** For the bytes of one read, once they have begun to come. */
  patienceMs: number
}

/** So much is asked for at a time: whoever reads slowly holds a connection no longer than its silence is allowed. */
const windowBytes = 8 * 1024 * 1024
/** Connections that break while one read is under way. */
const mostBreaks = 5

export function readObject(downloads: Downloads, key: string, sizeBytes: number): ObjectReader {
  let under: Window | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let hasRead = false
  let isClosed = false

  function leave(): void {
    under?.end()
    under = undefined
  }

  async function windowAt(from: number, wanted: number): Promise<Window> {
    if (under?.position === from && under.left > 0) return under
    leave()
    // Who reads for the first time may want no more than that.
    const length = Math.min(hasRead ? Math.max(windowBytes, wanted) : wanted, sizeBytes - from)
    under = await openWindow(downloads, key, { from, length })
    return under
  }

  async function read(position: number, length: number): Promise<Buffer> {
    const into = Buffer.allocUnsafe(Math.max(0, Math.min(length, sizeBytes - position)))
    let breaks = 0
    for (let filled = 0; filled < into.length; ) {
      if (isClosed) throw new S3Problem('away', `${key} is not read any more`)
      const window = await windowAt(position + filled, into.length - filled)
      try {
        filled += await window.take(into.subarray(filled))
      } catch (problem) {
        // What is missing is asked for anew, by a request that is tried as often as any other.
        leave()
        if (breaks++ === mostBreaks) throw broken(key, problem)
      }
    }
    hasRead = true
    return into
  }

  return {
    read(position, length) {
      const result = turn.then(() => read(position, length))
      turn = result.catch(() => {})
      return result
    },
    close() {
      isClosed = true
      leave()
    },
  }
}

/** A stretch of an object, on its way. */
interface Window {
  readonly position: number
  /** Bytes of it that have not been taken. */
  readonly left: number
  /** Takes some, as many as have come and at least one. */
  take(into: Buffer): Promise<number>
  end(): void
}

function openWindow(
  { requests, clock, patienceMs }: Downloads,
  key: string,
  { from, length }: { from: number; length: number },
): Promise<Window> {
  const headers = { range: `bytes=${from}-${from + length - 1}` }
  return requests.send({ method: 'GET', key, headers, does: `hand out ${key}` }, async answer => {
    if (!isStretch(answer, from, length)) {
      answer.body.destroy()
      throw new S3Problem(
        'refused',
        `the object storage did not hand out ${key}: it sends other bytes than those asked for`,
      )
    }
    return windowOver(
      answer.body.on('error', () => {}),
      { from, length, clock, patienceMs },
    )
  })
}

function windowOver(
  body: HttpAnswer['body'],
  { from, length, clock, patienceMs }: { from: number; length: number; clock: Clock; patienceMs: number },
): Window {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let position = from
  let left = length
  let rest: Buffer = Buffer.alloc(0)

  async function more(): Promise<void> {
    // A storage that sends a byte now and then holds nobody for ever.
    const late = clock.after(patienceMs, () => body.destroy(new Error('it does not come in time')), { idle: true })
    try {
      const { value, done } = await pieces.next()
      if (done) throw new Error('it ended too early')
      rest = value
    } finally {
      late.cancel()
    }
  }

  return {
    get position() {
      return position
    },
    get left() {
      return left
    },
    async take(into) {
      if (rest.length === 0) await more()
      const taken = rest.copy(into, 0, 0, Math.min(into.length, left))
      rest = rest.subarray(taken)
      position += taken
      left -= taken
      // The end of the answer gives the connection back to the others.
      if (left === 0) await pieces.next().catch(() => {})
      return taken
    },
    end() {
      if (left > 0) body.destroy()
    },
  }
}

/** A storage that does not know of ranges may still send the whole where the whole was asked for. */
function isStretch({ status, headers }: HttpAnswer, from: number, length: number): boolean {
  const isLong = headers['content-length'] === undefined || Number(headers['content-length']) === length
  if (status === 206)
    return isLong && (headers['content-range'] ?? '').startsWith(`bytes ${from}-${from + length - 1}/`)
  return from === 0 && headers['content-length'] === String(length)
}

function broken(key: string, cause: unknown): S3Problem {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new S3Problem('away', `the object storage did not hand out ${key}: ${why}`, { code: 'ECONNRESET', cause })
}
