// Rows leave a PostgreSQL database to go to the embedded engine, some at a time: all of them as they are at one instant, and nobody is at
// work on it meanwhile.
import type { Network } from '../../ports/network.js'
import {
  type ColumnForm,
  type Crossing,
  rowsTogether,
  type Travelling,
  type TravellingRow,
} from '../crossing/crossing.js'
import { assertOfThisVersion } from '../crossing/this-version.js'
import type { Line, PostgresServer } from './connections.js'
import { migratingLock, type PostgresMigration, stepsDoneIn } from './migrate.js'
import { withLine } from './one-line.js'
import { placeOf } from './open-postgres.js'
import { type Session, sessionOver } from './session.js'
import { asTheyLie } from './tables-out.js'

/** Said to whoever asked for it. */
export class CannotBeLeft extends Error {}

const settings = { ...asTheyLie, lock_timeout: '10s', idle_in_transaction_session_timeout: '0' }

/** @throws CannotBeLeft where somebody is at work on it, NotOfThisVersion */
export async function leaveDatabase(
  { server, migrations }: { server: PostgresServer; migrations: readonly PostgresMigration[] },
  network: Network,
  leave: (database: Session) => Promise<void>,
): Promise<void> {
  await withLine({ server, network, settings }, async line => {
    // Whoever starts waits for it; it ends with this connection.
    await line.query({ text: `SELECT pg_advisory_lock(${migratingLock})` })
    await assertAtRest(line, server)
    await line.query({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ' })
    const done = await stepsDoneIn(sessionOver(line)).catch((): string[] => [])
    assertOfThisVersion(placeOf(server), done, migrations)
    await leave(sessionOver(line))
    await line.query({ text: 'COMMIT' })
  })
}

/** Each process holds a lock for as long as it lives (keeper.ts). */
async function assertAtRest(line: Line, server: PostgresServer): Promise<void> {
  const { rows } = await line.query({ text: selectOthers })
  const [{ others } = { others: 0 }] = rows as { others: number }[]
  if (others === 0) return
  throw new CannotBeLeft(
    `${others} connections of services are at work on ${placeOf(server)}: end these first, on all machines`,
  )
}

const selectOthers = `SELECT count(DISTINCT pid) AS others FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

export async function countOnServer({ table, from = table }: Crossing, session: Session): Promise<number> {
  const [row] = await session.query<{ count: number }>(`SELECT count(*) AS count FROM ${from}`)
  return row?.count ?? 0
}

/** In a transaction. In their order, or as they lie. */
export async function* rowsOnServer(
  { table, columns, from = table, order }: Crossing,
  session: Session,
  { ordered }: { ordered: boolean },
): AsyncGenerator<TravellingRow[]> {
  const forms = Object.entries(columns)
  const selected = forms.map(([name, form]) => `${read[form](`${table}.${name}`)} AS ${name}`).join(', ')
  const by = ordered ? ` ORDER BY ${order}` : ''
  const cursor = `crossing_${table}`
  await session.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${selected} FROM ${from}${by}`)
  const next = () => session.query<Record<string, Travelling>>(`FETCH ${rowsTogether} FROM ${cursor}`)
  for (let page = await next(); page.length > 0; page = await next()) yield page
  await session.query(`CLOSE ${cursor}`)
}

const asItIs = (column: string) => column
const read: Readonly<Record<ColumnForm, (column: string) => string>> = {
  number: asItIs,
  text: asItIs,
  bytes: asItIs,
  uuid: column => `replace(${column}::text, '-', '')`,
  uuids: column => `to_json(string_to_array(replace(array_to_string(${column}, ','), '-', ''), ','))`,
  texts: column => `to_json(${column})`,
}
