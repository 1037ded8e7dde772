// Minimal Lower Layer Protocol: where a message begins and ends on a connection. HL7 v2.5.1 Appendix C, ITI TF-2 Appendix C.2.1.

const startBlock = 0x0b
const endBlock = 0x1c
const carriageReturn = 0x0d

export interface MllpFrame {
  bytes: Buffer
  /** Why it can be no whole message, in words. */
  problem?: string
  /** [HL7 table 0357] Without it a segment sequence error: what should have followed is missing. */
  condition?: '104'
  /** Nothing that follows on this connection can be relied on. */
  last?: true
  /** The rest of the message has gone by: its sender waits for the answer. */
  ended?: true
}

export interface MllpReader {
  /** The frames that these bytes end. */
  read(chunk: Buffer): MllpFrame[]
  /** What has come of the message that has begun, for whoever will not wait for its end. */
  abandon(problem: string): MllpFrame
  /** Bytes of the message that has begun; undefined between messages. */
  readonly heldBytes: number | undefined
}

/** What stands between messages and is none is passed over, up to here. */
const mostStrayBytes = 4_096
const leastRoom = 2_048

/**
 * A message ends with the end block; senders that leave out the carriage return behind it are borne. A start block within
 * a message shows that its end is missing.
 */
export function mllpReader({ maxMessageBytes }: { maxMessageBytes: number }): MllpReader {
  let held: Buffer | undefined
  let heldBytes = 0
  let strayBytes = 0

  function outside(chunk: Buffer, at: number, frames: MllpFrame[]): number {
    const start = chunk.indexOf(startBlock, at)
    const end = start < 0 ? chunk.length : start
    for (let each = at; each < end; each++) if (!isBlank(chunk[each])) strayBytes += 1
    if (strayBytes > mostStrayBytes) {
      frames.push({ bytes: Buffer.alloc(0), problem: 'what is sent here is not MLLP', last: true })
      return chunk.length
    }
    if (start < 0) return chunk.length
    held = Buffer.allocUnsafe(leastRoom)
    heldBytes = 0
    strayBytes = 0
    return start + 1
  }

  function inside(chunk: Buffer, at: number, frames: MllpFrame[]): number {
    const end = nextMark(chunk, at)
    const piece = chunk.subarray(at, end)
    if (heldBytes + piece.length > maxMessageBytes) {
      hold(piece.subarray(0, maxMessageBytes - heldBytes))
      const problem = `a message may have ${maxMessageBytes} bytes`
      const ended = end < chunk.length ? { ended: true as const } : {}
      frames.push({ bytes: taken(), problem, condition: '104', last: true, ...ended })
      return chunk.length
    }
    hold(piece)
    if (end === chunk.length) return end
    if (chunk[end] === endBlock) {
      // What goes on behind an end block is the rest of a message that holds one: cut there, an id would be another.
      const goesOn = end + 1 < chunk.length && !isBetween(chunk[end + 1])
      frames.push({ bytes: taken(), ...(goesOn ? { problem: 'an end block stands within the message' } : {}) })
      return end + 1
    }
    frames.push({ bytes: taken(), problem: 'another message begins before this one has ended' })
    held = Buffer.allocUnsafe(leastRoom)
    return end + 1
  }

  /** Copied: a message that comes byte by byte would hold a hundred times its size in pieces. */
  function hold(piece: Buffer): void {
    const whole = heldBytes + piece.length
    if (held !== undefined && whole > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(whole, held.length * 2))
      held.copy(larger, 0, 0, heldBytes)
      held = larger
    }
    if (held !== undefined) piece.copy(held, heldBytes)
    heldBytes = whole
  }

  function taken(): Buffer {
    const bytes = (held ?? Buffer.alloc(0)).subarray(0, heldBytes)
    held = undefined
    heldBytes = 0
    return bytes
  }

  return {
    read(chunk) {
      const frames: MllpFrame[] = []
      for (let at = 0; at < chunk.length && frames.at(-1)?.last !== true; ) {
        at = held === undefined ? outside(chunk, at, frames) : inside(chunk, at, frames)
      }
      return frames
    },
    abandon: problem => ({ bytes: taken(), problem, last: true }),
    get heldBytes() {
      return held === undefined ? undefined : heldBytes
    },
  }
}

/** Start block, message, end block and carriage return; the message must not hold 0x0B or 0x1C. [ITI TF-2: Appendix C.2.1] */
export function mllpFramed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(startBlock), message, Buffer.of(endBlock, carriageReturn)])
}

/** Whether a sender says here that its message is over. */
export function hasEnd(chunk: Buffer): boolean {
  return chunk.includes(endBlock)
}

function nextMark(chunk: Buffer, at: number): number {
  const marks = [chunk.indexOf(endBlock, at), chunk.indexOf(startBlock, at)].filter(found => found >= 0)
  return marks.length === 0 ? chunk.length : Math.min(...marks)
}

function isBetween(byte: number | undefined): boolean {
  return isBlank(byte) || byte === startBlock
}

function isBlank(byte: number | undefined): boolean {
  return byte === carriageReturn || byte === 0x0a || byte === 0x20 || byte === endBlock
}
