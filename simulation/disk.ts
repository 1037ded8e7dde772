// The disk of one machine below its file system calls: what was written, and what of it a loss of power would leave.
//
// A file's contents are durable once the file is synced, a name once its folder is. Until then a crash keeps any of it: each
// write whole, in part or not at all, whatever their order; each name the old way or the new.
import { dirname } from 'node:path'
import type { Chance } from './chance.js'

export interface Inode {
  /** As a process reads it. */
  bytes: Buffer
  sizeBytes: number
  /** As it is on the disk. */
  durable: Buffer
  /** Written since the last sync, in order. */
  unsynced: { position: number; bytes: Buffer }[]
  modifiedMs: number
}

type Node = Inode | 'folder'

interface NameChange {
  folder: string
  remove?: string
  add?: { path: string; node: Node }
  /** A folder, with all that is below it. */
  move?: { from: string; to: string }
}

export interface Disk {
  at(path: string): Node | undefined
  file(path: string): Inode
  create(path: string, nowMs: number): Inode
  makeFolder(path: string): void
  write(inode: Inode, position: number, bytes: Uint8Array, nowMs: number): void
  truncate(inode: Inode, sizeBytes: number): void
  /** The contents are durable; of a sync that failed, they are what nobody will write again. */
  sync(inode: Inode, outcome: 'done' | 'failed'): void
  /** Only what was written last is durable. */
  syncLastWrite(inode: Inode): void
  syncNames(folder: string): void
  rename(from: string, to: string): void
  remove(path: string): void
  list(folder: string): string[]
  contents(): { path: string; bytes: Buffer }[]
  /** What is there after the power was gone. */
  losePower(chance: Chance): void
}

const sectorBytes = 512

/** `folder` was there long before. */
export function openDisk(folder: string): Disk {
  let durableNames = new Map<string, Node>(foldersDownTo(folder).map(path => [path, 'folder']))
  let names = new Map(durableNames)
  let changes: NameChange[] = []

  function change(one: NameChange): void {
    applyTo(names, one)
    changes.push(one)
  }

  /** What has changed below and is not durable is so under the new name. */
  function renameFolder(from: string, to: string): void {
    const below = changes.filter(({ folder }) => isAtOrBelow(folder, from))
    changes = changes.filter(one => !below.includes(one))
    change({ folder: dirname(to), move: { from, to } })
    changes.push(...below.map(one => moved(one, from, to)))
  }

  const disk: Disk = {
    at: path => names.get(path),
    file(path) {
      const node = names.get(path)
      if (node === undefined) throw failure('ENOENT', path)
      if (node === 'folder') throw failure('EISDIR', path)
      return node
    },
    create(path, nowMs) {
      if (names.has(path)) throw failure('EEXIST', path)
      if (names.get(dirname(path)) !== 'folder') throw failure('ENOENT', path)
      const node: Inode = {
        ...{ bytes: Buffer.alloc(0), sizeBytes: 0, durable: Buffer.alloc(0), unsynced: [], modifiedMs: nowMs },
      }
      change({ folder: dirname(path), add: { path, node } })
      return node
    },
    makeFolder(path) {
      if (names.has(path) || path === dirname(path)) return
      disk.makeFolder(dirname(path))
      change({ folder: dirname(path), add: { path, node: 'folder' } })
    },
    write(inode, position, bytes, nowMs) {
      const copy = Buffer.from(bytes)
      put(inode, position, copy)
      inode.unsynced.push({ position, bytes: copy })
      inode.modifiedMs = nowMs
    },
    truncate(inode, sizeBytes) {
      inode.bytes = Buffer.from(inode.bytes.subarray(0, sizeBytes))
      inode.sizeBytes = Math.min(inode.sizeBytes, sizeBytes)
      inode.durable = Buffer.from(inode.durable.subarray(0, sizeBytes))
      inode.unsynced = inode.unsynced.flatMap(({ position, bytes }) =>
        position >= sizeBytes ? [] : [{ position, bytes: bytes.subarray(0, sizeBytes - position) }],
      )
    },
    sync(inode, outcome) {
      // Linux marks pages as written although they were not: the next sync succeeds and has not written them either.
      if (outcome === 'done') inode.durable = afterWrites(inode.durable, inode.unsynced)
      inode.unsynced = []
    },
    syncLastWrite(inode) {
      const last = inode.unsynced.pop()
      if (last !== undefined) inode.durable = afterWrites(inode.durable, [last])
    },
    syncNames(folder) {
      for (const one of changes) if (one.folder === folder) applyTo(durableNames, one)
      changes = changes.filter(one => one.folder !== folder)
    },
    rename(from, to) {
      const node = names.get(from)
      if (node === undefined) throw failure('ENOENT', from)
      if (node === 'folder') return renameFolder(from, to)
      change({ folder: dirname(to), remove: from, add: { path: to, node } })
    },
    remove(path) {
      if (names.has(path)) change({ folder: dirname(path), remove: path })
    },
    list(folder) {
      if (names.get(folder) !== 'folder') throw failure('ENOENT', folder)
      return [...names.keys()]
        .filter(path => dirname(path) === folder)
        .map(path => path.slice(folder.length + 1))
        .sort()
    },
    contents: () =>
      [...names].flatMap(([path, node]) =>
        node === 'folder' ? [] : [{ path, bytes: node.bytes.subarray(0, node.sizeBytes) }],
      ),
    losePower(chance) {
      for (const one of changes) if (chance.percent(50)) applyTo(durableNames, one)
      const there = [...durableNames].filter(([path]) => hasFolders(path, durableNames))
      for (const [, node] of there) if (node !== 'folder') recover(node, chance)
      names = new Map(there)
      durableNames = new Map(there)
      changes = []
    },
  }
  return disk
}

