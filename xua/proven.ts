// Assertions whose signature held, by all their characters: the same ones need not be read and proven again. docs/decisions/0280
import { createHash, type KeyObject } from 'node:crypto'
import { type ExactXml, exactText } from '../soap/xml/exact.js'
import type { SaidClaims } from './read-claims.js'

export interface ProvenClaims {
  said: SaidClaims
  key: KeyObject
}

export interface Proven {
  get(exact: ExactXml): ProvenClaims | undefined
  keep(exact: ExactXml, proven: ProvenClaims): void
}

const mostKept = 500

/** The oldest goes when there are too many. */
export function rememberingProven(most = mostKept): Proven {
  const kept = new Map<string, ProvenClaims>()
  return {
    get: exact => kept.get(digestOf(exact)),
    keep(exact, proven) {
      const [oldest] = kept.keys()
      if (kept.size >= most && oldest !== undefined) kept.delete(oldest)
      kept.set(digestOf(exact), proven)
    },
  }
}

/** Of the characters and of what prefixes stand for around them: both are in what is signed. */
function digestOf(exact: ExactXml): string {
  const hash = createHash('sha256').update(exactText(exact))
  return hash.update(`\0${JSON.stringify([...exact.scope])}`).digest('base64')
}
