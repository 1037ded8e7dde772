// What a run has come to, and how it is counted and explained.
import type { Outcome } from './case.js'

export interface Report {
  version: string
  /** xsd:dateTime */
  began: string
  tookMs: number
  /** Addresses that were called. */
  targets: string[]
  cleaned: string
  outcomes: Outcome[]
}

export function countsOf(outcomes: readonly Outcome[]): Record<Outcome['verdict'], number> {
  const count = (verdict: Outcome['verdict']) => outcomes.filter(outcome => outcome.verdict === verdict).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

/** In words: what the rule asks for, and what came instead. */
export function explanationOf({ disagreements, traceIds }: Outcome): string[] {
  const told = disagreements.flatMap(({ expected, found }) => [`expected: ${expected}`, `found:    ${found}`])
  return traceIds.length === 0 ? told : [...told, `traces:   ${traceIds.slice(-4).join(' ')}`]
}
