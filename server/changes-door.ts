// Whether partners may change anything here: not in read-only mode, and not while the disk is as good as full. Queries and retrievals
// go on in both, for the room that is kept free is enough for their audit. docs/decisions/0242.
import { dirname, isAbsolute } from 'node:path'
import { isoOf } from '../ports/clock.js'
import { readIfThere } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import { StoreAway, StoreFull } from '../store/failures.js'
import type { Change } from '../transactions/transaction.js'
import type { Check } from './health.js'
import type { ServiceSection } from './service-section.js'

/** An administrator has closed this service to changes. */
export class ReadOnly extends Error {
  override name = 'ReadOnly'
}

export interface ReadOnlyNote {
  sinceMs: number
  by: string
  why: string
}

export interface ChangesDoor {
  /** @throws ReadOnly, StoreFull, StoreAway */
  assertOpen(change: Change): void
  readonly readOnly: ReadOnlyNote | undefined
  /** On the fullest of the disks, as of the latest look. */
  readonly freeBytes: number
  /** Durably; other processes on the same data follow within a second. */
  setReadOnly(note: ReadOnlyNote | undefined): Promise<void>
  /** From here on the note is this one, which the processes of other machines see too; one beside the database counts as well. */
  share(note: SharedNote): Promise<void>
  checks(): Promise<Check[]>
  close(): void
}

/** In a database that several processes share. */
export interface SharedNote {
  read(): Promise<ReadOnlyNote | undefined>
  write(note: ReadOnlyNote | undefined): Promise<void>
}

export interface OpenChangesDoor {
  /** Holds the note while the service is read-only. */
  file: string
  /** On whose disks there must be room. */
  folders: readonly string[]
  leastFreeBytes: number
  /** Of whatever else asks the disks. */
  longestWaitMs(): number
  ports: Pick<Ports, 'clock' | 'files'>
}

const lookEveryMs = 1_000
/** Milliseconds is what a look takes. A disk that stands still fails nothing: whatever asks it waits, and in the end whatever asks any disk. */
const longestLookMs = 10_000
/** The sync of gigabytes takes its time. */
const longestCallMs = 60_000

/** Reads at once whether it is read-only and whether there is room, and looks again from then on; until `close()`. */
export async function openChangesDoor(options: OpenChangesDoor): Promise<ChangesDoor> {
  const { file, leastFreeBytes, ports } = options
  const { clock, files } = ports
  let shared: SharedNote | undefined
  let readOnly = await noteIn(file, ports)
  let room = await leastRoom(options)
  /** One of the folders is not there. */
  let gone: string | undefined
  let looking = false
  /** Of the disks, in this look. */
  let askedMs: number | undefined
  let told = 0

  async function lookForRoom(): Promise<void> {
    try {
      room = await leastRoom(options)
      gone = undefined
    } catch (problem) {
      const { code, message } = problem as NodeJS.ErrnoException
      gone = code === 'ENOENT' || code === 'ENOTDIR' ? message : undefined
      throw problem
    }
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    askedMs = clock.monotonicMs()
    const toldBefore = told
    try {
      const own = await noteIn(file, ports)
      await lookForRoom()
      askedMs = undefined
      // While the database is away it stays as it was.
      const seen =
        shared === undefined
          ? own
          : await shared.read().then(
              note => note ?? own,
              () => readOnly,
            )
      // What this process was told meanwhile is newer than what was seen.
      if (told === toldBefore) readOnly = seen
    } finally {
      looking = false
      askedMs = undefined
    }
  }

  function standstill(): string | undefined {
    const lookMs = askedMs === undefined ? 0 : clock.monotonicMs() - askedMs
    const waitedMs = Math.max(lookMs, options.longestWaitMs())
    if (lookMs < longestLookMs && waitedMs < longestCallMs) return undefined
    return `a disk has not answered for ${Math.floor(waitedMs / 1_000)} s`
  }

  // What cannot be looked at now stays as it was: the next look follows.
  const timer = clock.every(lookEveryMs, () => void look().catch(() => {}))

  return {
    assertOpen(change) {
      if (readOnly !== undefined) throw new ReadOnly(`${closed(readOnly)}; queries and retrievals go on`)
      const still = change === 'adds' ? standstill() : undefined
      if (still !== undefined) throw new StoreAway(`${still}; send this again when it does`)
      // What is still open there would be written, acknowledged, and found by nobody after a restart.
      if (change === 'adds' && gone !== undefined)
        throw new StoreFull(`a folder of this service is not there (${gone}); send this again when it is`)
      if (change === 'adds' && room !== undefined && isFull(room, leastFreeBytes))
        throw new StoreFull(full(room, leastFreeBytes))
    },
    get readOnly() {
      return readOnly
    },
    get freeBytes() {
      return room?.freeBytes ?? Number.POSITIVE_INFINITY
    },
    async setReadOnly(note) {
      told += 1
      await shared?.write(note)
      if (note === undefined) await files.remove(file)
      else if (shared === undefined) await files.replace(file, `${JSON.stringify(note)}\n`, { mode: 0o640 })
      told += 1
      readOnly = note
    },
    async share(note) {
      readOnly = (await note.read()) ?? readOnly
      shared = note
    },
    async checks() {
      const problem = await look().then(
        () => undefined,
        (failure: Error) => failure.message,
      )
      return [...diskChecks(room, leastFreeBytes, problem ?? standstill()), changesCheck(readOnly)]
    },
    close: () => timer.cancel(),
  }
}

