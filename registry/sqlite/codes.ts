// Coded values as integers: a code with its scheme is written once. Two codes are one when both parts are equal. ITI TF-3 §4.2.3.1.2.
import { copied } from '../../soap/copied.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { CodeValue } from '../store/reader.js'

export interface Codes {
  /** At the start of each work in store.write; what it returns is called when the work is committed. */
  begin(): () => void
  /** Inside of such a work only. */
  keyFor(code: CodeValue): number
  /** Of those that any object has ever had. */
  knownKeysOf(codes: readonly CodeValue[]): number[]
}

// A domain has some thousands; whoever sends random codes must not fill our memory.
const mostRemembered = 20_000
/** Characters, of a code and its scheme. */
const longestRemembered = 512
/** More are looked up together: each by itself costs a statement. */
const mostOneByOne = 64

/** Keys that a transaction has met count only once it is committed; what was undone is forgotten with it. */
export function codesIn(store: Store): Codes {
  const select = store.prepare('SELECT code_key FROM codes WHERE code = ? AND scheme = ?')
  const selectAmong = store.prepare(
    `SELECT DISTINCT c.code_key FROM json_each(?) given
     CROSS JOIN codes c ON c.code = given.value ->> 0 AND c.scheme = given.value ->> 1`,
  )
  const insert = store.prepare('INSERT INTO codes (code, scheme) VALUES (?, ?)')
  const remembered = new Map<string, number>()
  let met = new Map<string, number>()

  function lookUp(code: CodeValue): number | undefined {
    return select.get<{ code_key: number }>(comparable(code.code), comparable(code.codingScheme))?.code_key
  }

  function remember(name: string, key: number): void {
    if (name.length > longestRemembered) return
    if (remembered.size >= mostRemembered) remembered.clear()
    remembered.set(copied(name), key)
  }

  function keyOrNew(code: CodeValue): number {
    const known = lookUp(code)
    if (known !== undefined) return known
    return Number(insert.run(comparable(code.code), comparable(code.codingScheme)).lastInsertRowid)
  }

  function knownKeyOf(code: CodeValue): number | undefined {
    const name = nameOf(code)
    const known = remembered.get(name)
    if (known !== undefined) return known
    const key = lookUp(code)
    if (key !== undefined) remember(name, key)
    return key
  }

  function keysAmong(codes: readonly CodeValue[]): number[] {
    const named = codes.map(({ code, codingScheme }) => [comparable(code), comparable(codingScheme)])
    return selectAmong.all<{ code_key: number }>(JSON.stringify(named)).map(({ code_key }) => code_key)
  }

  return {
    begin() {
      // Remembered only when committed: a transaction may be undone, and its keys with it.
      const metHere = new Map<string, number>()
      met = metHere
      return () => {
        for (const [name, key] of metHere) remember(name, key)
      }
    },
    keyFor(code) {
      const name = nameOf(code)
      const known = remembered.get(name) ?? met.get(name)
      if (known !== undefined) return known
      const key = keyOrNew(code)
      met.set(name, key)
      return key
    },
    knownKeysOf: codes =>
      codes.length > mostOneByOne ? keysAmong(codes) : codes.map(knownKeyOf).filter(key => key !== undefined),
  }
}

function nameOf(code: CodeValue): string {
  return `${code.code}\u0000${code.codingScheme}`
}