function recover(inode: Inode, chance: Chance): void {
  const kept = inode.unsynced.flatMap(write => torn(write, chance))
  inode.durable = afterWrites(inode.durable, kept)
  inode.bytes = Buffer.from(inode.durable)
  inode.sizeBytes = inode.durable.length
  inode.unsynced = []
}

/** All of a write, nothing, or some of its sectors. */
function torn({ position, bytes }: { position: number; bytes: Buffer }, chance: Chance) {
  const fate = chance.whole(0, 2)
  if (fate === 0) return []
  if (fate === 1) return [{ position, bytes }]
  const sectors = []
  for (let at = 0; at < bytes.length; at += sectorBytes) {
    if (chance.percent(50)) sectors.push({ position: position + at, bytes: bytes.subarray(at, at + sectorBytes) })
  }
  return sectors
}

function afterWrites(before: Buffer, writes: readonly { position: number; bytes: Buffer }[]): Buffer {
  if (writes.length === 0) return before
  const sizeBytes = Math.max(before.length, ...writes.map(({ position, bytes }) => position + bytes.length))
  const after = Buffer.alloc(sizeBytes)
  before.copy(after)
  for (const { position, bytes } of writes) bytes.copy(after, position)
  return after
}

function put(inode: Inode, position: number, bytes: Buffer): void {
  const end = position + bytes.length
  if (end > inode.bytes.length) {
    const larger = Buffer.alloc(Math.max(end, inode.bytes.length * 2))
    inode.bytes.copy(larger, 0, 0, inode.sizeBytes)
    inode.bytes = larger
  }
  bytes.copy(inode.bytes, position)
  inode.sizeBytes = Math.max(inode.sizeBytes, end)
}

const isAtOrBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

function moved({ folder, remove, add, move }: NameChange, from: string, to: string): NameChange {
  const at = (path: string) => to + path.slice(from.length)
  return {
    folder: at(folder),
    ...(remove === undefined ? {} : { remove: at(remove) }),
    ...(add === undefined ? {} : { add: { ...add, path: at(add.path) } }),
    ...(move === undefined ? {} : { move: { from: at(move.from), to: at(move.to) } }),
  }
}

function applyTo(names: Map<string, Node>, { remove, add, move }: NameChange): void {
  if (move !== undefined) {
    for (const [path, node] of [...names].filter(([path]) => isAtOrBelow(path, move.from))) {
      names.delete(path)
      names.set(move.to + path.slice(move.from.length), node)
    }
  }
  if (remove !== undefined) names.delete(remove)
  if (add !== undefined) names.set(add.path, add.node)
}

function foldersDownTo(path: string): string[] {
  return path === dirname(path) ? [path] : [...foldersDownTo(dirname(path)), path]
}

function hasFolders(path: string, names: ReadonlyMap<string, Node>): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (names.get(folder) !== 'folder') return false
  }
  return true
}

export function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${path}`), { code, syscall: 'simulated' })
}
