// Pairs of records that somebody has to look at, and what was said of them.
import type { Store } from '../../store/store.js'
import type { ScorePart } from '../matching/score.js'

export interface ReviewPair {
  review: number
  one: number
  other: number
  weight: number
  parts: ScorePart[]
  verdict: Verdict
  decidedBy: string | undefined
  changedMs: number
}

export type Verdict = 'open' | 'same' | 'different'

export function reviewsIn(sql: Store['prepare']) {
  return {
    ask(one: number, other: number, { weight, parts }: { weight: number; parts: ScorePart[] }, nowMs: number): void {
      sql(
        `INSERT INTO reviews (one, other, weight, parts, verdict, changed_ms) VALUES (?, ?, ?, ?, 'open', ?)
         ON CONFLICT (one, other) DO UPDATE SET weight = excluded.weight, parts = excluded.parts WHERE verdict = 'open'`,
      ).run(...inOrder(one, other), weight, JSON.stringify(parts), nowMs)
    },

    /** Somebody has said that these two are not one. */
    areApart(one: number, other: number): boolean {
      const apart = sql(`SELECT 1 FROM reviews WHERE one = ? AND other = ? AND verdict = 'different'`)
      return apart.get(...inOrder(one, other)) !== undefined
    },

    review(review: number): ReviewPair | undefined {
      const row = sql('SELECT * FROM reviews WHERE review = ?').get(review)
      return row && reviewOf(row)
    },

    /** The surest first. */
    reviews(verdict: Verdict, most: number): ReviewPair[] {
      return sql('SELECT * FROM reviews WHERE verdict = ? ORDER BY weight DESC, review LIMIT ?')
        .all(verdict, most)
        .map(reviewOf)
    },

    decide(one: number, other: number, verdict: Verdict, by: string, nowMs: number): void {
      sql(
        `INSERT INTO reviews (one, other, weight, parts, verdict, decided_by, changed_ms) VALUES (?, ?, 0, '[]', ?, ?, ?)
         ON CONFLICT (one, other) DO UPDATE SET verdict = excluded.verdict, decided_by = excluded.decided_by, changed_ms = excluded.changed_ms`,
      ).run(...inOrder(one, other), verdict, by, nowMs)
    },
  }
}

/** As a pair stands in the table, whichever of the two is named first. */
function inOrder(one: number, other: number): [number, number] {
  return one < other ? [one, other] : [other, one]
}

function reviewOf(row: Record<string, unknown>): ReviewPair {
  const { review, one, other, weight, parts, verdict, decided_by, changed_ms } = row as {
    [column: string]: number & string & Verdict
  }
  return {
    ...{ review: review!, one: one!, other: other!, weight: weight!, parts: JSON.parse(parts!), verdict: verdict! },
    ...{ decidedBy: decided_by ?? undefined, changedMs: changed_ms! },
  }
}
