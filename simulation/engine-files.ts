// The files of the database engine, which opens them itself: real SQLite over real files, and beside them what of these
// is durable. docs/decisions/0250.
//
// SQLite in WAL mode writes a commit at the end of its log and syncs it (synchronous = FULL) or leaves that for later
// (NORMAL). The database file itself is written by checkpoints alone, which sync the log before and the file after. So what
// a loss of power leaves is: the database file; the log as far as it was synced; of the rest of it any sectors.
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { EngineConnection } from '../ports/files.js'
import { type Boot, type CrashKind, Dead } from './boot.js'
import type { Chance } from './chance.js'
import { commitLabel, tableWrittenBy } from './labels.js'
import type { Weather } from './weather.js'

export interface EngineFiles {
  owns(path: string): boolean
  /** What the engine has written to its log is durable. */
  synced(path: string): void
  watch<Connection extends EngineConnection>(path: string, connection: Connection, boot: Boot): Connection
}

/** What a test may break, to see that it is found. */
export interface EngineFaults {
  /** Syncs are believed and not made. */
  syncsNothing?: boolean
  /** So many of a hundred commits are believed and not made. */
  forgottenCommits?: number
  /** A statement that is not carried out. */
  skips?(sql: string): boolean
}

export interface OpenEngineFiles {
  weather: Weather
  chance: Chance
  faults: EngineFaults
  /** Its files, where not those of a service. */
  owned?: RegExp
}

const ofServices = /\.sqlite(-wal|-shm|-journal)?$|\.lock$|\.sqlite\.copy-[0-9a-f-]+(-wal|-shm|-journal)?$/

interface WatchedFile {
  path: string
  /** The first bytes of the log, which change when SQLite begins it anew. */
  logHeader: string
  syncedBytes: number
  databaseMark: string
}

const headerBytes = 32
const sectorBytes = 512
const failedSync = 1034 // SQLITE_IOERR_FSYNC
const failedRead = 266 // SQLITE_IOERR_READ

