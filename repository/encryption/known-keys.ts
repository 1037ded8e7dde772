// Which key-encryption keys documents have been encrypted with, each with a proof that only it unwraps: a start with a wrong key or without
// one is refused, before anybody is told that documents are damaged.
import { CannotStart } from '../../server/service.js'
import type { Store } from '../../store/store.js'
import type { Awaitable } from '../document-store.js'
import { KeyMissing, type KeyRing, KeyWrong } from './key-ring.js'

export interface KnownKeys {
  /** @throws CannotStart unless all of them are there and are what they were. */
  check(keys: KeyRing | undefined): Promise<void>
  /** Before anything is encrypted with the current key of the ring. */
  remember(keys: KeyRing): Promise<void>
  /** No document is encrypted with any other any more. */
  keepOnly(name: string): Promise<string[]>
}

/** Where their names and proofs stand. */
export interface DocumentKeys {
  all(): Awaitable<{ name: string; proof: Uint8Array }[]>
  /** Passes over one that is there. */
  add(name: string, proof: Uint8Array): Promise<unknown>
  remove(names: readonly string[]): Promise<unknown>
}

const boundTo = 'proof of a key-encryption key'

/** In the database of the repository; adding a name that is there changes nothing. */
export function documentKeysIn(store: Store): DocumentKeys {
  const all = store.prepare('SELECT name, proof FROM document_key ORDER BY name')
  const insert = store.prepare('INSERT OR IGNORE INTO document_key VALUES (?, ?)')
  const remove = store.prepare('DELETE FROM document_key WHERE name = ?')
  return {
    all: () => all.all<{ name: string; proof: Uint8Array }>(),
    add: (name, proof) => store.write(() => insert.run(name, proof)),
    remove: names => store.write(() => names.map(name => remove.run(name))),
  }
}

/** `check` at each start, before anything is served. */
export function knownKeysIn(documentKeys: DocumentKeys): KnownKeys {
  const known = async () => (await documentKeys.all()).map(({ name, proof }) => ({ name, bytes: Buffer.from(proof) }))

  return {
    async check(keys) {
      for (const wrapped of await known()) {
        if (keys === undefined) {
          throw new CannotStart(
            `documents are encrypted with the key "${wrapped.name}"; repository.encryption in carnet.json has to say where that is`,
          )
        }
        await keys.unwrap(wrapped, boundTo).catch(problem => {
          if (problem instanceof KeyMissing)
            throw new CannotStart(
              `documents are encrypted with the key "${wrapped.name}", which is not in ${keys.source}`,
            )
          if (problem instanceof KeyWrong)
            throw new CannotStart(
              `the key "${wrapped.name}" in ${keys.source} is not the one that documents are encrypted with`,
            )
          throw problem
        })
      }
    },
    async remember(keys) {
      const name = await keys.current()
      if ((await known()).some(each => each.name === name)) return
      const { bytes } = await keys.wrap(Buffer.from(boundTo), boundTo)
      await documentKeys.add(name, bytes)
    },
    async keepOnly(name) {
      const others = (await known()).map(each => each.name).filter(each => each !== name)
      await documentKeys.remove(others)
      return others
    },
  }
}
