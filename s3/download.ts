// The bytes of an object in order: ranged GETs of some megabytes, read no faster than they are asked for, and begun again
// where one has broken.
import type { Clock } from '../ports/clock.js'
import type { HttpAnswer } from '../ports/network.js'
import { S3Problem } from './problem.js'
import type { Requests } from './requests.js'

export interface ObjectReader {
  readonly sizeBytes: number
  /**
   * Up to `length` bytes from `position`, fewer only at the end, in `into` where it is given, which is as long. Reads that follow one
   * another cost least. @throws S3Problem
   */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>
  close(): void
}

export interface Downloads {
  requests: Requests
  clock: Clock
  /** For the bytes of one read, once they have begun to come. */
  patienceMs: number
}

export interface Stretch {
  from: number
  length: number
}

/** So much is asked for at a time: whoever reads slowly holds a connection no longer than its silence is allowed. */
const windowBytes = 8 * 1024 * 1024
/** Connections that break while one read is under way. */
const mostBreaks = 5

/** Asks for the stretch that is read first; undefined when there is no such object. */
export async function openObject(downloads: Downloads, key: string, first: Stretch): Promise<ObjectReader | undefined> {
  const begun = await openWindow(downloads, key, first).catch(problem => {
    if (problem instanceof S3Problem && problem.kind === 'missing') return undefined
    throw problem
  })
  return begun && readerOver(downloads, key, begun)
}

function readerOver(downloads: Downloads, key: string, begun: Window): ObjectReader {
  const { sizeBytes } = begun
  let under: Window | undefined = begun
  let turn: Promise<unknown> = Promise.resolve()
  let isClosed = false

  function leave(): void {
    under?.end()
    under = undefined
  }

  async function windowAt(from: number, wanted: number): Promise<Window> {
    if (under?.position === from && under.left > 0) return under
    leave()
    const length = Math.min(Math.max(windowBytes, wanted), sizeBytes - from)
    under = await openWindow(downloads, key, { from, length })
    return under
  }

  async function read(position: number, atMost: number, memory?: Buffer): Promise<Buffer> {
    const length = Math.max(0, Math.min(atMost, sizeBytes - position))
    const into = memory?.subarray(0, length) ?? Buffer.allocUnsafe(length)
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
    return into
  }

  return {
    sizeBytes,
    read(position, length, into) {
      const result = turn.then(() => read(position, length, into))
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
  /** Of the whole object. */
  readonly sizeBytes: number
  readonly position: number
  /** Bytes of it that have not been taken. */
  readonly left: number
  /** Takes some, as many as have come and at least one. */
  take(into: Buffer): Promise<number>
  end(): void
}

function openWindow({ requests, clock, patienceMs }: Downloads, key: string, stretch: Stretch): Promise<Window> {
  const { from, length } = stretch
  const headers = { range: `bytes=${from}-${from + length - 1}` }
  return requests.send(
    { method: 'GET', key, headers, does: `hand out ${key}`, good: [200, 206, 416] },
    async answer => {
      const found = stretchIn(answer, stretch)
      if (found === undefined) {
        answer.body.destroy()
        throw new S3Problem(
          'refused',
          `the object storage did not hand out ${key}: it sends other bytes than those asked for`,
        )
      }
      if (found.length === 0) answer.body.resume()
      return windowOver(
        answer.body.on('error', () => {}),
        { from, ...found, clock, patienceMs },
      )
    },
  )
}

function windowOver(
  body: HttpAnswer['body'],
  { from, length, sizeBytes, clock, patienceMs }: Stretch & { sizeBytes: number } & Omit<Downloads, 'requests'>,
): Window {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
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

  const window: Window & { position: number; left: number } = {
    sizeBytes,
    position: from,
    left: length,
    async take(into) {
      if (rest.length === 0) await more()
      const taken = rest.copy(into, 0, 0, Math.min(into.length, window.left))
      rest = rest.subarray(taken)
      window.position += taken
      window.left -= taken
      // The end of the answer gives the connection back to the others.
      if (window.left === 0) await pieces.next().catch(() => {})
      return taken
    },
    end() {
      if (window.left > 0) body.destroy()
    },
  }
  return window
}

/** How much comes of what was asked for, and of how much; undefined when it is something else. */
function stretchIn({ status, headers }: HttpAnswer, { from, length }: Stretch) {
  const declared = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (status === 416) {
    const total = Number(/^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? (from === 0 ? 0 : Number.NaN))
    return total <= from ? { length: 0, sizeBytes: total } : undefined
  }
  // A storage that does not know of ranges may still send the whole where the whole was asked for.
  if (status === 200) {
    return from === 0 && declared !== undefined && declared <= length
      ? { length: declared, sizeBytes: declared }
      : undefined
  }
  const [, begin, end, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? []).map(Number)
  if (begin !== from || end === undefined || total === undefined) return undefined
  const isRight = end + 1 === Math.min(from + length, total) && (declared ?? end + 1 - from) === end + 1 - from
  return isRight ? { length: end + 1 - from, sizeBytes: total } : undefined
}

function broken(key: string, cause: unknown): S3Problem {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new S3Problem('away', `the object storage did not hand out ${key}: ${why}`, { code: 'ECONNRESET', cause })
}
