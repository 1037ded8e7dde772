// The whole of a body that may only be short.
import type { Readable } from 'node:stream'

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

/** The same of a request. What is left of one that is too long can be thrown away, so that its sender reads the answer. */
export function wholeRequest(request: { body: Readable }, mostBytes: number, tooLong: () => Error): Promise<Buffer> {
  return wholeBody(request.body.iterator({ destroyOnReturn: false }), mostBytes, tooLong)
}
