// Syslog frames on a TLS connection: octet counting as RFC 5425 asks, and what arrives instead. Whatever comes is kept.

export interface Frame {
  /** The syslog message; where its bounds are not sure, all bytes up to the next beginning. */
  bytes: Buffer
  /** What was wrong with the framing, in words. */
  problem?: string
}

/** `MSG-LEN SP SYSLOG-MSG` [RFC 5425 §4.3] */
export function framed(message: Uint8Array): Uint8Array[] {
  return [Buffer.from(`${message.byteLength} `), message]
}

export interface FrameReader {
  /** The frames that these bytes complete. */
  read(chunk: Buffer): Frame[]
  /** The sender has paused: what is whole without a count is handed out. */
  paused(): Frame[]
  /** The sender has gone: what was begun is handed out as it is. */
  end(): Frame[]
  readonly heldBytes: number
}

/**
 * Takes octet-counted frames. A message that begins with `<` instead of a count ends where a line feed and the next
 * beginning follow (RFC 6587 §3.4.2, messages of several lines included). Anything else, a count beyond the bound
 * included, ends where something begins that looks like a frame, so that one wrong count does not spoil the connection.
 */
export function frameReader({ maxMessageBytes }: { maxMessageBytes: number }): FrameReader {
  let state: Reading = beginning()
  const bound = maxMessageBytes

  function read(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    let rest: Buffer | undefined = chunk
    while (rest !== undefined && rest.length > 0) rest = step(rest, frames)
    return frames
  }

  function step(bytes: Buffer, frames: Frame[]): Buffer | undefined {
    if (state.kind === 'beginning') return begin(bytes)
    return state.kind === 'counted' ? counted(state, bytes, frames) : loose(state, bytes, frames)
  }

  function begin(bytes: Buffer): Buffer | undefined {
    const head: Buffer = state.held.length === 0 ? bytes : Buffer.concat([...state.held, bytes])
    const start = skipBlanks(head)
    const seen = head.toString('latin1', start, start + mostCountDigits + 1)
    const count = /^(\d+) /.exec(seen)
    if (count !== null && Number(count[1]) <= bound) {
      const expected = Number(count[1])
      state = expected === 0 ? beginning() : { kind: 'counted', held: [], heldBytes: 0, expected }
      return head.subarray(start + count[0].length)
    }
    if (/^\d*$/.test(seen) && seen.length <= mostCountDigits) {
      state = { ...beginning(), held: seen === '' ? [] : [head.subarray(start)], heldBytes: seen.length }
      return undefined
    }
    state = { kind: 'loose', held: [], heldBytes: 0, tail: '', problem: looseProblem(seen, bound) }
    return head.subarray(start)
  }

  function counted(now: Counted, bytes: Buffer, frames: Frame[]): Buffer | undefined {
    const missing = now.expected - now.heldBytes
    hold(now, bytes.subarray(0, missing), bound)
    if (bytes.length < missing) return undefined
    frames.push({ bytes: joined(now.held) })
    state = beginning()
    return bytes.subarray(missing)
  }

  function loose(now: Loose, bytes: Buffer, frames: Frame[]): Buffer | undefined {
    const searched = now.tail + bytes.toString('latin1')
    const next = nextBeginning(searched)
    if (next === undefined) {
      now.tail = searched.slice(-mostBeginning)
      hold(now, bytes, bound)
      return undefined
    }
    const cut = next - now.tail.length
    if (cut < 0) return stepBack(now, -cut, bytes, frames)
    hold(now, bytes.subarray(0, cut), bound)
    frames.push(...finished(now, bound))
    state = beginning()
    return bytes.subarray(cut)
  }

  /** The next beginning lies within bytes that are held already. */
  function stepBack(now: Loose, back: number, bytes: Buffer, frames: Frame[]): Buffer {
    const again = Buffer.concat([Buffer.from(now.tail.slice(-back), 'latin1'), bytes])
    now.heldBytes -= back
    now.held = [joined(now.held).subarray(0, now.heldBytes)]
    frames.push(...finished(now, bound))
    state = beginning()
    return again
  }

  return {
    read,
    paused() {
      if (state.kind !== 'loose' || (state.problem === undefined && !endOfMessage.test(state.tail))) return []
      const frames = finished(state, bound)
      state = beginning()
      return frames
    },
    end() {
      const last = state
      state = beginning()
      if (last.kind === 'loose') return finished(last, bound)
      if (last.kind === 'beginning') {
        return last.heldBytes === 0
          ? []
          : [{ bytes: joined(last.held), problem: 'the connection ended within a count' }]
      }
      const problem = `the connection ended after ${last.heldBytes} of ${last.expected} bytes`
      return [{ bytes: joined(last.held), problem }]
    },
    get heldBytes() {
      return state.heldBytes
    },
  }
}

interface Held {
  held: Buffer[]
  /** All bytes of the frame so far; more than `held` has where the bound was reached. */
  heldBytes: number
}
interface Beginning extends Held {
  kind: 'beginning'
}
interface Counted extends Held {
  kind: 'counted'
  expected: number
}
interface Loose extends Held {
  kind: 'loose'
  /** The last bytes, in which the next beginning may have begun. */
  tail: string
  problem: string | undefined
}
type Reading = Beginning | Counted | Loose

const mostCountDigits = 10
/** Length of the longest thing that `nextBeginning` looks for. */
const mostBeginning = 20

function beginning(): Beginning {
  return { kind: 'beginning', held: [], heldBytes: 0 }
}

/** Between frames some senders put line feeds or a NUL. */
function skipBlanks(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length && blanks.has(bytes[at]!)) at += 1
  return at
}
const blanks = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20])

function looseProblem(seen: string, bound: number): string | undefined {
  if (seen.startsWith('<')) return undefined
  if (/^\d+ /.test(seen)) return `the count is more than ${bound} bytes`
  return 'there is no octet count before the message'
}

// A line feed and a priority or a count; or a count and the whole beginning of a header, even without a line feed:
// neither stands within XML.
// (Some senders end messages with NUL.)
const startOfNext = /[\n\0](?=<\d{1,3}>|\d{1,9} <\d{1,3}>)|(?<![\d-])\d{1,9} <\d{1,3}>1 /g

/** Some senders end messages with nothing at all. */
const endOfMessage = /(?:[\n\0]|AuditMessage>)$/

// Never at the first byte: that one belongs to the frame which has begun, or was searched with the bytes before it.
function nextBeginning(text: string): number | undefined {
  startOfNext.lastIndex = 1
  return startOfNext.exec(text)?.index
}

function hold(state: Held, bytes: Buffer, bound: number): void {
  const kept = Math.max(0, Math.min(bytes.length, bound - state.heldBytes))
  if (kept > 0) state.held.push(bytes.subarray(0, kept))
  state.heldBytes += bytes.length
}

function finished({ held, heldBytes, problem }: Loose, bound: number): Frame[] {
  const bytes = withoutLineEnd(joined(held))
  if (bytes.length === 0) return []
  if (heldBytes > bound) return [{ bytes, problem: `cut at ${bound} of ${heldBytes} bytes` }]
  return [problem === undefined ? { bytes } : { bytes, problem }]
}

function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && blanks.has(bytes[end - 1]!)) end -= 1
  return bytes.subarray(0, end)
}

function joined(pieces: Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}
