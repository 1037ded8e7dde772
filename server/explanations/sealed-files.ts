// Files that only this service reads: sealed with a key that lies beside them, bounded in number, bytes and age.
// Whoever gets hold of a copy without the key has nothing; what is removed is gone with it. docs/decisions/0151.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { type Files, readIfThere } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import { sealingKey } from '../sealing-key.js'

export interface SealedFiles {
  /** @param name unique, of letters, digits and hyphens; sorts by age. */
  write(name: string, content: Buffer): Promise<void>
  /** Undefined when there is none, or none that our key opens. */
  read(name: string): Promise<Buffer | undefined>
  /** Oldest first. */
  names(): readonly string[]
  /** Removes the oldest until all bounds hold; done with each writing too. */
  tidy(): Promise<void>
}

export interface SealedFilesBounds {
  files: number
  bytes: number
  ageMs: number
}

const nonceBytes = 12
const tagBytes = 16
const suffix = '.sealed'
/** Nothing that we write grows larger than this when it is unpacked. */
const mostUnpackedBytes = 16 * 1024 * 1024

const packed = promisify(deflateRaw) as (content: Buffer) => Promise<Buffer>
const unpacked = promisify(inflateRaw) as (content: Buffer, options: object) => Promise<Buffer>

interface Kept {
  name: string
  bytes: number
  modifiedMs: number
}

/** Makes folder and key where there are none. */
export async function openSealedFiles(
  { folder, keyFile, bounds }: { folder: string; keyFile: string; bounds: SealedFilesBounds },
  { files, clock, randomness }: Pick<Ports, 'files' | 'clock' | 'randomness'>,
): Promise<SealedFiles> {
  await files.makeFolder(folder, { mode: 0o700 })
  const key = await sealingKey(keyFile, { files, randomness })
  const kept = await found()
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0)
  await tidy()

  async function found(): Promise<Kept[]> {
    const names = (await files.list(folder)).filter(name => name.endsWith(suffix)).sort()
    const all: Kept[] = []
    for (const name of names) {
      const there = await files.stat(join(folder, name))
      if (there !== undefined) {
        all.push({ name: name.slice(0, -suffix.length), bytes: there.sizeBytes, modifiedMs: there.modifiedMs })
      }
    }
    return all
  }

  async function tidy(): Promise<void> {
    const isOver = ({ modifiedMs }: Kept) =>
      kept.length > bounds.files || bytes > bounds.bytes || modifiedMs < clock.now() - bounds.ageMs
    for (let oldest = kept[0]; oldest !== undefined && isOver(oldest); oldest = kept[0]) {
      kept.shift()
      bytes -= oldest.bytes
      await files.remove(join(folder, oldest.name + suffix))
    }
  }

  function sealed(name: string, content: Buffer): Buffer {
    const nonce = randomness.bytes(nonceBytes)
    // The name is part of what is sealed: no file can be taken for another.
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name))
    const text = Buffer.concat([cipher.update(content), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), text])
  }

  return {
    tidy,
    async write(name, content) {
      const bytesToKeep = sealed(name, await packed(content))
      const file = await files.create(join(folder, name + suffix), { mode: 0o600 })
      try {
        await file.write(bytesToKeep)
      } finally {
        await file.close()
      }
      kept.push({ name, bytes: bytesToKeep.length, modifiedMs: clock.now() })
      bytes += bytesToKeep.length
      await tidy()
    },
    async read(name) {
      return kept.some(each => each.name === name) ? readIn(folder, key, name, files) : undefined
    },
    names() {
      const oldestMs = clock.now() - bounds.ageMs
      return kept.filter(({ modifiedMs }) => modifiedMs >= oldestMs).map(({ name }) => name)
    },
  }
}

/** Those that another process of this service is writing, as they are at this moment; none where it has no key yet. */
export async function readSealedFiles(
  { folder, keyFile }: { folder: string; keyFile: string },
  files: Pick<Files, 'list' | 'readFile' | 'stat'>,
): Promise<Pick<SealedFiles, 'read' | 'names'>> {
  const key = await readIfThere(files, keyFile)
  const names = key === undefined ? [] : await files.list(folder).catch(() => [])
  const sealed = names.filter(name => name.endsWith(suffix)).map(name => name.slice(0, -suffix.length))
  return {
    names: () => sealed.sort(),
    read: async name => (key === undefined ? undefined : readIn(folder, key, name, files)),
  }
}

async function readIn(
  folder: string,
  key: Buffer,
  name: string,
  files: Pick<Files, 'readFile'>,
): Promise<Buffer | undefined> {
  try {
    const content = opened(name, key, await files.readFile(join(folder, name + suffix)))
    return await unpacked(content, { maxOutputLength: mostUnpackedBytes })
  } catch {
    return undefined
  }
}

function opened(name: string, key: Buffer, file: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(file.subarray(nonceBytes, nonceBytes + tagBytes))
  return Buffer.concat([decipher.update(file.subarray(nonceBytes + tagBytes)), decipher.final()])
}
