// What the patient index keeps, in SQLite: each method is one look or one change; what they mean together stands in linking.ts.
import type { Store } from '../store/store.js'
import { domainsIn } from './kept/domains.js'
import { historyIn } from './kept/history.js'
import { noticesIn } from './kept/notices.js'
import { personsIn } from './kept/persons.js'
import { recordsIn } from './kept/records.js'
import { reviewsIn } from './kept/reviews.js'

export type PersonStore = ReturnType<typeof openPersonStore>

/** Changes are made inside `store.write`. */
export function openPersonStore(store: Store) {
  const sql = (text: string) => store.prepare(text)
  const domains = domainsIn(sql)
  const records = recordsIn(sql, domains)
  return {
    knowsDomain: (oid: string) => domains.numberOf(oid) !== undefined,
    domainOids: domains.oids,
    ...records,
    ...personsIn(sql, domains, records),
    ...reviewsIn(sql),
    ...historyIn(sql),
    ...noticesIn(sql),

    counts() {
      const count = (table: string) => Number(sql(`SELECT count(*) AS n FROM ${table}`).get<{ n: number }>()?.n ?? 0)
      return {
        records: count('records'),
        persons: count('persons WHERE person = survivor'),
        reviews: count(`reviews WHERE verdict = 'open'`),
      }
    },
  }
}
