// Key-encryption keys: whoever holds them wraps and unwraps the keys of documents. They come from a file, or stay with a key management
// behind a module (key-module.ts).
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Files, readIfThere } from '../../ports/files.js'
import type { Randomness } from '../../ports/randomness.js'
import { CannotStart } from '../../server/service.js'
import { keyBytes, tagBytes } from './sealed-bytes.js'
import type { WrappedKey } from './sealed-place.js'

export interface KeyRing {
  /** What to say of it: a path. */
  readonly source: string
  /** Wraps by the key that is used for new documents, bound to what the key is for. */
  wrap(key: Uint8Array, boundTo: string): Promise<WrappedKey>
  /** @throws KeyMissing, KeyWrong; and ContentUnreachable where nobody can tell now. */
  unwrap(wrapped: WrappedKey, boundTo: string): Promise<Buffer>
  /** The name of the key that is used for new documents. */
  current(): Promise<string>
  close(): Promise<void>
}

/** The ring has no key of that name. The document is whole, and readable again with the key. */
export class KeyMissing extends Error {
  override name = 'KeyMissing'
}

/** The ring has a key of that name, and it is another one, or what it wrapped was changed. */
export class KeyWrong extends Error {
  override name = 'KeyWrong'
}

export const isKeyName = (name: unknown): name is string => typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)

/** A file of JSON: `{"current": "2026", "keys": {"2026": "…32 bytes as base64…"}}`. @throws CannotStart */
export async function keysInFile(
  path: string,
  { files, randomness }: { files: Files; randomness: Randomness },
): Promise<KeyRing> {
  const { current, keys } = await readKeys(path, files)

  function keyOf(name: string): Buffer {
    const key = keys.get(name)
    if (key === undefined) throw new KeyMissing(`the key "${name}" is not in ${path}`)
    return key
  }

  return {
    source: path,
    current: async () => current,
    async wrap(key, boundTo) {
      const nonce = randomness.bytes(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(current), nonce).setAAD(Buffer.from(boundTo))
      const bytes = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()])
      return { name: current, bytes }
    },
    async unwrap({ name, bytes }, boundTo) {
      const key = keyOf(name)
      try {
        const end = bytes.length - tagBytes
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: tagBytes })
        decipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(end))
        return Buffer.concat([decipher.update(bytes.subarray(12, end)), decipher.final()])
      } catch {
        throw new KeyWrong(`the key "${name}" in ${path} is not the one that was used`)
      }
    },
    async close() {},
  }
}

async function readKeys(path: string, files: Files): Promise<{ current: string; keys: Map<string, Buffer> }> {
  const text = await readIfThere(files, path)
  if (text === undefined) throw new CannotStart(`the keys are not there: ${path} is no file`)
  const wrong = (why: string) => new CannotStart(`${path} does not hold keys: ${why}`)
  let written: { current?: unknown; keys?: unknown }
  try {
    written = JSON.parse(text.toString()) as typeof written
  } catch {
    throw wrong('it is not JSON')
  }
  const keys = new Map<string, Buffer>()
  for (const [name, value] of Object.entries((written?.keys ?? {}) as Record<string, unknown>)) {
    if (!isKeyName(name)) throw wrong('the name of a key is 1 to 64 letters, digits, dots, dashes or underscores')
    const key = Buffer.from(String(value), 'base64')
    if (key.length !== keyBytes) throw wrong(`the key "${name}" is not ${keyBytes} bytes as base64`)
    keys.set(name, key)
  }
  const { current } = written ?? {}
  if (!isKeyName(current) || !keys.has(current)) throw wrong('"current" has to name one of "keys"')
  return { current, keys }
}
