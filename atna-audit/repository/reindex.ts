// Records that a former version has kept become findable by all that is asked today, and smaller: a few at a time, from the newest
// to the oldest, while the service runs. Should it end meanwhile, the next start goes on. docs/decisions/0295.
import type { Clock, Timer } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'
import { described } from './arrival.js'
import { keepFirstLeaves, lacksFirstLeaves } from './chain/first-leaves.js'
import { keepLeaf } from './chain/leaves.js'
import { packed } from './frames.js'
import { index } from './records.js'

export interface Reindexing {
  /** Resolves when all are done, or it was ended. */
  readonly done: Promise<void>
  end(): void
}

const recordsAtOnce = 50
const referencesAtOnce = 1_000
/** Between two groups: what arrives meanwhile comes first. */
const pauseMs = 20
const tellEvery = 10_000

/** Some in each commit, so that arrivals never wait long, until `end`; the next start goes on. */
export function reindex(
  store: Store,
  clock: Clock,
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void },
): Reindexing {
  let ended = false
  let timer: Timer | undefined
  let resume = () => {}
  const total = formerRecords(store)

  async function work(): Promise<void> {
    if (total > 0) log.info({ records: total }, 'records of a former version are made findable')
    let done = 0
    for (let count = -1; count !== 0 && !ended; ) {
      count = await store.write(() => reindexSome(store))
      if (Math.floor((done + count) / tellEvery) > Math.floor(done / tellEvery) || (count === 0 && done > 0)) {
        log.info({ records: done + count, of: total }, 'records of a former version are findable')
      }
      done += count
      await pause()
    }
    while (!ended && (await store.write(() => forgetSomeReferences(store))) > 0) await pause()
    for (let after: number | undefined = 0; after !== undefined && !ended; await pause()) {
      const behind: number = after
      after = await store.write(() => keepFirstLeaves(store, behind))
    }
  }

  function pause(): Promise<void> {
    return new Promise(resolve => {
      resume = resolve
      timer = clock.after(pauseMs, resolve, { idle: true })
    })
  }

  return {
    done:
      total === 0 && !lacksFirstLeaves(store)
        ? Promise.resolve()
        : work().catch(problem => {
            if (!ended) log.error({ reason: String(problem) }, 'records of a former version stay as they are')
          }),
    end() {
      ended = true
      timer?.cancel()
      resume()
    },
  }
}

/** How many are not findable by everything yet. */
export function formerRecords(store: Store): number {
  return (
    store.prepare('SELECT count(*) AS count FROM audit_record WHERE form IS NULL').get<{ count: number }>()?.count ?? 0
  )
}

interface Former {
  id: number
  receivedMs: number
  origin: string
  problem: string | null
  frame: Uint8Array
}

/** Within `store.write`; how many it were. */
function reindexSome(store: Store): number {
  const former = store
    .prepare(
      `SELECT id, received_ms AS receivedMs, origin, problem, frame FROM audit_record WHERE form IS NULL ORDER BY id DESC LIMIT ${recordsAtOnce}`,
    )
    .all<Former>()
  for (const { id, receivedMs, origin, problem, frame: bytes } of former) {
    const frame = Buffer.from(bytes)
    keepLeaf(store, { id, receivedMs, origin, problem, frame })
    index(store, id, described({ frame, receivedMs, ...(problem !== null && { problem }) }))
    const kept = packed(frame)
    store.prepare('UPDATE audit_record SET form = ?, frame = ? WHERE id = ?').run(kept.form, kept.frame, id)
  }
  return former.length
}

/** Within `store.write`: by these a former version has found records. */
function forgetSomeReferences(store: Store): number {
  return store
    .prepare(
      `DELETE FROM audit_reference WHERE (value, kind, record) IN
       (SELECT value, kind, record FROM audit_reference LIMIT ${referencesAtOnce})`,
    )
    .run().changes
}
