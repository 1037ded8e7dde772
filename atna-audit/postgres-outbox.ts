// Records that wait for the audit repository, in a PostgreSQL database that several processes share: each has a queue of its own
// and sends it itself; what a process leaves behind that comes back no more, another one takes over. docs/decisions/0223, 0377.
import type { Timer } from '../ports/clock.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { OpenOutbox, Outbox } from './outbox.js'
import { postgresQueue, type QueuedRow } from './postgres-queue.js'
import { queueNumbers } from './queue-numbers.js'
import { writeSyslog } from './syslog.js'
import { unsyncedRecords } from './unsynced-records.js'
import { writeMessage } from './write-message.js'

export { postgresOutboxMigrations } from './postgres-queue.js'

/** How often it is looked for queues that nobody sends, and for what was passed over. */
const takeOverMs = 5_000
/** More than this are not counted again each time. */
const mostCounted = 10_000
/** Records that are written together when nobody's commit carries them. */
const mostTogether = 500

type Store = Pick<PostgresStore, 'run' | 'look' | 'enlist' | 'keeper'>

export interface PostgresOutbox extends Outbox {
  /** Takes over what belongs to nobody; resolves with how many records that were. */
  takeOver(): Promise<number>
  close(): Promise<void>
}

export function openPostgresOutbox(store: Store, { source, ports }: OpenOutbox): PostgresOutbox {
  const origin = { hostName: ports.processes.hostName, appName: source.appName, processId: ports.processes.pid }
  const { keeper } = store
  /** Of this queue: nobody else gives numbers in it. */
  const numbers = queueNumbers()
  const queue = postgresQueue(store, keeper.process, numbers)
  const unsynced = unsyncedRecords()
  let mayHaveCrashed = false
  let waiting = 0
  let oldest: number | undefined
  const pending: Pending[] = []
  let writing = false
  let taking: Promise<number> = Promise.resolve(0)
  let hear: () => void = () => undefined

  function insert(records: Records, whenThere = (_: QueuedRow) => {}): void {
    const queuedMs = ports.clock.now()
    for (const record of records) {
      const message = writeMessage(record, source)
      enlist(queuedMs, id => writeSyslog(origin, record.dateTimeMs, id, message), whenThere)
    }
  }

  function enlist(queuedMs: number, frameOf: (id: number) => Uint8Array, whenThere = (_: QueuedRow) => {}): void {
    const given = numbers.take(1)
    const [id = 0] = given
    const row = { id, queuedMs, frame: frameOf(id) }
    const { sql, values, proof } = queue.insertion(row)
    store.enlist({
      sql,
      values,
      proof,
      ended(outcome) {
        numbers.ended(given)
        if (outcome === 'committed') {
          waiting += 1
          oldest ??= queuedMs
          whenThere(row)
        }
        if (outcome !== 'undone') hear()
      },
    })
  }

  /** One transaction at a time; what comes meanwhile goes with the next. */
  async function writePending(): Promise<void> {
    if (writing) return
    writing = true
    while (pending.length > 0) {
      const together = pending.splice(0, mostTogether)
      const records = together.flatMap(each => each.records)
      try {
        await store.run(
          async transaction =>
            transaction.alongside(() => insert(records, row => unsynced.add(row, ports.clock.monotonicMs()))),
          'soon',
        )
        for (const { resolve } of together) resolve()
      } catch (problem) {
        for (const { reject } of together) reject(problem)
      }
    }
    writing = false
  }

  async function count(): Promise<void> {
    const { count, oldestMs } = await queue.counted()
    waiting = count
    oldest = oldestMs
  }

  async function takeAllOver(): Promise<number> {
    await writeForgotten()
    let taken = 0
    for (let other = await queue.otherAfter(-1); other !== undefined; other = await queue.otherAfter(other)) {
      if (await keeper.isGone(other)) taken += await queue.takeFrom(other)
    }
    await bringPassedOver()
    // A count that was made while others wrote, or another process took over what was this one's, is put right by the next one.
    if (taken > 0 || waiting < mostCounted) await count()
    if (waiting > 0) hear()
    return taken
  }

  /** What the server had said to have, and has not after a crash. */
  async function writeForgotten(): Promise<void> {
    if (!mayHaveCrashed) return unsynced.lived(keeper.livedMs())
    mayHaveCrashed = false
    try {
      const doubtful = unsynced.all()
      const there = doubtful.length === 0 ? new Set() : await queue.there(doubtful.map(({ id }) => id))
      const forgotten = doubtful.filter(({ id }) => !there.has(id))
      if (forgotten.length === 0) return
      await store.run(async transaction =>
        transaction.alongside(() => {
          for (const { queuedMs, frame } of forgotten) enlist(queuedMs, () => frame)
        }),
      )
      unsynced.drop(forgotten.map(({ id }) => id))
    } catch (problem) {
      mayHaveCrashed = true
      throw problem
    }
  }

  /**
   * What stands in front of the last that was sent, and was not sent, nobody would read: it was committed later than anybody knew,
   * or is there again because the server has crashed.
   */
  async function bringPassedOver(): Promise<void> {
    if (numbers.furthest === 0) return
    const there = await queue.idsThrough(numbers.furthest)
    const passedOver = there.filter(id => !numbers.isHandedOut(id))
    if (passedOver.length > 0) await queue.putLast(passedOver)
  }

  function takeOver(): Promise<number> {
    taking = taking.catch(() => 0).then(takeAllOver)
    return taking
  }

  // Should it fail, the next time follows soon.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined)
  const looking: Timer = ports.clock.every(takeOverMs, () => quietly(takeOver()))
  keeper.onBack(() => {
    mayHaveCrashed = true
    quietly(takeOver().then(hear))
  })

  return {
    insert,
    append(records) {
      return new Promise((resolve, reject) => {
        pending.push({ records, resolve, reject })
        ports.clock.endOfTurn(() => void writePending())
      })
    },
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

type Records = Parameters<Outbox['insert']>[0]

interface Pending {
  records: Records
  resolve(): void
  reject(problem: unknown): void
}
