// The whole of a body that may only be short.

/** @throws what `tooLong` makes, as soon as there are more than `mostBytes`; nothing of the body is read any more then */
export async function wholeBody(
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
  tooLong: () => Error,
): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    if (bytes > mostBytes) throw tooLong()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
