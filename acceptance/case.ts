// What a case of the acceptance suite is: one rule, tried against a target, and what it says when the target thinks otherwise.
import type { Bench } from './bench.js'
import type { Need } from './domain.js'

export interface Case {
  /** By which `--only` chooses it: `query/FindDocuments/classCode/other`. */
  id: string
  title: string
  /** Clause tag. */
  clause: string
  /** What a target may leave out, by its name in IHE's tables; a case of it is skipped where the transaction is not answered. */
  option?: string
  /** Domains that lack one of these have no such case. */
  needs?: readonly Need[]
  /** The only domain that has this rule. */
  domain?: string
  try(bench: Bench): Promise<Disagreement[]>
}

/** What the rule asks for, and what the target did. */
export interface Disagreement {
  expected: string
  found: string
}

export interface Outcome {
  case: Pick<Case, 'id' | 'title' | 'clause' | 'option'>
  verdict: 'passed' | 'failed' | 'skipped'
  disagreements: Disagreement[]
  /** Why it was skipped, or something seen that is not judged. */
  remark?: string
  /** Of the messages that it sent, where it failed. */
  traceIds: string[]
  tookMs: number
}
