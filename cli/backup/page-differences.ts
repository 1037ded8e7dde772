// What a file of pages needs to be made of a later one: its size, then each page that the later one has otherwise, with its number.
import { type Pieces, spansOf } from './spans.js'

/** Of SQLite; other files are compared in pieces of as many bytes. */
export const pageBytes = 4_096
const spanPages = 256
const spanBytes = pageBytes * spanPages
const numberBytes = 4
const headBytes = 8

/** `earlier` as a difference from `later`. */
export async function* differenceOf(earlier: Pieces, later: Pieces, sizeBytes: number): AsyncGenerator<Buffer> {
  const head = Buffer.alloc(headBytes)
  head.writeBigUInt64BE(BigInt(sizeBytes))
  yield head
  const others = spansOf(later, spanBytes)
  try {
    let first = 0
    for await (const span of spansOf(earlier, spanBytes)) {
      const other = (await others.next()).value
      for (let at = 0; at < span.length; at += pageBytes) {
        const page = span.subarray(at, at + pageBytes)
        if (other?.subarray(at, at + pageBytes).equals(page) === true) continue
        const number = Buffer.alloc(numberBytes)
        number.writeUInt32BE(first + at / pageBytes)
        yield Buffer.concat([number, page])
      }
      first += spanPages
    }
  } finally {
    await others.return(undefined)
  }
}

/** The earlier file, made of the later one. @throws Error where the difference cannot be one. */
export async function* patched(later: Pieces, difference: Pieces): AsyncGenerator<Buffer> {
  const bytes = readerOf(difference)
  const others = spansOf(later, spanBytes)
  try {
    const sizeBytes = Number((await bytes.take(headBytes)).readBigUInt64BE())
    let next = await bytes.number()
    for (let start = 0; start < sizeBytes; start += spanBytes) {
      const span = Buffer.alloc(Math.min(spanBytes, sizeBytes - start))
      const other = (await others.next()).value
      other?.copy(span)
      for (let at = next === undefined ? -1 : next * pageBytes - start; at >= 0 && at < span.length; ) {
        const page = await bytes.take(Math.min(pageBytes, span.length - at))
        page.copy(span, at)
        next = await bytes.number()
        at = next === undefined ? -1 : next * pageBytes - start
      }
      yield span
    }
    if (next !== undefined) throw new Error('the difference has pages beyond its end')
  } finally {
    await others.return(undefined)
    await bytes.close()
  }
}

function readerOf(pieces: Pieces) {
  const source = spansOf(pieces, spanBytes)
  let held: Buffer = Buffer.alloc(0)
  async function fill(length: number): Promise<void> {
    while (held.length < length) {
      const { value, done } = await source.next()
      if (done === true) return
      held = held.length === 0 ? value : Buffer.concat([held, value])
    }
  }
  async function take(length: number): Promise<Buffer> {
    await fill(length)
    if (held.length < length) throw new Error('the difference ends in the middle')
    const taken = held.subarray(0, length)
    held = held.subarray(length)
    return taken
  }
  let last = -1
  return {
    take,
    /** Of the next page; undefined at the end. */
    async number(): Promise<number | undefined> {
      await fill(numberBytes)
      if (held.length === 0) return undefined
      const number = (await take(numberBytes)).readUInt32BE()
      if (number <= last) throw new Error('the pages of the difference are not in order')
      last = number
      return number
    },
    close: async () => void (await source.return(undefined)),
  }
}
