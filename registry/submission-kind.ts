// What tells one transaction that submits from another on the road that all of them take. ITI TF-2 §3.42, §3.57, §3.61, §3.92.
import type { SubmittedBy } from '../metadata/attribute.js'
import type { ErrorCode, Finding, Submission } from '../metadata/model.js'
import type { Registering } from './registrable.js'
import type { Rule } from './rules/rule.js'
import type { Effects } from './store/commit.js'
import type { Facts } from './store/facts.js'

/** What tells one transaction that submits from another. */
export interface SubmissionKind {
  /** Whose table of required and forbidden attributes holds. [ITI TF-3: Table 4.3.1-3] */
  transaction: SubmittedBy
  /** In the order in which their findings are told. */
  rules: readonly Rule[]
  /** For a submission that is there already. */
  rulesWhenSentAgain?: readonly Rule[]
  /** Whether its objects are new versions of registered ones. */
  updates?: true
  /** What is refused before anything is looked up for it. */
  tooMuch?(submission: Submission): Finding[]
  /** Where it calls what is wrong with single attributes otherwise. */
  codeOf?(finding: Finding): ErrorCode
  /** What is kept of a submission, where that does not depend on what was kept before. */
  kept?(submission: Submission, registering: Registering): Submission
  /** What is kept of a submission that breaks no rule (`kept` of it, where there is such a thing), and what it changes of what was kept before. */
  changes(submission: Submission, facts: Facts, registering: Registering): Changes
}

export interface Changes {
  /** Every id a UUID, every attribute as it is to be returned. */
  kept: Submission
  effects: Effects
  /** Whose objects are changed, beside those of the submission itself. */
  patientIds?: string[]
}
