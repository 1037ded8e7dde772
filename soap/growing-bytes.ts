// Bytes that come piece by piece, in one place that grows as they do: each is copied a few times, however small the pieces.

export interface GrowingBytes {
  readonly length: number
  /** All so far; valid until the next `add`. */
  add(bytes: Uint8Array): Buffer
  all(): Buffer
  /** The end of these bytes is all from now on; what `add` gave may be given back. */
  keepFrom(bytes: Buffer, from: number): void
  clear(): void
}

const nothing = Buffer.alloc(0)

export function growingBytes(): GrowingBytes {
  let room: Buffer = nothing
  let length = 0

  function add(bytes: Uint8Array): Buffer {
    const needed = length + bytes.length
    if (needed > room.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * room.length))
      room.copy(larger, 0, 0, length)
      room = larger
    }
    room.set(bytes, length)
    length = needed
    return room.subarray(0, length)
  }

  function clear(): void {
    room = nothing
    length = 0
  }

  return {
    get length() {
      return length
    },
    add,
    all: () => room.subarray(0, length),
    keepFrom(bytes, from) {
      if (from === 0 && bytes.buffer === room.buffer && bytes.byteOffset === room.byteOffset) return
      const rest = bytes.subarray(from)
      clear()
      if (rest.length > 0) add(rest)
    },
    clear,
  }
}
