// Lines on their way to a log file: in order, a bounded number waiting, and a disk that is full stops nobody.
import type { Clock } from '../ports/clock.js'
import type { Files, OpenFile } from '../ports/files.js'

export interface Lines {
  write(line: string): void
  /** Goes on in a new file of the same name, after the old one has been moved away. */
  reopen(): void
  /** Resolves when what waits is written or given up. */
  close(): Promise<void>
}

const mostWaiting = 10_000
const retryMs = 1_000
const gatherMs = 50

/** Appended; a line is on its way when `write` returns, and none is synced. Lines lost for want of room or space are counted in the next that is written. */
export function logFile(path: string, { files, clock }: { files: Pick<Files, 'append'>; clock: Clock }): Lines {
  let waiting: string[] = []
  let lost = 0
  let file: OpenFile | undefined
  let moved = false
  let closed = false
  let working: Promise<void> | undefined

  function write(line: string): void {
    if (waiting.length >= mostWaiting || closed) lost += 1
    else waiting.push(line)
    working ??= work().finally(() => {
      working = undefined
    })
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      // A write costs as much as a hundred lines do; nobody reads a log that closely.
      if (!closed) await clock.sleep(gatherMs)
      const lines = waiting
      waiting = []
      try {
        await put(lines)
      } catch {
        lost += lines.length
        await forget()
        if (closed) return
        await clock.sleep(retryMs, { idle: true })
      }
    }
  }

  async function put(lines: string[]): Promise<void> {
    if (moved) await forget()
    moved = false
    file ??= await files.append(path)
    const told =
      lost > 0 ? `${JSON.stringify({ level: 'warn', lost, message: 'lines of this log could not be written' })}\n` : ''
    await file.write(Buffer.from(told + lines.join('')))
    lost = 0
  }

  async function forget(): Promise<void> {
    const open = file
    file = undefined
    await open?.close().catch(() => {})
  }

  return {
    write,
    reopen() {
      moved = true
    },
    async close() {
      closed = true
      await working
      await forget()
    },
  }
}
