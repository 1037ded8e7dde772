// The file system. The only door to node:fs.
import { constants, write } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'

/** An open file; offsets and sizes in bytes. */
export interface OpenFile {
  write(data: Uint8Array): Promise<void>
  /** Reads up to `length` bytes from `position`; fewer only at the end of the file. What is given back may lie in `into`, which is as long. */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>
  /** Returns once the contents are on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A file whose bytes can be written over. */
export interface ChangeableFile extends OpenFile {
  /** Writes all of `data` from `position` on; past the end the file grows. */
  writeAt(position: number, data: Uint8Array): Promise<void>
}

export interface Files {
  /** Makes a new file; fails with EEXIST where there is one. */
  create(path: string, options?: { mode?: number }): Promise<OpenFile>
  open(path: string): Promise<OpenFile>
  /** For reading, and for writing anywhere in a file that is there. */
  change(path: string): Promise<ChangeableFile>
  /** As change(), but what is written is on the disk when writeAt() returns: one call where write and sync would be two. */
  changeThrough(path: string): Promise<ChangeableFile>
  /** For writing at the end; made where there is none, with its folder. */
  append(path: string): Promise<OpenFile>
  readFile(path: string): Promise<Buffer>
  /** Writes beside the target, syncs, renames: a reader sees the old file or the whole new one. */
  replace(path: string, data: string | Uint8Array, options?: { mode?: number }): Promise<void>
  /** Renames and makes the new name durable. */
  rename(from: string, to: string): Promise<void>
  /**
   * Renames a file that is written and closed, and makes its contents and its new name durable: one turn of the file system's
   * log, where sync and rename are two. Until it returns, the name may be there without the contents.
   */
  renameAndSync(from: string, to: string): Promise<void>
  /** Removes a file; one that is not there is no error. */
  remove(path: string): Promise<void>
  removeFolder(path: string): Promise<void>
  /** With those above it that are not there; the names of all that it makes are durable. */
  makeFolder(path: string, options?: { mode?: number }): Promise<void>
  list(path: string): Promise<string[]>
  /** Size and time of last change, or undefined where there is no such file. */
  /** `inode`: two names that share it are one file; absent where the file system is played. */
  stat(path: string): Promise<{ sizeBytes: number; modifiedMs: number; isFolder: boolean; inode?: number } | undefined>
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>
  /** Makes the contents of a file durable that somebody else has open. */
  syncFile(path: string): Promise<void>
  freeBytes(path: string): Promise<number>
  /** How many files there may be more; without an end where the file system counts none. */
  freeFiles(path: string): Promise<number>
  /** The same place by a path without links. */
  realPath(path: string): Promise<string>
  temporaryFolder(prefix: string): Promise<string>
  /** The database engine opens its files itself; who plays the disk stands between it and us here. docs/decisions/0250 */
  beneathEngine?<Connection extends EngineConnection>(path: string, connection: Connection): Connection
}

/** As much of a connection to the database engine as tells when it writes and syncs. */
export interface EngineConnection {
  exec(sql: string): void
  prepare(sql: string): EngineStatement
  close(): void
}

export interface EngineStatement {
  run(...values: never[]): unknown
  get(...values: never[]): unknown
  all(...values: never[]): unknown
  iterate(...values: never[]): unknown
}

export const systemFiles: Files = {
  async create(path, options = {}) {
    return openFile(await fs.open(path, 'wx+', options.mode ?? 0o640))
  },
  async open(path) {
    return openFile(await fs.open(path, 'r'))
  },
  change: async path => changeableFile(await fs.open(path, 'r+')),
  async changeThrough(path) {
    const handle = await fs.open(path, constants.O_RDWR | (constants.O_DSYNC ?? 0))
    const file = changeableFile(handle)
    if (constants.O_DSYNC !== undefined) return file
    return {
      ...file,
      async writeAt(position, data) {
        await file.writeAt(position, data)
        await file.sync()
      },
    }
  },
  async append(path) {
    await systemFiles.makeFolder(dirname(path))
    return openFile(await fs.open(path, 'a', 0o640))
  },
  readFile: path => fs.readFile(path),
  async replace(path, data, options = {}) {
    const beside = `${path}.new`
    await systemFiles.remove(beside)
    const file = await systemFiles.create(beside, options)
    try {
      await file.write(typeof data === 'string' ? Buffer.from(data) : data)
      await file.sync()
    } finally {
      await file.close()
    }
    await systemFiles.rename(beside, path)
  },
  async rename(from, to) {
    await fs.rename(from, to)
    await systemFiles.syncFolder(dirname(to))
  },
  async renameAndSync(from, to) {
    await fs.rename(from, to)
    await systemFiles.syncFile(to)
    await systemFiles.syncFolder(dirname(to))
  },
  remove: path => fs.rm(path, { force: true }),
  removeFolder: path => fs.rm(path, { force: true, recursive: true }),
  async makeFolder(path, options = {}) {
    await makeFolderAt(path, options.mode ?? 0o750)
  },
  list: path => fs.readdir(path),
  async stat(path) {
    try {
      const found = await fs.stat(path)
      return { sizeBytes: found.size, modifiedMs: found.mtimeMs, isFolder: found.isDirectory(), inode: found.ino }
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw problem
    }
  },
  syncFolder: path => syncPath(path),
  syncFile: path => syncPath(path),
  async freeBytes(path) {
    const found = await fs.statfs(path)
    return found.bavail * found.bsize
  },
  async freeFiles(path) {
    const found = await fs.statfs(path)
    return found.files > 0 ? found.ffree : Number.POSITIVE_INFINITY
  },
  realPath: path => fs.realpath(path),
  async temporaryFolder(prefix) {
    const { tmpdir } = await import('node:os')
    return fs.mkdtemp(`${tmpdir()}/${prefix}`)
  },
}

/** Undefined where there is no such file. */
export async function readIfThere(files: Pick<Files, 'stat' | 'readFile'>, path: string): Promise<Buffer | undefined> {
  return (await files.stat(path)) === undefined ? undefined : files.readFile(path)
}

const pieceBytes = 524_288

/** The bytes of a file in order. */
export async function* piecesOf(files: Pick<Files, 'open'>, path: string): AsyncGenerator<Buffer> {
  const file = await files.open(path)
  try {
    for (let position = 0; ; ) {
      const piece = await file.read(position, pieceBytes)
      if (piece.length === 0) return
      yield piece
      position += piece.length
    }
  } finally {
    await file.close()
  }
}

// Node's own recursion never ends where a folder is there in which none can be made, as /proc.
async function makeFolderAt(path: string, mode: number): Promise<void> {
  try {
    await fs.mkdir(path, { mode })
    await syncPath(dirname(path))
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolderAt(dirname(path), mode)
      return onceMore(path, mode)
    }
    if ((await systemFiles.stat(path).catch(() => undefined))?.isFolder !== true) throw problem
  }
}

