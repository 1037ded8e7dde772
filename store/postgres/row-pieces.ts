// Where the rows of a table are cut into pieces: behind a row whose own digest says so, wherever in the table it stands. So pieces before and
// behind what has changed are the same as they were, and whoever has them need not keep them again.
import { crc32 } from 'node:zlib'

export interface RowPiece {
  bytes: Buffer
  rows: number
}

const leastBytes = 16 * 1024
/** Beyond these, on average. */
const usualBytes = 48 * 1024
const mostBytes = 256 * 1024

/** Each line is a row. A piece is longer only where one row is. */
export async function* rowPieces(lines: AsyncIterable<readonly Buffer[]>): AsyncGenerator<RowPiece> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const some of lines) {
    for (const line of some) {
      held.push(line)
      heldBytes += line.length
      if (!isEnd(line, heldBytes)) continue
      yield { bytes: Buffer.concat(held, heldBytes), rows: held.length }
      held = []
      heldBytes = 0
    }
  }
  if (heldBytes > 0) yield { bytes: Buffer.concat(held, heldBytes), rows: held.length }
}

/** A long row ends a piece more often than a short one, so that the length of pieces does not hang on that of rows. */
function isEnd(line: Buffer, heldBytes: number): boolean {
  return heldBytes >= mostBytes || (heldBytes >= leastBytes && crc32(line) % usualBytes < line.length)
}
