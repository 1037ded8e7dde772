// What the affinity domain lets no update change, beside what the transaction does not. docs/AFFINITY-DOMAINS.md
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { ErrorCode } from '../../metadata/model.js'
import type { Rule } from './rule.js'
import { unchangeable } from './unchangeable.js'

/** `code` is the transaction's word for it. */
export function unchangeableInDomain(domain: AffinityDomain, code: ErrorCode): Rule[] {
  return domain.unchangeable.map(({ clause, ...row }) => unchangeable(clause, [{ ...row, codes: [code] }]))
}
