// Under which keys records are found. What a key is stands in matching/keys.ts.
import type { Store } from '../../store/store.js'

/** A record under a key, with the birthday that it tells. */
export interface Filed {
  record: number
  born: string
}

/** What is kept of a record to find and compare it by. */
export interface Filing {
  traits: string
  /** YYYYMMDD, or less. */
  born: string
  keys: string[]
}

export type FiledRecords = ReturnType<typeof filedRecordsIn>

export function filedRecordsIn(sql: Store['prepare']) {
  return {
    /** Records filed under a key, at most so many; `days` bounds the birthday. */
    filedUnder(key: string, most: number, days: { from: string; to: string } = { from: '', to: '~' }): Filed[] {
      return sql('SELECT record, born FROM keys WHERE key = ? AND born >= ? AND born <= ? LIMIT ?').all<Filed>(
        ...[key, days.from, days.to, most],
      )
    },

    /** Likewise under all keys that begin so. */
    filedBelow(start: string, most: number): Filed[] {
      return sql('SELECT record, born FROM keys WHERE key >= ? AND key < ? LIMIT ?').all<Filed>(
        ...[start, `${start}\u{10ffff}`, most],
      )
    },

    /** Those that a former version has filed. */
    unfiled(most: number): number[] {
      const rows = sql('SELECT record FROM records WHERE traits IS NULL LIMIT ?').all<{ record: number }>(most)
      return rows.map(({ record }) => record)
    },

    /** Makes a record found by what is known of the person, and by nothing else. */
    file(record: number, filing: Filing): void {
      sql('DELETE FROM keys WHERE record = ?').run(record)
      sql('UPDATE records SET traits = ? WHERE record = ?').run(filing.traits, record)
      addKeys(sql, record, filing)
    },
  }
}

/** So many keys are filed by one statement. */
const keysAtOnce = 16

/** Keys that the record has already stay as they are. */
export function addKeys(sql: Store['prepare'], record: number, { keys, born }: Filing): void {
  for (let first = 0; first < keys.length; first += keysAtOnce) {
    const some = keys.slice(first, first + keysAtOnce)
    const rows = some.map(() => '(?, ?, ?)').join(', ')
    sql(`INSERT OR IGNORE INTO keys (key, born, record) VALUES ${rows}`).run(
      ...some.flatMap(key => [key, born, record]),
    )
  }
}
