// Bytes that come in pieces of any length, as spans of one length; the last is as long as what is left.

export type Pieces = AsyncIterable<Buffer> | Iterable<Buffer>

/** The first span may have another length. */
export async function* spansOf(pieces: Pieces, spanBytes: number, firstBytes = spanBytes): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  let wantedBytes = firstBytes
  for await (const piece of pieces) {
    for (let rest = piece; rest.length > 0; ) {
      const some = rest.subarray(0, wantedBytes - heldBytes)
      held.push(some)
      heldBytes += some.length
      rest = rest.subarray(some.length)
      if (heldBytes < wantedBytes) continue
      yield held.length === 1 ? some : Buffer.concat(held)
      held = []
      heldBytes = 0
      wantedBytes = spanBytes
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
