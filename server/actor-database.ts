// The database of an actor, with the audit records that wait in it: a file of its own, or one on a server that several processes share.
import { type OpenOutbox, type Outbox, openOutbox, outboxMigrations } from '../atna-audit/outbox.js'
import { openPostgresOutbox, type PostgresOutbox } from '../atna-audit/postgres-outbox.js'
import type { Clock } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import { CannotOpen } from '../store/failures.js'
import { stepsDone } from '../store/migrate.js'
import { openStore } from '../store/open-store.js'
import { stepsDoneIn } from '../store/postgres/migrate.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { TablesPart } from '../store/postgres/tables-out.js'
import type { Migration, Store } from '../store/store.js'
import type { SharedUses } from './assertions.js'
import type { SharedNote } from './changes-door.js'
import { noteOnServer } from './read-only-on-server.js'
import { CannotStart, type Service } from './service.js'
import { usesOnServer } from './used-on-server.js'

export interface ActorDatabase {
  /** Why nothing can be written; undefined while all is well. */
  readonly broken: string | undefined
  /** The same where only a restart can change it; a server comes back by itself. */
  readonly lost?: string | undefined
  /** Steps that its schema has taken. */
  stepsDone(): string[] | Promise<string[]>
  openOutbox(options: OpenOutbox): Outbox
  /** Of all processes that share it. */
  readOnlyNote?: SharedNote
  /** Of all processes that share it. */
  usedAssertions?: SharedUses
  /** Of one on a server: all that is in it, for a backup. */
  tables?(): AsyncGenerator<TablesPart>
  /** Of a copy of one in a file: what a backup has to ask for besides, in lines. */
  listIn?(copy: string): AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Which keeps what `migrations` say, beside the records. */
export async function openInFile(
  path: string,
  migrations: readonly Migration[],
  { clock, files }: Pick<Ports, 'clock' | 'files'>,
): Promise<ActorDatabase & { store: Store }> {
  const store = await openStore({ path, migrations: [...outboxMigrations, ...migrations] }, clock, files)
  return Object.assign(inFile(store), { store })
}

/** What was a failure once stays one until a restart; what another process holds comes back when it lets go. */
export function inFile(store: Store): ActorDatabase {
  return {
    get broken() {
      return store.broken ?? store.held
    },
    get lost() {
      return store.broken
    },
    stepsDone: () => stepsDone(store),
    openOutbox: options => openOutbox(store, options),
    close: () => store.close(),
  }
}

/** `list` is a query for what a backup has to ask for besides, a line in each row. */
export function onServer(store: PostgresStore, clock: Clock, list?: string): ActorDatabase {
  let outbox: PostgresOutbox | undefined
  return {
    get broken() {
      return store.broken
    },
    stepsDone: () => store.look(stepsDoneIn),
    readOnlyNote: noteOnServer(store),
    usedAssertions: usesOnServer(store, clock),
    tables: () => store.tablesOut(list),
    openOutbox(options) {
      outbox = openPostgresOutbox(store, options)
      return outbox
    },
    async close() {
      await outbox?.close()
      await store.close()
    },
  }
}

/** Once it is open; what others share with this service in it is shared from here on. Where it cannot be opened, the service ends. */
export async function databaseFor<Database extends ActorDatabase>(
  service: Service,
  opening: Promise<Database>,
): Promise<Database> {
  const database = await opening.catch(async problem => {
    await service.end()
    throw problem instanceof CannotOpen ? new CannotStart(`${inSentence(problem.message)}.`) : problem
  })
  if (database.readOnlyNote !== undefined) await service.changes.share(database.readOnlyNote)
  if (database.usedAssertions !== undefined) service.assertions?.share(database.usedAssertions)
  return database
}

export const inSentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
