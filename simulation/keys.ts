// The file of key-encryption keys of a world whose documents are encrypted, as its administrator keeps it.
import { writeFileSync } from 'node:fs'
import type { Chance } from './chance.js'

export interface KeyFile {
  path: string
  /** The name of the key that the next start uses for new documents. */
  readonly newest: string
  /** A new key is the current one; the former stay until nobody needs them. */
  rotate(): void
  /** All others are gone for good. */
  keepOnly(name: string): void
}

export function openKeyFile(path: string, chance: Chance): KeyFile {
  let keys: Record<string, string> = {}
  let made = 0

  function write(): void {
    writeFileSync(path, JSON.stringify({ current: `key-${made}`, keys }))
  }

  const file: KeyFile = {
    path,
    get newest() {
      return `key-${made}`
    },
    rotate() {
      made += 1
      keys[file.newest] = chance.bytes(32).toString('base64')
      write()
    },
    keepOnly(name) {
      keys = Object.fromEntries(Object.entries(keys).filter(([each]) => each === name))
      write()
    },
  }
  file.rotate()
  return file
}