/** Somebody else may have made it meanwhile. */
async function onceMore(path: string, mode: number): Promise<void> {
  await fs.mkdir(path, { mode }).catch(async (problem: unknown) => {
    if ((await systemFiles.stat(path))?.isFolder !== true) throw problem
  })
  await syncPath(dirname(path))
}

async function syncPath(path: string): Promise<void> {
  const handle = await fs.open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function openFile(handle: fs.FileHandle): OpenFile {
  return {
    write: data => writeFully(handle, data),
    async read(position, length, into = Buffer.allocUnsafe(length)) {
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(into, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return into.subarray(0, filled)
    },
    // Whatever of a file's metadata it takes to read the contents goes with them.
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

function changeableFile(handle: fs.FileHandle): ChangeableFile {
  return { ...openFile(handle), writeAt: (position, data) => writeFully(handle, data, position) }
}

/** Without a position where the last write ended. */
async function writeFully(handle: fs.FileHandle, data: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < data.byteLength; ) {
    done += await writeSome(handle.fd, data.subarray(done), position === undefined ? null : position + done)
  }
}

/** The form with a callback takes two thirds of the time. (Measured: docs/decisions/0230.) */
function writeSome(descriptor: number, data: Uint8Array, position: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, data, 0, data.byteLength, position, (problem, written) =>
      problem === null ? resolve(written) : reject(problem),
    )
  })
}
