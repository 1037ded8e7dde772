// What was done to persons and their records, by whom and why.
import type { Store } from '../../store/store.js'

export interface HistoryEntry {
  person: number
  record: number | undefined
  what: string
  why: string
  by: string
  atMs: number
}

export function historyIn(sql: Store['prepare']) {
  return {
    note({ person, record, what, why, by, atMs }: HistoryEntry): void {
      sql('INSERT INTO history (person, record, what, why, by, at_ms) VALUES (?, ?, ?, ?, ?, ?)').run(
        ...[person, record ?? null, what, why, by, atMs],
      )
    },

    /** Of a person and of all who were merged into it, oldest first. */
    historyOf(person: number, most: number): HistoryEntry[] {
      const rows = sql(
        'SELECT h.* FROM history h JOIN persons p ON p.person = h.person WHERE p.survivor = ? ORDER BY h.entry LIMIT ?',
      ).all<{ person: number; record: number | null; what: string; why: string; by: string; at_ms: number }>(
        person,
        most,
      )
      return rows.map(({ record, at_ms, ...row }) => ({ ...row, record: record ?? undefined, atMs: at_ms }))
    },
  }
}
