// Questions whose answers are sent later: each is kept until its answer is taken, or given up.
import type { Store } from '../store/store.js'
import type { DemographicsQuery } from '../transactions/hl7v3/demographics-query-codec.js'

export interface DeferredQuestion {
  question: number
  partner: string
  /** Where the answer goes. */
  url: string
  /** wsa:MessageID of the question. */
  messageID: string
  query: DemographicsQuery
  atMs: number
  tries: number
}

export type DeferredStore = ReturnType<typeof openDeferredStore>

/** Changes are made inside `store.write`. */
export function openDeferredStore(store: Store) {
  const sql = (text: string) => store.prepare(text)
  return {
    keep({ partner, url, messageID, query, atMs }: Omit<DeferredQuestion, 'question' | 'tries'>): void {
      sql('INSERT INTO deferred (partner, url, message_id, body, at_ms, due_ms) VALUES (?, ?, ?, ?, ?, ?)').run(
        ...[partner, url, messageID, JSON.stringify(query), atMs, atMs],
      )
    },

    waitingFor(partner: string): number {
      return sql('SELECT count(*) AS n FROM deferred WHERE partner = ?').get<{ n: number }>(partner)?.n ?? 0
    },

    waiting: () => sql('SELECT count(*) AS n FROM deferred').get<{ n: number }>()?.n ?? 0,

    /** Those whose turn has come, the longest waiting first; of each partner so many, however many of its own wait. */
    due(nowMs: number, { most, mostOfPartner }: { most: number; mostOfPartner: number }): DeferredQuestion[] {
      const rows = sql(
        `SELECT * FROM deferred WHERE question IN (
           SELECT question FROM (
             SELECT question, row_number() OVER (PARTITION BY partner ORDER BY due_ms, question) AS place
             FROM deferred WHERE due_ms <= ?) AS waiting WHERE place <= ?)
         ORDER BY due_ms, question LIMIT ?`,
      ).all<{
        question: number
        partner: string
        url: string
        message_id: string
        body: string
        at_ms: number
        tries: number
      }>(nowMs, mostOfPartner, most)
      return rows.map(({ question, partner, url, message_id, body, at_ms, tries }) => ({
        ...{ question, partner, url, tries },
        ...{ messageID: message_id, query: JSON.parse(body) as DemographicsQuery, atMs: at_ms },
      }))
    },

    later(question: number, dueMs: number): void {
      sql('UPDATE deferred SET tries = tries + 1, due_ms = ? WHERE question = ?').run(dueMs, question)
    },

    forget(question: number): void {
      sql('DELETE FROM deferred WHERE question = ?').run(question)
    },
  }
}
