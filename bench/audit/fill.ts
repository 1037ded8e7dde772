// An audit database with as many records as one likes: the rows that arriving records would leave, made by several threads and written
// in the order in which the tables have them, so that the disk is written once. Nobody else may have the file open.
import { Worker } from 'node:worker_threads'
import { insertRecord } from '../../atna-audit/repository/records.js'
import { stretchOf, stretchStartMs } from '../../atna-audit/repository/term-keys.js'
import { connect, type SqliteConnection } from '../../store/sqlite-driver.js'
import type { SqlValue } from '../../store/store.js'
import { type Rows, rowsOf } from './rows.js'

export interface Filling {
  path: string
  /** Records from this one up to, and without, that one. */
  from: number
  to: number
  /** Of how many the last is the newest. */
  total: number
  threads: number
}

const rowsAtOnce = 1_000
/** Sorted and put into the index together. */
const mostWaiting = 1_000_000

export async function fillAudit(
  { path, from, to, total, threads }: Filling,
  progress: (done: number) => void,
): Promise<void> {
  const connection = await connect(path)
  connection.exec(`PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000;
    PRAGMA cache_size = -1000000; PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -200000;
    CREATE TEMPORARY TABLE waiting (term INTEGER NOT NULL, at INTEGER NOT NULL, record INTEGER NOT NULL)`)
  const put = writer(connection)
  let [waiting, stretch] = [0, -1]
  connection.exec('BEGIN')
  for await (const rows of made(from, to, total, threads)) {
    for (const [at, each] of rows.records.entries()) {
      const eventMs = Number(each.row[1])
      // What lies side by side in the index is written side by side.
      if (stretchOf(eventMs) !== stretch || waiting >= mostWaiting) {
        indexWaiting(connection)
        ;[stretch, waiting] = [stretchOf(eventMs), 0]
      }
      put(rows.from + at + 1, eventMs - stretchStartMs(stretch), each)
      waiting += 1
    }
    progress(rows.from + rows.records.length)
  }
  indexWaiting(connection)
  connection.exec('COMMIT')
  connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  connection.close()
}

function indexWaiting(connection: SqliteConnection): void {
  connection.exec(`INSERT INTO audit_term (term, at, record) SELECT term, at, record FROM waiting ORDER BY term, at, record;
    DELETE FROM waiting; COMMIT; BEGIN`)
}

const termsAtOnce = 16

function writer(connection: SqliteConnection) {
  const record = connection.prepare(insertRecord)
  const leaf = connection.prepare('INSERT INTO audit_leaf (id, hash) VALUES (?, ?)')
  const term = (count: number) =>
    connection.prepare(`INSERT INTO waiting VALUES ${Array.from({ length: count }, () => '(?, ?, ?)').join(', ')}`)
  const some = Array.from({ length: termsAtOnce }, (_, index) => term(index + 1))
  return (id: number, at: number, { row, leaf: hash, terms }: Rows['records'][number]) => {
    const { lastInsertRowid } = record.run(...row)
    if (Number(lastInsertRowid) !== id) throw new Error(`record ${id} became ${lastInsertRowid}`)
    leaf.run(id, hash)
    for (let first = 0; first < terms.length; first += termsAtOnce) {
      const values: SqlValue[] = []
      for (const each of terms.subarray(first, first + termsAtOnce)) values.push(each, at, id)
      some[values.length / 3 - 1]?.run(...values)
    }
  }
}

/** In their order. */
async function* made(from: number, to: number, total: number, threads: number): AsyncGenerator<Rows> {
  const parts: [from: number, to: number][] = []
  for (let at = from; at < to; at += rowsAtOnce) parts.push([at, Math.min(to, at + rowsAtOnce)])
  if (threads === 0) {
    for (const [first, end] of parts) yield rowsOf(first, end, total)
    return
  }
  const makers = Array.from({ length: threads }, () => new Worker(new URL('./row-maker.js', import.meta.url)))
  try {
    const under = parts.map(() => undefined as Promise<Rows> | undefined)
    const ask = (at: number) => {
      const maker = makers[at % threads] as Worker
      const [first, end] = parts[at] ?? [0, 0]
      under[at] = new Promise((resolve, reject) => {
        maker.once('error', reject)
        const hear = (rows: Rows) => {
          if (rows.from !== first) return
          maker.off('message', hear)
          maker.off('error', reject)
          resolve(rows)
        }
        maker.on('message', hear)
        maker.postMessage({ from: first, to: end, total })
      })
    }
    const ahead = threads * 2
    for (let at = 0; at < Math.min(ahead, parts.length); at += 1) ask(at)
    for (let at = 0; at < parts.length; at += 1) {
      const rows = await under[at]
      under[at] = undefined
      if (at + ahead < parts.length) ask(at + ahead)
      if (rows !== undefined) yield rows
    }
  } finally {
    await Promise.all(makers.map(maker => maker.terminate()))
  }
}
