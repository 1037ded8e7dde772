// Opens a database file: brings its schema up to date, then one writer with grouped commits.
import { dirname } from 'node:path'
import { type Clock, everyOnceDone } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import { type Erasure, erasureIn } from './erasure.js'
import { openingInWords } from './failures.js'
import { type GroupCommit, groupCommit } from './group-commit.js'
import { patienceMs } from './held.js'
import { type LogSync, logSync } from './log-sync.js'
import { migrate } from './migrate.js'
import { connect, type SqliteConnection } from './sqlite-driver.js'
import { statementCache } from './statements.js'
import type { OpenStore, Store } from './store.js'

const inMemory = ':memory:'
/** For so long a removal waits for those who read what was there before it. */
const readersMs = 10_000
const lookAgainMs = 250
const lookAtFilesMs = 1_000

// The size limit gives space back after a burst; a checkpoint every 16 MiB writes a page that many commits have changed once.
// (Measured: docs/decisions/0085.) What is deleted is overwritten, at a tenth more of log: docs/decisions/0120.
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = ${patienceMs};
  PRAGMA foreign_keys = OFF;
  PRAGMA secure_delete = ON;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16384;
  PRAGMA temp_store = MEMORY;
`

/** @throws CannotOpen when the file cannot be opened, or was written by a newer version. */
export async function openStore(options: OpenStore, clock: Clock, files: Files): Promise<Store> {
  try {
    return await opened(options, clock, files)
  } catch (problem) {
    throw openingInWords(options.path, problem)
  }
}

async function opened({ path, migrations }: OpenStore, clock: Clock, files: Files): Promise<Store> {
  if (path !== inMemory) await prepareFile(path, files)
  const connection = await connect(path, { files })
  try {
    connection.exec(settings)
    await migrate(connection, path, migrations)
  } catch (problem) {
    connection.close()
    throw problem
  }
  const erasure = erasureIn(connection, clock)
  erasure.thoroughly()
  const hasLog = path !== inMemory && (await files.stat(`${path}-wal`)) !== undefined
  const inode = hasLog ? (await files.stat(path))?.inode : undefined
  return storeOver(connection, path, { clock, files, erasure, hasLog, inode })
}

/** Made here, because SQLite would let everybody read it: its companion files take over these rights. */
async function prepareFile(path: string, files: Files): Promise<void> {
  await files.makeFolder(dirname(path))
  if ((await files.stat(path)) !== undefined) return
  await (await files.create(path, { mode: 0o640 })).close()
  await files.syncFolder(dirname(path))
}

interface Around {
  clock: Clock
  files: Files
  erasure: Erasure
  hasLog: boolean
  /** Of the file that is open. */
  inode: number | undefined
}

function storeOver(
  connection: SqliteConnection,
  path: string,
  { clock, files, erasure, hasLog, inode }: Around,
): Store {
  const log: LogSync =
    path === inMemory ? nothingToSync : logSync(path, clock, files, reason => commits.breakOff(reason))
  const looking = hasLog ? everyOnceDone(clock, lookAtFilesMs, keepWhatIsOurs, () => undefined) : undefined
  const commits: GroupCommit = groupCommit(connection, clock, () => log.written())
  let closed: Promise<void> | undefined

  /**
   * A log whose name is gone ends with this process, and with it all that the database does not have yet; SQLite closes without a
   * word. Until then the process has it in its hands, and writes it into the database.
   */
  async function keepWhatIsOurs(): Promise<void> {
    const undermined = closed === undefined ? await underminedBy() : undefined
    if (undermined === undefined) return
    commits.breakOff(undermined.how)
    connection.exec(undermined.save)
  }

  /** What somebody has done to our files, and how what the log has is saved from it. */
  async function underminedBy(): Promise<{ how: string; save: string } | undefined> {
    const found = inode === undefined ? undefined : await files.stat(path)
    if (found?.inode !== inode) {
      const how =
        found === undefined
          ? `the database ${path} was moved or removed under this service`
          : `another file was put in the place of the database ${path} under this service`
      // What we write goes into the file that we opened. Emptied as well: what has its name now must not be given the log of another.
      return { how, save: 'PRAGMA wal_checkpoint(TRUNCATE)' }
    }
    if ((await files.stat(`${path}-wal`)) !== undefined) return undefined
    const how = 'the write-ahead log of the database was removed under this service'
    return { how, save: 'PRAGMA wal_checkpoint(PASSIVE)' }
  }

  async function close(): Promise<void> {
    looking?.cancel()
    commits.flush()
    commits.breakOff('the database is closed')
    await log.settle()
    // Who read what was there before may have kept some of it from the database.
    const undermined = hasLog ? await underminedBy() : undefined
    if (undermined !== undefined) connection.exec(undermined.save)
    erasure.thoroughly()
    connection.close()
  }

  return {
    prepare: statementCache(connection),
    write: work => commits.add(work, 'disk'),
    writeSoon: work => commits.add(work, 'soon'),
    markErasure: erasure.mark,
    async erased() {
      // Who waits for the commit before it need not wait for this too.
      await new Promise<void>(resolve => clock.endOfTurn(resolve))
      const untilMs = clock.monotonicMs() + readersMs
      while (closed === undefined && !erasure.now() && clock.monotonicMs() < untilMs) await clock.sleep(lookAgainMs)
    },
    get broken() {
      return commits.broken
    },
    get held() {
      return closed === undefined ? commits.held : undefined
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}

const nothingToSync: LogSync = { written: () => undefined, settle: () => Promise.resolve() }
