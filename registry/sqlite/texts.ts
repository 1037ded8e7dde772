// Patterns against texts, where there are too many of them, or too long ones, for SQLite's GLOB: it would hold each object against each
// pattern in one go, and takes none of more than 50,000 bytes. ITI TF-2 Appendix F.
import type { Clock } from '../../ports/clock.js'
import { inTurns, type Steps } from '../../ports/turns.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { Condition, Dialect } from '../tables/conditions.js'
import { hasOneOf, textTables } from './dialect.js'

type TextAttribute = Parameters<Dialect['hasText']>[0]

/** Characters of patterns, for whose sake nobody asks for the texts first. */
const mostForGlob = 1_000

/** The conditions that `make` asks for among what `from` names. Others have turns where there are many patterns. */
export function conditionsWithTexts(
  make: (dialect: Dialect) => Condition[],
  from: Condition,
  { dialect, store, clock }: { dialect: Dialect; store: Store; clock: Pick<Clock, 'endOfTurn' | 'monotonicMs'> },
): Condition[] | Promise<Condition[]> {
  const asked: { attribute: TextAttribute; patterns: readonly string[] }[] = []
  const made = make({
    ...dialect,
    hasText(attribute, patterns) {
      if (patterns.reduce((sum, { length }) => sum + length, 0) <= mostForGlob)
        return dialect.hasText(attribute, patterns)
      asked.push({ attribute, patterns })
      return nothing
    },
  })
  return asked.length === 0 ? made : matched()

  async function matched(): Promise<Condition[]> {
    const fitting = new Map<readonly string[], string[]>()
    for (const { attribute, patterns } of asked) {
      fitting.set(patterns, await inTurns(fittingTexts(textsOf(attribute), patterns), clock))
    }
    return make({
      ...dialect,
      hasText(attribute, patterns) {
        const texts = fitting.get(patterns)
        return texts === undefined ? dialect.hasText(attribute, patterns) : hasOneOf(attribute, texts)
      },
    })
  }

  function textsOf(attribute: TextAttribute): string[] {
    const { table, column } = textTables[attribute]
    const sql = `SELECT DISTINCT t.${column} AS text FROM ${from.sql} CROSS JOIN ${table} t ON t.object = e.object`
    return store
      .prepare(sql)
      .all<{ text: string }>(...from.values)
      .map(({ text }) => text)
  }
}

const nothing: Condition = { sql: 'false', values: [] }

/** Between two turns of others. */
const comparisonsAtOnce = 64

function* fittingTexts(texts: readonly string[], patterns: readonly string[]): Steps<string[]> {
  const exact = new Set<string>()
  const wild: string[] = []
  for (const pattern of patterns) {
    if (/[%_]/.test(pattern)) wild.push(comparable(pattern).replace(/%+/g, '%'))
    else exact.add(comparable(pattern))
    yield
  }
  const fitting: string[] = []
  for (const text of texts) {
    if (exact.has(text) || (yield* isLikeOneOf(text, wild))) fitting.push(text)
  }
  return fitting
}

function* isLikeOneOf(text: string, patterns: readonly string[]): Steps<boolean> {
  for (let first = 0; first < patterns.length; first += comparisonsAtOnce) {
    if (patterns.slice(first, first + comparisonsAtOnce).some(pattern => isLike(text, pattern))) return true
    yield
  }
  return false
}

/** As GLOB and LIKE: % is any text, _ one character, all else itself. Of the places for a % only the last is tried again. */
export function isLike(text: string, pattern: string): boolean {
  let at = 0
  let next = 0
  let any = -1
  let anyFrom = 0
  while (at < text.length) {
    const wanted = pattern[next]
    if (wanted === '%') {
      any = next++
      anyFrom = at
    } else if (wanted === '_') {
      at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1
      next += 1
    } else if (wanted !== undefined && wanted === text[at]) {
      at += 1
      next += 1
    } else if (any >= 0) {
      anyFrom += 1
      at = anyFrom
      next = any + 1
    } else return false
  }
  while (pattern[next] === '%') next += 1
  return next === pattern.length
}
