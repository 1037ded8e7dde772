// Memory for the chunks of documents on their way out, used again and again: left to the collector, megabytes that nobody needs
// any more pile up by the hundred until it looks. docs/decisions/0266.
import { chunkBytes } from '../soap/message.js'

export interface ChunkBuffers {
  /** As long as a chunk may be; what stood in it before stands in it still. */
  take(): Buffer
  /** The bytes are nobody's any more. What is not of these buffers is passed over. */
  give(bytes: Buffer): void
}

/** So many are kept for whoever comes next; of more than these each is used once. */
const mostKept = 32

/** What was given back must not be looked at any more: the next who takes it writes into it. */
export function chunkBuffers(): ChunkBuffers {
  const free: Buffer[] = []
  /** By what lies beneath all views of a buffer. */
  const ours = new WeakMap<ArrayBufferLike, Buffer>()
  return {
    take() {
      const again = free.pop()
      if (again !== undefined) return again
      const made = Buffer.allocUnsafeSlow(chunkBytes)
      ours.set(made.buffer, made)
      return made
    },
    give(bytes) {
      const whole = ours.get(bytes.buffer)
      if (whole !== undefined && free.length < mostKept && !free.includes(whole)) free.push(whole)
    },
  }
}
