// Records that wait for the audit repository, in a PostgreSQL database that several processes share: each has a queue of its own
// and sends it itself; what a process leaves behind that comes back no more, another one takes over. docs/decisions/0223, 0377.
import type { Timer } from '../ports/clock.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import { forgottenRecords } from './forgotten-records.js'
import type { OpenOutbox, Outbox } from './outbox.js'
import { entranceTo } from './postgres-entrance.js'
import { type PostgresQueue, postgresQueue } from './postgres-queue.js'
import { type QueueNumbers, queueNumbers } from './queue-numbers.js'
import { unsyncedRecords } from './unsynced-records.js'

export { postgresOutboxMigrations } from './postgres-queue.js'

/** How often it is looked for queues that nobody sends, and for what was passed over. */
const takeOverMs = 5_000
/** More than this are not counted again each time. */
const mostCounted = 10_000

type Store = Pick<PostgresStore, 'run' | 'look' | 'enlist' | 'keeper'>

export interface PostgresOutbox extends Outbox {
  /** Takes over what belongs to nobody; resolves with how many records that were. */
  takeOver(): Promise<number>
  close(): Promise<void>
}

/**
 * The queue of this process, in which nobody else gives numbers. Until `close()` it looks every five seconds for what others have left behind.
 * A record is committed with the work that it tells of; `append` gives those that go with no work a commit of their own.
 */
export function openPostgresOutbox(store: Store, { source, ports }: OpenOutbox): PostgresOutbox {
  const { keeper } = store
  const numbers = queueNumbers()
  const queue = postgresQueue(store, keeper.process, numbers)
  const unsynced = unsyncedRecords()
  let waiting = 0
  let oldest: number | undefined
  let taking: Promise<number> = Promise.resolve(0)
  let hear: () => void = () => undefined

  const entrance = entranceTo({
    store,
    queue,
    numbers,
    unsynced,
    source,
    ports,
    ended(outcome, queuedMs) {
      if (outcome === 'committed') {
        waiting += 1
        oldest ??= queuedMs
      }
      if (outcome !== 'undone') hear()
    },
  })
  const forgotten = forgottenRecords(store, queue, unsynced, entrance)

  async function takeAllOver(): Promise<number> {
    await forgotten.write()
    const taken = await takenFromGone(queue, keeper)
    await bringPassedOver(queue, numbers)
    // A count that was made while others wrote, or another process took over what was this one's, is put right by the next one.
    if (taken > 0 || waiting < mostCounted) {
      const { count, oldestMs } = await queue.counted()
      waiting = count
      oldest = oldestMs
    }
    if (waiting > 0) hear()
    return taken
  }

  function takeOver(): Promise<number> {
    taking = taking.catch(() => 0).then(takeAllOver)
    return taking
  }

  // Should it fail, the next time follows soon.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined)
  const looking: Timer = ports.clock.every(takeOverMs, () => quietly(takeOver()))
  keeper.onBack(() => {
    forgotten.mayHaveCrashed()
    quietly(takeOver().then(hear))
  })

  return {
    insert: entrance.insert,
    append: entrance.append,
    depth: () => waiting,
    oldestMs: () => oldest,
    async waiting(afterId, limit) {
      const frames = await queue.between(afterId, numbers.sureBelow(), limit)
      numbers.handOut(frames.map(({ id }) => id))
      return frames
    },
    /** Of what has been handed out: whatever else stands between waits for its own turn. */
    async delivered(throughId) {
      const sent = numbers.handedOutThrough(throughId)
      if (sent.length === 0) return
      unsynced.drop(sent)
      try {
        const gone = await queue.remove(sent)
        waiting = Math.max(0, waiting - gone)
        if (waiting === 0) oldest = undefined
      } finally {
        // Where that failed they are passed over by now, and sent again.
        numbers.gone(sent)
      }
    },
    onQueued(listener) {
      hear = listener
    },
    takeOver,
    async close() {
      looking.cancel()
      await taking.catch(() => 0)
    },
  }
}

/** Of all queues whose processes come back no more; how many records that were. */
async function takenFromGone(queue: PostgresQueue, keeper: Store['keeper']): Promise<number> {
  let taken = 0
  for (let other = await queue.otherAfter(-1); other !== undefined; other = await queue.otherAfter(other)) {
    if (await keeper.isGone(other)) taken += await queue.takeFrom(other)
  }
  return taken
}

/**
 * What stands in front of the last that was sent, and was not sent, nobody would read: it was committed later than anybody knew,
 * or is there again because the server has crashed.
 */
async function bringPassedOver(queue: PostgresQueue, numbers: QueueNumbers): Promise<void> {
  if (numbers.furthest === 0) return
  const there = await queue.idsThrough(numbers.furthest)
  const passedOver = there.filter(id => !numbers.isHandedOut(id))
  if (passedOver.length > 0) await queue.putLast(passedOver)
}
