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

/** Where a list goes on. */
export interface Place {
  weight: number
  review: number
}

/** Both records are there, and of two persons: nobody has joined them since. */
const unsettled = `EXISTS (
  SELECT 1 FROM records a JOIN persons p ON p.person = a.person, records b JOIN persons q ON q.person = b.person
  WHERE a.record = v.one AND b.record = v.other AND a.ended_by IS NULL AND b.ended_by IS NULL AND p.survivor <> q.survivor)`

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

    /** As `reviews`, without what has settled itself; after one that was shown, or from the first. */
    waiting(most: number, after: Place = { weight: Number.MAX_VALUE, review: 0 }): ReviewPair[] {
      return sql(
        `SELECT v.* FROM reviews v WHERE v.verdict = 'open' AND (v.weight, v.review) < (?, ?) AND ${unsettled}
         ORDER BY v.weight DESC, v.review DESC LIMIT ?`,
      )
        .all(after.weight, after.review, most)
        .map(reviewOf)
    },

    /** How many wait; counted no further than `most`. */
    waitingCount(most: number): number {
      const row = sql(
        `SELECT count(*) AS count FROM (SELECT 1 FROM reviews v WHERE v.verdict = 'open' AND ${unsettled} LIMIT ?)`,
      ).get<{ count: number }>(most)
      return row?.count ?? 0
    },

    /** Those from which somebody has told a record apart, the last first. */
    toldApart(record: number, most: number): ReviewPair[] {
      return sql(
        `SELECT * FROM (SELECT * FROM reviews WHERE one = ? UNION ALL SELECT * FROM reviews WHERE other = ?)
         WHERE verdict = 'different' ORDER BY changed_ms DESC, review LIMIT ?`,
      )
        .all(record, record, most)
        .map(reviewOf)
    },

    reopen(review: number, { weight, parts }: { weight: number; parts: ScorePart[] }, nowMs: number): void {
      sql(
        `UPDATE reviews SET verdict = 'open', decided_by = NULL, weight = ?, parts = ?, changed_ms = ? WHERE review = ?`,
      ).run(weight, JSON.stringify(parts), nowMs, review)
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
