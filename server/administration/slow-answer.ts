// Work that takes longer than a connection may stay silent: its answer comes in parcels, and says meanwhile that it is under way.
import type { Clock } from '../../ports/clock.js'
import { lastParcel, waitingParcel, writeParcel } from './parcels.js'
import { Parcels } from './resources.js'

const everyMs = 2_000

/** Sent as JSON in one parcel; what fails breaks the connection. */
export function slowAnswer(work: () => Promise<unknown>, clock: Clock): Parcels {
  return new Parcels(answered(work, clock))
}

async function* answered(work: () => Promise<unknown>, clock: Clock): AsyncGenerator<Buffer> {
  const answer = work()
  yield* waitingFor(answer, clock)
  yield* writeParcel({ name: 'answer', pieces: one(Buffer.from(JSON.stringify(await answer))) })
  yield lastParcel()
}

async function* one(piece: Buffer): AsyncGenerator<Buffer> {
  yield piece
}

/** Keeps the connection awake until the work has ended. @throws what it throws */
export async function* waitingFor(work: Promise<unknown>, clock: Clock): AsyncGenerator<Buffer> {
  const ended = work.then(() => true)
  // Whoever asked may be gone before it is looked at: then nobody hears how it ends.
  ended.catch(() => {})
  do yield waitingParcel()
  while (!(await Promise.race([ended, clock.sleep(everyMs, { idle: true }).then(() => false)])))
}
