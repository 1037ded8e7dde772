// COPY over a connection of the driver: rows leave and come as lines of text that the server itself writes and reads, a bounded number of
// them in memory. The driver hands on what COPY says, and this is all that has to be done with it. docs/decisions/0371
import type { Duplex } from 'node:stream'
import { drained } from '../../ports/network.js'

/** As much of the driver's connection as COPY needs. */
interface Wire {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(why: string): void
  readonly stream: Duplex
}

/** What the driver takes in the place of a query, and calls while it is answered. */
export interface Copy {
  submit(wire: Wire): void
  handleCopyInResponse(wire: Wire): void
  handleCopyData(message: { chunk: Buffer }, wire: Wire): void
  handleCommandComplete(message: { text: string }): void
  handleReadyForQuery(): void
  handleError(problem: unknown): void
}

/** More waits at the server. */
const mostHeldBytes = 1_048_576

/** Lines, as the server sends them. Whoever stops before the end has to close the connection. */
export async function* copiedOut(text: string, submit: (copy: Copy) => void): AsyncGenerator<Buffer[]> {
  let wire: Wire | undefined
  let lines: Buffer[] = []
  let heldBytes = 0
  let end: { problem?: unknown } | undefined
  let wake = () => {}
  submit({
    submit(connection) {
      wire = connection
      connection.query(text)
    },
    handleCopyInResponse: connection => connection.sendCopyFail('nothing is sent'),
    handleCopyData({ chunk }, { stream }) {
      // The driver uses its own buffer again.
      lines.push(Buffer.from(chunk))
      heldBytes += chunk.length
      if (heldBytes > mostHeldBytes) stream.pause()
      wake()
    },
    handleCommandComplete() {},
    handleReadyForQuery() {
      end ??= {}
      wake()
    },
    handleError(problem) {
      end = { problem }
      wake()
    },
  })
  for (;;) {
    if (lines.length > 0) {
      const some = lines
      lines = []
      heldBytes = 0
      wire?.stream.resume()
      yield some
    } else if (end !== undefined) {
      if (end.problem !== undefined) throw end.problem
      return
    } else {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
}

/** How many rows the server took. @throws what `pieces` throws; the server then has nothing of it. */
export function copiedIn(text: string, pieces: AsyncIterable<Buffer>, submit: (copy: Copy) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0
    let failure: unknown
    let hasEnded = false
    async function send(wire: Wire): Promise<void> {
      for await (const piece of pieces) {
        if (hasEnded) return
        wire.sendCopyFromChunk(piece)
        if (wire.stream.writableNeedDrain) await drained(wire.stream)
      }
      wire.endCopyFrom()
    }
    submit({
      submit: wire => wire.query(text),
      handleCopyInResponse: wire =>
        void send(wire).catch(problem => {
          failure = problem
          wire.sendCopyFail('what was to come cannot be read')
        }),
      handleCopyData() {},
      handleCommandComplete(message) {
        rows = Number(/\d+$/.exec(message.text)?.[0] ?? 0)
      },
      handleReadyForQuery: () => resolve(rows),
      handleError(problem) {
        hasEnded = true
        reject(failure ?? problem)
      },
    })
  })
}
