// The terminal a command runs in: what it prints, where it stands, and the code it ends with. The only door to standard output and error.
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export interface Terminal {
  /** A line of the result, to standard output. */
  print(line: string): void
  /** Bytes of the result, to standard output; resolves when it takes more. */
  printBytes(bytes: Uint8Array): Promise<void>
  /** A line about the work, to standard error. */
  complain(line: string): void
  /** A line that the next one overwrites; nothing where nobody watches. An empty one wipes it. */
  progress(line: string): void
  /** The code with which this process ends once its work is done. */
  endWith(code: number): void
  /** From here on this process has other work than to be read: it goes on when nobody does any more. */
  outliveReaders(): void
  /** Relative paths of the user begin here. */
  readonly workingFolder: string
  /** Characters a line holds; no end where nobody watches. */
  readonly columns: number
}

let isOutliving = false

export const systemTerminal: Terminal = {
  print: line => void output(process.stdout).write(`${line}\n`),
  async printBytes(bytes) {
    const stream = output(process.stdout)
    if (!stream.write(bytes)) await once(stream, 'drain')
  },
  complain: line => void output(process.stderr).write(`${line}\n`),
  progress(line) {
    if (process.stderr.isTTY) output(process.stderr).write(`\r\u001b[2K${line}`)
  },
  endWith(code) {
    process.exitCode = code
  },
  outliveReaders() {
    isOutliving = true
  },
  get workingFolder() {
    return process.cwd()
  },
  get columns() {
    return process.stdout.columns ?? Number.POSITIVE_INFINITY
  },
}

/** Text for whoever reads a service's output; a reader who is gone, or whose disk is full, does not end the service. */
export function standardOutput(text: string): void {
  if (process.stdout.listenerCount('error', ignore) === 0) process.stdout.on('error', ignore)
  process.stdout.write(text)
}

function ignore(): void {}

const guarded = new WeakSet<Writable>()

// Whoever reads us (`carnet query … | head`) may have had enough: that is the end of the work and no failure.
function output(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!guarded.has(stream)) {
    guarded.add(stream)
    stream.on('error', (problem: NodeJS.ErrnoException) => {
      if (problem.code === 'EPIPE' && !isOutliving) process.exit(0)
    })
  }
  return stream
}