interface Room {
  folder: string
  freeBytes: number
  freeFiles: number
}

/** A file system may be full of files: with fewer left nothing is added either. */
const leastFreeFiles = 1_000

const lacksFiles = ({ freeFiles }: Room) => freeFiles < leastFreeFiles
const isFull = (room: Room, leastFreeBytes: number) => room.freeBytes < leastFreeBytes || lacksFiles(room)

function diskChecks(room: Room | undefined, leastFreeBytes: number, problem: string | undefined): Check[] {
  if (problem !== undefined) return [{ name: 'disk', ok: false, reason: `it cannot be looked at: ${problem}` }]
  if (room === undefined) return []
  const reason = `${lacksFiles(room) ? filesLeft(room) : `${mebibytes(room.freeBytes)} are free`} at ${room.folder}`
  return [{ name: 'disk', ok: !isFull(room, leastFreeBytes), reason }]
}

function changesCheck(readOnly: ReadOnlyNote | undefined): Check {
  const reason = readOnly === undefined ? 'partners may change what is here' : closed(readOnly)
  return { name: 'changes', ok: true, reason }
}

/** On the fullest of the disks. */
async function leastRoom({ folders, ports: { files } }: OpenChangesDoor): Promise<Room | undefined> {
  const rooms = await Promise.all(
    folders.map(async folder => ({
      folder,
      freeBytes: await files.freeBytes(folder),
      freeFiles: await files.freeFiles(folder),
    })),
  )
  return rooms.find(lacksFiles) ?? rooms.sort((one, other) => one.freeBytes - other.freeBytes)[0]
}

async function noteIn(file: string, { files }: Pick<Ports, 'files'>): Promise<ReadOnlyNote | undefined> {
  const bytes = await readIfThere(files, file)
  if (bytes === undefined) return undefined
  try {
    const { sinceMs, by, why } = JSON.parse(String(bytes)) as ReadOnlyNote
    return { sinceMs: Number(sinceMs), by: String(by), why: String(why) }
  } catch {
    // Whoever has put it there wants nothing to change.
    return { sinceMs: 0, by: 'somebody', why: `${file} is there` }
  }
}

function closed({ sinceMs, by, why }: ReadOnlyNote): string {
  return `nothing may be changed here since ${isoOf(sinceMs)}, by ${by}: ${why}`
}

function full(room: Room, leastFreeBytes: number): string {
  const why = lacksFiles(room)
    ? filesLeft(room)
    : `${mebibytes(room.freeBytes)} of the disk are free, and ${mebibytes(leastFreeBytes)} are kept for the audit of queries`
  return `there is no room for more (${why}); send this again when there is`
}

function filesLeft({ freeFiles }: Room): string {
  return `the file system takes ${freeFiles} more files, and ${leastFreeFiles} are kept free`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** The folders of a service that are on disks of this machine. */
export function foldersOf({
  database,
  folder = dirname(database),
  documents,
  documentsFolder,
}: Pick<ServiceSection, 'database' | 'folder' | 'documents' | 'documentsFolder'>): string[] {
  return [folder, documents, documentsFolder].filter(
    (place): place is string => place !== undefined && isAbsolute(place),
  )
}
