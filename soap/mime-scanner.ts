// A multipart body as it arrives: the headers of a part, its bytes, its end; one chunk in memory at a time. [RFC 2046: 5.1]
import { senderFault } from './fault.js'

export type MimeEvent =
  /** A part begins: its header lines, unfolded. */
  | { kind: 'part'; headers: string[] }
  /** Some bytes of that part; `last` ends it. */
  | { kind: 'bytes'; bytes: Buffer; last: boolean }

/** Asked, not iterated: a generator that is made for each message leaves a prototype and a shape in the old generation (0190). */
export interface MimeScanner {
  /** Some more bytes, when the ones before have told all they could. */
  write(chunk: Buffer): void
  /** No bytes come any more. */
  end(): void
  /** What can be told next with the bytes that are there. @throws SoapFault, also when at the end the final delimiter has not come. */
  next(): MimeEvent | undefined
}

/** Bytes of the headers of one part, or before the first part. */
const headerBytes = 16_384
/** Bytes after the last part. */
const epilogueBytes = 1_048_576
/** Bytes that may follow the boundary in its line. */
const paddingBytes = 128

const nothing = Buffer.alloc(0)

/** What a state makes of the bytes before it; it stays `hungry` when they tell nothing further. */
interface Step {
  used: number
  event?: MimeEvent
  hungry?: boolean
}

/** `boundary` as the Content-Type names it, without the hyphens. Each bound is a SoapFault (Sender). */
export function mimeScanner(boundary: string): MimeScanner {
  const dashBoundary = Buffer.from(`--${boundary}`, 'latin1')
  const noBoundary = `the boundary ${boundary} that the Content-Type names does not occur in the multipart body`
  // The first delimiter line tells how lines end. In a message of CRLF lines a lone LF before something like a boundary is
  // data; in one of LF lines there is no CRLF to wait for.
  let lineBreak = nothing
  let delimiter = nothing
  let state: (bytes: Buffer) => Step = preamble
  /** What has told nothing yet. */
  let rest: Buffer = nothing
  let isEnded = false
  let counted = 0
  let headers: string[] = []
  let parts = 0
  /** Length of the line break that ended the headers: no data itself, but it may begin the delimiter of an empty part. */
  let beforeData = 0

  function preamble(bytes: Buffer): Step {
    const line = nextLine(bytes, `${noBoundary}, at least in its first ${headerBytes} bytes`)
    if (line === undefined) return { used: 0, hungry: true }
    const ending = line.subarray(0, dashBoundary.length).equals(dashBoundary)
      ? lineEnding(line, dashBoundary.length)
      : undefined
    if (ending?.kind === 'final') throw senderFault('the multipart body has no part')
    if (ending?.kind === 'next') {
      lineBreak = Buffer.from(line.at(-2) === 0x0d ? '\r\n' : '\n')
      delimiter = Buffer.concat([lineBreak, dashBoundary])
      beginHeaders()
    }
    return { used: line.length }
  }

  function beginHeaders(): void {
    state = partHeaders
    headers = []
    counted = 0
  }

  function partHeaders(bytes: Buffer): Step {
    const line = nextLine(bytes, `the headers of part ${parts + 1} are longer than ${headerBytes} bytes`)
    if (line === undefined) return { used: 0, hungry: true }
    const text = line.toString('latin1').replace(/\r?\n$/, '')
    if (text !== '') {
      if (/^[ \t]/.test(text) && headers.length > 0) headers.push(`${headers.pop()} ${text.trim()}`)
      else headers.push(text)
      return { used: line.length }
    }
    parts += 1
    state = body
    beforeData = line.equals(lineBreak) ? lineBreak.length : 0
    return { used: line.length - beforeData, event: { kind: 'part', headers } }
  }

  /** The next whole line with its end, or undefined until it is there. */
  function nextLine(bytes: Buffer, tooLong: string): Buffer | undefined {
    const end = bytes.indexOf(0x0a) + 1
    if (counted + (end === 0 ? bytes.length : end) > headerBytes) throw senderFault(tooLong)
    if (end === 0) return undefined
    counted += end
    return bytes.subarray(0, end)
  }

  function body(bytes: Buffer): Step {
    for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
      const ending = lineEnding(bytes, at + delimiter.length)
      if (ending.kind === 'unknown') return someBytes(bytes, at)
      if (ending.kind === 'data') continue
      if (ending.kind === 'next') beginHeaders()
      else state = epilogue
      return { used: ending.end, event: { kind: 'bytes', bytes: bytes.subarray(beforeData, at), last: true } }
    }
    return someBytes(bytes, startOfDelimiter(bytes))
  }

  /** Gives the first `count` bytes away and keeps the rest, which may be a delimiter. */
  function someBytes(bytes: Buffer, count: number): Step {
    if (count <= beforeData) return { used: 0, hungry: true }
    const event: MimeEvent = { kind: 'bytes', bytes: bytes.subarray(beforeData, count), last: false }
    beforeData = 0
    return { used: count, event, hungry: true }
  }

  /** Where a delimiter may begin of which the end has not come. */
  function startOfDelimiter(bytes: Buffer): number {
    const tail = Math.max(0, bytes.length - delimiter.length + 1)
    const at = bytes.subarray(tail).lastIndexOf(delimiter[0] as number) + tail
    return at >= tail && bytes.subarray(at).equals(delimiter.subarray(0, bytes.length - at)) ? at : bytes.length
  }

  function epilogue(bytes: Buffer): Step {
    counted += bytes.length
    if (counted > epilogueBytes) throw senderFault(`more than ${epilogueBytes} bytes follow the last part`)
    return { used: bytes.length, hungry: true }
  }

  function next(): MimeEvent | undefined {
    while (rest.length > 0) {
      const step = state(rest)
      rest = rest.subarray(step.used)
      if (step.event !== undefined) return step.event
      if (step.hungry === true) break
    }
    // The memory that the bytes came in is used again.
    rest = rest.length === 0 ? nothing : Buffer.from(rest)
    if (isEnded && state !== epilogue) throw incomplete()
    return undefined
  }

  function incomplete(): Error {
    return senderFault(
      state === preamble
        ? noBoundary
        : `the multipart body ends in the middle of part ${Math.max(1, parts)}, without its final boundary`,
    )
  }

  return {
    write(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    },
    end() {
      // The line of the final delimiter may lack its end.
      this.write(Buffer.from('\n'))
      isEnded = true
    },
    next,
  }
}

/** How the line of a boundary goes on after it; anything but blanks or `--` makes it data that only begins like one. */
function lineEnding(
  bytes: Buffer,
  from: number,
): { kind: 'next' | 'final'; end: number } | { kind: 'data' } | { kind: 'unknown' } {
  const line = bytes.toString('latin1', from, from + paddingBytes)
  const whole = /^(--)?[ \t]*\r?\n/.exec(line)
  if (whole !== null) return { kind: whole[1] === undefined ? 'next' : 'final', end: from + whole[0].length }
  return line.length < paddingBytes && /^-?$|^(--)?[ \t]*\r?$/.test(line) ? { kind: 'unknown' } : { kind: 'data' }
}
