// Coded values as integers: a code with its scheme is written once. Two codes are one when both parts are equal. ITI TF-3 §4.2.3.1.2.
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { CodeValue } from '../store.js'

export interface Codes {
  /** Inside store.write only. */
  keyFor(code: CodeValue): number
  /** Undefined when no object has ever had the code. */
  knownKeyOf(code: CodeValue): number | undefined
}

// A domain has some thousands; whoever sends random codes must not fill our memory.
const mostRemembered = 20_000

export function codesIn(store: Store): Codes {
  const select = store.prepare('SELECT code_key FROM codes WHERE code = ? AND scheme = ?')
  const insert = store.prepare('INSERT INTO codes (code, scheme) VALUES (?, ?)')
  const remembered = new Map<string, number>()

  function lookUp(code: CodeValue): number | undefined {
    return select.get<{ code_key: number }>(comparable(code.code), comparable(code.codingScheme))?.code_key
  }

  return {
    keyFor(code) {
      // What is looked up inside a transaction is not remembered: the transaction may yet be undone.
      const key = remembered.get(nameOf(code)) ?? lookUp(code)
      return key ?? Number(insert.run(comparable(code.code), comparable(code.codingScheme)).lastInsertRowid)
    },
    knownKeyOf(code) {
      const name = nameOf(code)
      const known = remembered.get(name)
      if (known !== undefined) return known
      const key = lookUp(code)
      if (key !== undefined) {
        if (remembered.size >= mostRemembered) remembered.clear()
        remembered.set(name, key)
      }
      return key
    },
  }
}

function nameOf(code: CodeValue): string {
  return `${code.code}\u0000${code.codingScheme}`
}
