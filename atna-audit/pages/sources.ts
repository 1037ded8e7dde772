// Who sends records, when each was last heard of and how its clock goes; followed record by record, so that a source that fell
// silent long ago is not forgotten.
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'

export interface Source {
  source: string
  host: string
  lastMs: number
  records: number
  /** By how much the time of its latest records lay ahead of ours; 0 when it did not. */
  aheadMs: number
  /** The least time that one of its latest records took from its event to us. */
  delayMs: number
}

export interface Sources {
  all(): Promise<Source[]>
  close(): void
}

const everyMs = 60_000
const batch = 1_000
/** Names that a hostile sender makes up must not fill the table. */
const mostSources = 2_000

export function openSources(
  { store, clock }: { store: Store; clock: Clock },
  onProblem: (why: unknown) => void,
): Sources {
  let following: Promise<void> | undefined
  let closed = false

  function follow(): Promise<void> {
    following ??= catchUp().finally(() => {
      following = undefined
    })
    return following
  }

  async function catchUp(): Promise<void> {
    while (!closed && (await someMore(store))) await new Promise<void>(resolve => clock.endOfTurn(resolve))
  }

  const timer = clock.every(everyMs, () => void follow().catch(onProblem))
  return {
    async all() {
      await follow()
      return store
        .prepare(
          `SELECT source, host, last_ms AS lastMs, records, ahead_ms AS aheadMs, delay_ms AS delayMs
           FROM audit_source ORDER BY source, host`,
        )
        .all<Source>()
    },
    close() {
      closed = true
      timer.cancel()
    },
  }
}

interface Row {
  source: string
  host: string
  lastMs: number
  records: number
  ahead: number
  delay: number
}

/** Whether there may be more. */
async function someMore(store: Store): Promise<boolean> {
  const number = (sql: string, ...values: number[]) => store.prepare(sql).get<{ it: number }>(...values)?.it ?? 0
  const seen = number('SELECT coalesce(max(through), 0) AS it FROM audit_source')
  // Records that retention has removed are passed over.
  const through = Math.max(seen, number('SELECT coalesce(min(id), 1) - 1 AS it FROM audit_record WHERE id > ?', seen))
  const last = number('SELECT coalesce(max(id), 0) AS it FROM audit_record')
  if (last <= through) return false
  const upTo = Math.min(last, through + batch)
  const rows = store
    .prepare(
      `SELECT coalesce(source, '') AS source, coalesce(host, '') AS host, max(received_ms) AS lastMs, count(*) AS records,
         max(event_ms - received_ms) AS ahead, min(received_ms - event_ms) AS delay
       FROM audit_record WHERE id > ? AND id <= ? GROUP BY 1, 2`,
    )
    .all<Row>(through, upTo)
  await store.write(() => {
    let room = mostSources - number('SELECT count(*) AS it FROM audit_source')
    for (const row of rows) {
      const isKnown = store
        .prepare('SELECT 1 FROM audit_source WHERE source = ? AND host = ?')
        .get(row.source, row.host)
      if (isKnown === undefined && room-- <= 0) continue
      store
        .prepare(
          `INSERT INTO audit_source (source, host, last_ms, records, ahead_ms, delay_ms, through)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (source, host) DO UPDATE SET last_ms = excluded.last_ms, records = records + excluded.records,
             ahead_ms = excluded.ahead_ms, delay_ms = excluded.delay_ms, through = excluded.through`,
        )
        .run(row.source, row.host, row.lastMs, row.records, Math.max(0, row.ahead), Math.max(0, row.delay), upTo)
    }
    // Of numbers without records, too.
    store
      .prepare('UPDATE audit_source SET through = ? WHERE through = (SELECT max(through) FROM audit_source)')
      .run(upTo)
  })
  return upTo < last
}
