// What waits to be told to those who follow the patient index, in order.
import type { Store } from '../../store/store.js'

export function noticesIn(sql: Store['prepare']) {
  return {
    tell(target: string, event: string, body: object, nowMs: number): void {
      sql('INSERT INTO notices (target, event, body, at_ms) VALUES (?, ?, ?, ?)').run(
        target,
        event,
        JSON.stringify(body),
        nowMs,
      )
    },

    nextNotice(target: string): { notice: number; event: string; body: string; atMs: number } | undefined {
      return sql('SELECT notice, event, body, at_ms AS atMs FROM notices WHERE target = ? ORDER BY notice LIMIT 1').get(
        target,
      )
    },

    /** A merge that nobody was told of yet is not told any more. */
    forgetMergeOf(subsumedId: string): void {
      sql(`DELETE FROM notices WHERE event = 'merge' AND json_extract(body, '$.subsumedIds[0]') = ?`).run(subsumedId)
    },

    forgetNotice(notice: number): void {
      sql('DELETE FROM notices WHERE notice = ?').run(notice)
    },

    /** How many wait for each. */
    waitingFor(): { target: string; count: number }[] {
      return sql('SELECT target, count(*) AS count FROM notices GROUP BY target').all()
    },

    noticesWaiting: () => Number(sql('SELECT count(*) AS n FROM notices').get<{ n: number }>()?.n ?? 0),
  }
}
