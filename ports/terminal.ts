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
  /** A line that the next one overwrites; one a minute where no terminal is, for a log. An empty one wipes it. */
  progress(line: string): void
  /** The code with which this process ends once its work is done. */
  endWith(code: number): void
  /** From here on this process has other work than to be read: it matters to nobody whether its lines arrive. */
  outliveReaders(): void
  /** Relative paths of the user begin here. */
  readonly workingFolder: string
  /** Characters a line holds; no end where nobody watches. */
  readonly columns: number
}

let isOutliving = false

/** What takes less leaves nothing behind in a log. */
const everyMs = 60_000
/** Since this process began, by its own clock: the first line waits as long. */
let toldMs = 0

export const systemTerminal: Terminal = {
  print: line => void output(process.stdout).write(`${line}\n`),
  async printBytes(bytes) {
    const stream = output(process.stdout)
    // What went wrong is told by whoever listens below.
    if (stream.errored === null && !stream.write(bytes)) await once(stream, 'drain').catch(() => {})
  },
  complain: line => void output(process.stderr).write(`${line}\n`),
  progress(line) {
    if (process.stderr.isTTY) output(process.stderr).write(`\r\u001b[2K${line}`)
    else if (line !== '' && performance.now() - toldMs >= everyMs) {
      toldMs = performance.now()
      output(process.stderr).write(`${line}\n`)
    }
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

/** The exit code of a file that cannot be written. */
const notWritten = 2

function output(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (guarded.has(stream)) return stream
  guarded.add(stream)
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever reads us (`carnet remove … | head`) may have had enough; the work is done to its end, and its exit code says how it went.
    if (code === 'EPIPE' || isOutliving || stream !== process.stdout) return
    tellOnce(code)
  })
  return stream
}

let isTold = false

/** A disk is full, say: what was cut short must not pass for all that there is. */
function tellOnce(code: string | undefined): void {
  if (isTold) return
  isTold = true
  process.once('exit', done => {
    process.exitCode = done === 0 ? notWritten : done
  })
  systemTerminal.complain(`carnet: standard output cannot be written (${code}); what is there is not all of it.`)
}