/** After a crash with power cut, a log is cut back to what was synced, or torn behind it, before the engine opens the file again. */
export function openEngineFiles({ weather, chance, faults, owned = ofServices }: OpenEngineFiles): EngineFiles {
  const watched = new Map<string, WatchedFile>()

  function noteSynced(file: WatchedFile): void {
    file.logHeader = headerOf(`${file.path}-wal`)
    file.syncedBytes = sizeOf(`${file.path}-wal`)
    file.databaseMark = markOf(file.path)
  }

  function afterCommit(file: WatchedFile, isSynced: boolean): void {
    // A checkpoint has synced all there was.
    if (isSynced || markOf(file.path) !== file.databaseMark) noteSynced(file)
  }

  /** The files as the next process finds them. */
  function leave(file: WatchedFile, kind: CrashKind): { database: Buffer; log: Buffer } {
    const database = readFileSync(file.path)
    const log = contentsOf(`${file.path}-wal`)
    if (kind === 'kill') return { database, log }
    const isSameLog = headerOf(`${file.path}-wal`) === file.logHeader
    const syncedBytes = isSameLog ? file.syncedBytes : Math.min(headerBytes, log.length)
    return { database, log: tornAfter(log, syncedBytes, chance) }
  }

  return {
    owns: path => owned.test(path),
    synced(path) {
      const file = watched.get(path.replace(/-wal$/, ''))
      if (file !== undefined && !faults.syncsNothing) noteSynced(file)
    },
    watch(path, connection, boot) {
      const isDatabase = !path.endsWith('.lock')
      const file: WatchedFile = { path, logHeader: '', syncedBytes: 0, databaseMark: '' }
      let isSyncing = true
      let capped = false
      let isOpen = true
      let isUnreadable = false
      const tables = new Set<string>()
      if (isDatabase) {
        noteSynced(file)
        watched.set(path, file)
      }

      const close = () => {
        if (!isOpen) return
        isOpen = false
        try {
          // A statement under way would keep the file locked beyond the close.
          connection.exec('ROLLBACK')
        } catch {
          // No transaction was under way.
        }
        connection.close()
      }
      boot.onEnd(kind => {
        if (!isOpen) return
        const left = isDatabase ? leave(file, kind) : undefined
        close()
        if (left === undefined) return
        // New files, not the old ones with other contents: SQLite remembers those of this process.
        for (const companion of ['', '-wal', '-shm']) rmSync(`${path}${companion}`, { force: true })
        writeFileSync(path, left.database)
        if (left.log.length > 0) writeFileSync(`${path}-wal`, left.log)
      })

      const mustLive = () => {
        if (!boot.alive) throw new Dead(`${boot.host} is no more`)
        if (isUnreadable) throw Object.assign(new Error('disk I/O error (simulated)'), { errcode: failedRead })
      }

      /** SQLite itself says that it is full. */
      function followDisk(): void {
        if (weather.isFull === capped) return
        capped = weather.isFull
        const pages = (connection.prepare('PRAGMA page_count').get() as { page_count: number }).page_count
        connection.exec(`PRAGMA max_page_count = ${capped ? pages : 1_073_741_823}`)
      }

      function commit(): void {
        const what = commitLabel(tables)
        boot.passes(`before ${what}`)
        if (weather.failureOf('commit') !== undefined) {
          // What was written before the sync that failed may be found by the next process all the same. This one must not
          // see it, as it would not with SQLite: from here on it cannot read either.
          const isWritten = chance.percent(50)
          if (isWritten) connection.exec('COMMIT')
          isUnreadable = isWritten
          boot.timeline.note(`${boot.host} commit fails${isWritten ? ', and is written' : ''}`)
          throw Object.assign(new Error('disk I/O error (simulated)'), { errcode: failedSync })
        }
        const isForgotten = faults.forgottenCommits !== undefined && chance.percent(faults.forgottenCommits)
        connection.exec(isForgotten ? 'ROLLBACK' : 'COMMIT')
        boot.timeline.note(`${boot.host} commit ${isSyncing ? 'synced' : 'written'}`)
        boot.passes(`within ${what}`)
        afterCommit(file, isSyncing && !faults.syncsNothing)
        boot.passes(`after ${what}`)
      }

      return {
        exec(sql: string) {
          mustLive()
          if (sql === 'COMMIT') return commit()
          if (sql === 'BEGIN IMMEDIATE') {
            tables.clear()
            followDisk()
          }
          const demanded = /^\s*PRAGMA synchronous = (\w+)/.exec(sql)?.[1]
          if (demanded !== undefined) isSyncing = demanded === 'FULL'
          connection.exec(sql)
          // Outside of transactions: VACUUM and the like are commits of their own.
          if (isDatabase && /^\s*(VACUUM|PRAGMA (user_version|journal_mode))/.test(sql)) afterCommit(file, isSyncing)
        },
        prepare(sql: string) {
          mustLive()
          const statement = connection.prepare(sql)
          const table = tableWrittenBy(sql)
          const skipped = faults.skips
          const guarded =
            <Arguments extends unknown[], Result>(work: (...values: Arguments) => Result) =>
            (...values: Arguments): Result => {
              mustLive()
              if (table !== undefined) tables.add(table)
              const result = work(...values)
              if (isDatabase && sql.includes('wal_checkpoint')) noteSynced(file)
              return result
            }
          return {
            get: guarded((...values: never[]) => statement.get(...values)),
            all: guarded((...values: never[]) => statement.all(...values)),
            iterate: guarded((...values: never[]) => statement.iterate(...values)),
            run: guarded((...values: never[]) =>
              skipped?.(sql) ? { changes: 1, lastInsertRowid: 1 } : statement.run(...values),
            ),
          }
        },
        close() {
          close()
          watched.delete(path)
        },
      } as typeof connection
    },
  }
}

/** Behind what was synced each sector is there or not. */
function tornAfter(log: Buffer, syncedBytes: number, chance: Chance): Buffer {
  const fate = chance.whole(0, 2)
  if (fate === 0) return Buffer.from(log.subarray(0, syncedBytes))
  if (fate === 1) return Buffer.from(log)
  const left = Buffer.from(log)
  for (let at = syncedBytes; at < left.length; at += sectorBytes) {
    if (chance.percent(30)) left.fill(0, at, Math.min(left.length, at + sectorBytes))
  }
  return left
}

function headerOf(path: string): string {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return ''
  }
  const header = Buffer.alloc(headerBytes)
  const length = readSync(descriptor, header, 0, headerBytes, 0)
  closeSync(descriptor)
  return header.toString('hex', 0, length)
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function markOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? '' : `${found.mtimeNs} ${found.size}`
}

function contentsOf(path: string): Buffer {
  return sizeOf(path) === 0 ? Buffer.alloc(0) : readFileSync(path)
}
