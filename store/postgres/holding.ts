// Who changes something holds its name until the commit: two that name one thing go one after another, all others side by side.
// docs/decisions/0220.
import { createHash } from 'node:crypto'
import type { Session } from './session.js'

/** More names than this are not held one by one: the server has room for so many locks only. */
const mostHeld = 64

/** Whoever holds single things holds this together with others; whoever holds everything, alone. */
const everything = 4_891_734_201

/** Asked in order of number, so that two who want the same do not wait for each other. */
export function hold(session: Session, names: Iterable<string>): Promise<unknown> {
  const numbers = [...new Set([...names].map(numberOf))].sort((a, b) => (a < b ? -1 : 1))
  if (numbers.length > mostHeld) return holdEverything(session)
  return session.query(
    `SELECT pg_advisory_xact_lock_shared(${everything})
     UNION ALL SELECT pg_advisory_xact_lock(held.number) FROM unnest(?::bigint[]) held(number)`,
    numbers.map(String),
  )
}

/** Until the end of the transaction nobody else holds any name, and whoever holds one is waited for: for the few changes whose names are not known before. */
export function holdEverything(session: Session): Promise<unknown> {
  return session.query(`SELECT pg_advisory_xact_lock(${everything})`)
}

function numberOf(name: string): bigint {
  return createHash('sha256').update(name).digest().readBigInt64BE()
}
