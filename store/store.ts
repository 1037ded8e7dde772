// The database engine as the stores of the actors see it: one writer, grouped commits, reads at any time. Knows nobody's tables.

export type SqlValue = null | number | bigint | string | Uint8Array

/** A prepared statement; all calls return at once. Rows are plain objects by column name. */
export interface Statement {
  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number | bigint }
  get<Row = Record<string, SqlValue>>(...values: SqlValue[]): Row | undefined
  all<Row = Record<string, SqlValue>>(...values: SqlValue[]): Row[]
  iterate<Row = Record<string, SqlValue>>(...values: SqlValue[]): IterableIterator<Row>
}

/** A database in a file, of one process. `write` runs its work synchronously in a commit that it shares with others, each in a savepoint of its own. */
export interface Store {
  /** The same statement for the same text, prepared once. */
  prepare(sql: string): Statement
  /**
   * Runs `work` in a savepoint of its own within the next grouped commit, a few turns of the event loop later.
   * `work` is synchronous: no await ever stands inside a transaction. Resolves with its result once the commit is on the disk;
   * rejects with what it threw, its own changes undone and nobody else's. A commit that fails on the disk rejects all of its group.
   */
  write<Result>(work: () => Result): Promise<Result>
  /**
   * As write(), but resolves when the commit is written, not yet on the disk; that follows within 100 ms.
   * For what must survive the end of the process but need not hold up an answer: the audit of a read.
   */
  writeSoon<Result>(work: () => Result): Promise<Result>
  /** Inside a work: what this one deletes has to leave the files too, also if the process ends before `erased`. */
  markErasure(): void
  /** After such a work: what it deleted is in none of the files any more. Where the database is very large, copies in unused parts of pages wait for the next start. */
  erased(): Promise<void>
  /** Undefined while all is well; else why nothing can be written any more (a failed sync is final until a restart). */
  readonly broken: string | undefined
  /** Why nothing can be written now, where another process holds the database; looks again each time. Not inside a work. */
  readonly held: string | undefined
  /** Ends the groups under way, syncs, closes. */
  close(): Promise<void>
}

/** One step of a room's schema, in order of `name` (`0001-patients`). Steps never change once released; a new step follows. */
export interface Migration {
  name: string
  /** SQL statements for SQLite; the PostgreSQL twin comes with that engine. */
  sqlite: readonly string[]
}

export interface OpenStore {
  /** Path of the database file, or ':memory:' in tests. */
  path: string
  migrations: readonly Migration[]
}
