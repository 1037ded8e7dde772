// The file system as one process sees it: the disk of its machine, each call with a duration, sometimes with a failure.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Files, OpenFile } from '../ports/files.js'
import type { Boot } from './boot.js'
import type { Chance } from './chance.js'
import { type Disk, failure, type Inode } from './disk.js'
import type { EngineFiles } from './engine-files.js'
import type { Weather } from './weather.js'

export interface PlayedFiles {
  /** The folder of this machine; what lies elsewhere is only read, from the real disk. */
  folder: string
  disk: Disk
  engine: EngineFiles
  weather: Weather
  chance: Chance
  faults: FilesFaults
}

/** What a test may break, to see that it is found. */
export interface FilesFaults {
  /** Syncs of files are believed and not made. */
  losesContents?: boolean
  /** So are those of folders. */
  losesNames?: boolean
  /** Files below documents are neither removed nor overwritten. */
  keepsWhatIsRemoved?: boolean
}

/** Between two looks whether a disk goes on. */
const stillMs = 200

export function filesOf(boot: Boot, played: PlayedFiles): Files {
  const { folder, disk, engine, weather, chance, faults } = played
  const { timeline } = boot
  const isPlayed = (path: string) => path === folder || path.startsWith(`${folder}/`)

  /** One call: it takes a while, the process may end before or after, the disk may not do it. */
  async function call<Result>(kind: string, path: string, effect: () => Result): Promise<Result> {
    await pause()
    if (!boot.alive) return boot.never()
    try {
      boot.passes(`before ${kind} ${basename(path)}`)
      const code = weather.failureOf(kind)
      timeline.note(`${boot.host} ${kind} ${path.slice(folder.length)}${code === undefined ? '' : ` ${code}`}`)
      if (code !== undefined) throw failure(code, path)
      const result = effect()
      boot.passes(`after ${kind} ${basename(path)}`)
      return result
    } catch (problem) {
      if (!boot.alive) return boot.never()
      throw problem
    }
  }

  function pause(): Promise<void> {
    return new Promise(resolve => {
      const over = () => (weather.diskStandsStill ? void timeline.at(stillMs, '', over) : resolve())
      timeline.at(weather.diskPauseMs(chance), '', over)
    })
  }

  function opened(path: string, inode: Inode): OpenFile {
    return {
      async write(data) {
        // A full disk takes some of it all the same.
        const some = chance.whole(0, data.byteLength)
        if (weather.isFull && some > 0) disk.write(inode, inode.sizeBytes, data.subarray(0, some), boot.clockMs)
        await call('write', path, () => disk.write(inode, inode.sizeBytes, data, boot.clockMs))
      },
      read: (position, length) =>
        call('read', path, () =>
          Buffer.from(inode.bytes.subarray(position, Math.min(position + length, inode.sizeBytes))),
        ),
      sync: () => sync(path, inode),
      close: () => (boot.alive ? Promise.resolve() : boot.never()),
    }
  }

  async function sync(path: string, inode: Inode): Promise<void> {
    try {
      await call('sync', path, () => {
        if (!faults.losesContents) disk.sync(inode, 'done')
      })
    } catch (problem) {
      disk.sync(inode, 'failed')
      throw problem
    }
  }

  const files: Files = {
    async create(path) {
      if (engine.owns(path)) writeFileSync(path, '', { flag: 'wx' })
      else return opened(path, await call('create', path, () => disk.create(path, boot.clockMs)))
      return { ...opened(path, emptyInode()), close: () => Promise.resolve() }
    },
    async open(path) {
      if (!isPlayed(path)) return realFile(path)
      if (engine.owns(path)) return call('open', path, () => realFile(path))
      return opened(path, await call('open', path, () => disk.file(path)))
    },
    async change(path) {
      const inode = await call('open', path, () => disk.file(path))
      return {
        ...opened(path, inode),
        writeAt: (position, data) =>
          call('write', path, () => {
            if (!faults.keepsWhatIsRemoved) disk.write(inode, position, data, boot.clockMs)
          }),
      }
    },
    async changeThrough(path) {
      const inode = await call('open', path, () => disk.file(path))
      return {
        ...opened(path, inode),
        writeAt: (position, data) =>
          call('write', path, () => {
            disk.write(inode, position, data, boot.clockMs)
            boot.passes(`within write ${basename(path)}`)
            if (!faults.losesContents) disk.syncLastWrite(inode)
          }),
      }
    },
    append: path =>
      call('append', path, () => {
        disk.makeFolder(dirname(path))
        return opened(path, disk.at(path) === undefined ? disk.create(path, boot.clockMs) : disk.file(path))
      }),
    async readFile(path) {
      if (!isPlayed(path)) return readFileSync(path)
      return call('read whole', path, () => {
        const { bytes, sizeBytes } = disk.file(path)
        return Buffer.from(bytes.subarray(0, sizeBytes))
      })
    },
    async replace(path, data) {
      const beside = `${path}.new`
      await files.remove(beside)
      const file = await files.create(beside)
      await file.write(typeof data === 'string' ? Buffer.from(data) : data)
      await file.sync()
      await files.rename(beside, path)
    },
    async rename(from, to) {
      await call('rename', to, () => disk.rename(from, to))
      await files.syncFolder(dirname(to))
    },
    async renameAndSync(from, to) {
      await call('rename', to, () => disk.rename(from, to))
      await files.syncFile(to)
      await files.syncFolder(dirname(to))
    },
    async remove(path) {
      if (engine.owns(path)) rmSync(path, { force: true })
      else
        await call('remove', path, () => {
          if (!faults.keepsWhatIsRemoved || !/\/[0-9a-f]{2}\/[^/]+$/.test(path)) disk.remove(path)
        })
    },
    async removeFolder(path) {
      const below = async (folder: string): Promise<void> => {
        for (const name of disk.list(folder)) {
          const inner = `${folder}/${name}`
          if (disk.at(inner) === 'folder') await below(inner)
          else await files.remove(inner)
        }
        await call('remove', folder, () => disk.remove(folder))
      }
      if (disk.at(path) === 'folder') await below(path)
    },
    async makeFolder(path) {
      // The engine's own files lie in real folders.
      mkdirSync(path, { recursive: true })
      const missing: string[] = []
      for (let at = path; disk.at(at) !== 'folder'; at = dirname(at)) missing.push(at)
      if (missing.length === 0) return
      await call('make', path, () => disk.makeFolder(path))
      for (const made of missing) await files.syncFolder(dirname(made))
    },
    async list(path) {
      if (!isPlayed(path)) return readdirSync(path).sort()
      return call('list', path, () => [...disk.list(path), ...copiesIn(path)])
    },
    async stat(path) {
      if (!boot.alive) return boot.never()
      if (!isPlayed(path) || engine.owns(path)) return realStat(path)
      const node = disk.at(path)
      if (node === undefined) return undefined
      if (node === 'folder') return { sizeBytes: 0, modifiedMs: 0, isFolder: true }
      return { sizeBytes: node.sizeBytes, modifiedMs: node.modifiedMs, isFolder: false }
    },
    syncFolder: path =>
      call('sync names', path, () => {
        if (!faults.losesNames) disk.syncNames(path)
      }),
    async syncFile(path) {
      if (weather.isWithoutHandles && boot.alive) {
        if (engine.owns(path)) weather.failedLogSyncs.push({ fromMs: timeline.nowMs, toMs: timeline.nowMs })
        throw failure('EMFILE', path)
      }
      if (!engine.owns(path)) return sync(path, disk.file(path))
      const begunMs = timeline.nowMs
      weather.logSyncsUnderWay.add(begunMs)
      await call('sync', path, () => engine.synced(path))
        .catch(problem => {
          weather.failedLogSyncs.push({ fromMs: timeline.nowMs, toMs: timeline.nowMs })
          throw problem
        })
        .finally(() => weather.logSyncsUnderWay.delete(begunMs))
    },
    async freeBytes() {
      if (weather.diskStandsStill) await pause()
      return weather.isFull && !weather.hidesRoom ? 0 : 2 ** 40
    },
    freeFiles: async () => (weather.isFullOfFiles ? 0 : Number.POSITIVE_INFINITY),
    realPath: async path => path,
    temporaryFolder: () => Promise.reject(new Error('nobody makes temporary folders here')),
    beneathEngine: (path, connection) => engine.watch(path, connection, boot),
  }
  return files
}

/** Of databases: files of the engine that a service looks for by name. */
const copiesIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter(name => /\.sqlite\.copy-[0-9a-f-]+$/.test(name)) : []

const emptyInode = (): Inode => ({
  ...{ bytes: Buffer.alloc(0), sizeBytes: 0, durable: Buffer.alloc(0), unsynced: [], modifiedMs: 0 },
})

async function realFile(path: string): Promise<OpenFile> {
  const bytes = readFileSync(path)
  const readOnly = () => Promise.reject(failure('EROFS', path))
  return {
    read: async (position, length) => bytes.subarray(position, position + length),
    write: readOnly,
    sync: readOnly,
    close: async () => {},
  }
}

function realStat(path: string) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return { sizeBytes: found.size, modifiedMs: found.mtimeMs, isFolder: found.isDirectory() }
}
