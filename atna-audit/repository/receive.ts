// One syslog connection, as the audit repository receives it.
import type { Clock } from '../../ports/clock.js'
import type { Connection } from '../../ports/network.js'
import { acknowledgedSyslog } from '../syslog.js'
import { type Frame, frameReader } from '../syslog-frames.js'
import type { Intake } from './intake.js'

export interface Receiving {
  /** Bytes that are not on the disk yet. */
  readonly heldBytes: number
  /** Called about once a second. */
  tick(): void
  /** Takes no more; resolves when what has come is on the disk and acknowledged. */
  stop(): Promise<void>
}

export interface ReceiveOptions {
  origin: string
  maxMessageBytes: number
  clock: Clock
  intake: Intake
  log: { warn(facts: object, message: string): void }
  /** Whether all connections together hold less than their bound. */
  mayHold(): boolean
}

/** More than this on its way to the disk, and the sender has to wait. */
const mostUnsavedBytes = 8 * 1024 * 1024
/** What is known of a frame while it waits. */
const besideFrameBytes = 256
/** Kept all or none of them. */
const mostAtOnce = 128
const mostUnreadAcknowledgements = 64 * 1024

/** Frames are kept some at a time in the order in which they came; where the sender speaks our protocol it is told how many are on the disk. */
export function receive({ stream, protocol }: Connection, options: ReceiveOptions): Receiving {
  const { origin, intake, clock, log } = options
  const reader = frameReader(options)
  const acknowledging = protocol === acknowledgedSyslog
  let unsavedBytes = 0
  let stored = 0
  let acknowledged = 0
  let failed = false
  let heard = false
  let saving: Promise<void> = Promise.resolve()

  function onData(chunk: Buffer): void {
    heard = true
    save(reader.read(chunk))
    if (unsavedBytes > mostUnsavedBytes) stream.pause()
    if (!options.mayHold()) give('too much has arrived that is not on the disk yet')
  }

  /** All that one chunk has brought may be thousands. */
  function save(frames: Frame[]): void {
    for (let first = 0; first < frames.length; first += mostAtOnce)
      saveTogether(frames.slice(first, first + mostAtOnce))
  }

  function saveTogether(frames: Frame[]): void {
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length + besideFrameBytes, 0)
    unsavedBytes += bytes
    const receivedMs = clock.now()
    const about = { origin, receivedMs, repeatable: acknowledging }
    const arrivals = frames.map(({ bytes: frame, problem }) => ({ frame, problem, ...about }))
    const saved = intake.take(arrivals).then(() => {
      unsavedBytes -= bytes
      stored += frames.length
      if (unsavedBytes <= mostUnsavedBytes / 2) stream.resume()
    }, refuse)
    saving = Promise.all([saving, saved]).then(acknowledge)
  }

  /** A line with the count of the frames of this connection that are on the disk. Only where it was agreed. */
  function acknowledge(): void {
    if (!acknowledging || failed || stored === acknowledged || !stream.writable) return
    acknowledged = stored
    stream.write(`${stored}\n`)
    if (stream.writableLength > mostUnreadAcknowledgements) give('it does not read its acknowledgements')
  }

  // Without the connection the sender keeps its records, and sends them again.
  function refuse(problem: unknown): void {
    failed = true
    give(`its records could not be stored: ${(problem as Error).message}`)
  }

  function give(why: string): void {
    if (!stream.destroyed) log.warn({ origin }, `a syslog connection was ended: ${why}`)
    stream.destroy()
  }

  stream.on('data', onData)
  // Half a message of a sender that waits for our word comes again as a whole.
  if (!acknowledging) stream.on('close', () => save(reader.end()))
  return {
    get heldBytes() {
      return unsavedBytes + reader.heldBytes
    },
    tick() {
      if (!heard) save(reader.paused())
      heard = false
    },
    async stop() {
      stream.off('data', onData)
      stream.pause()
      await saving
    },
  }
}
