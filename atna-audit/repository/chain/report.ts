// What is asked of a verification of the audit log, and what it tells.
import type { SignedRoot } from './roots.js'

export interface VerifyOptions {
  /** Ids; without them all. */
  first?: number
  last?: number
  /** Also whether the index finds each record by all that stands in it. */
  index?: boolean
  /** Name of a key that is known to be the service's; without it the first key is taken for what it is. */
  key?: string
  /** Kept elsewhere. */
  roots?: Iterable<SignedRoot>
}

export type FindingKind = 'edited' | 'missing' | 'leaf' | 'tree' | 'root' | 'truncated' | 'signature' | 'key' | 'index'

export interface Finding {
  kind: FindingKind
  /** Ids. */
  first?: number
  last?: number
  what: string
}

export interface VerifyReport {
  first: number
  last: number
  records: number
  /** Removed by rule: their leaves stay. */
  removed: number
  /** Kept by a former version and not yet in the tree. */
  former: number
  roots: number
  keys: { name: string; since: string }[]
  /** Records behind the last signed root: only their own leaves vouch for them. */
  unsigned: number
  findings: Finding[]
  /** Findings beyond those told. */
  untold: number
  tookMs: number
}

export interface VerifyProgress {
  records: number
  of: number
}

export type Find = (finding: Finding) => void
