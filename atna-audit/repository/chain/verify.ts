// Holds every record against its leaf, the tree against every signed root, and the signatures against their keys. Finds what was
// edited, removed, put in another order or cut off, and says which record it is. docs/decisions/0296.
import type { Clock } from '../../../ports/clock.js'
import { type Reading, wide } from './leaves.js'
import type { SignedRoot } from './roots.js'
import { checkRecords } from './verify-records.js'
import { checkKeys, checkRoots } from './verify-roots.js'

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

const mostFindings = 200

/** Yields between pieces of work of some milliseconds. */
export function* verify(
  store: Reading,
  options: VerifyOptions,
  clock: Pick<Clock, 'monotonicMs'>,
): Generator<VerifyProgress, VerifyReport> {
  const began = clock.monotonicMs()
  const end = newest(store)
  const last = Math.min(options.last ?? end, end)
  const start = startOf(options.first ?? 1, last)
  const report: VerifyReport = {
    first: start + 1,
    last,
    records: 0,
    removed: 0,
    former: 0,
    roots: 0,
    keys: [],
    unsigned: 0,
    findings: [],
    untold: 0,
    tookMs: 0,
  }
  const find = (finding: Finding) => {
    if (report.findings.length < mostFindings) report.findings.push(finding)
    else report.untold += 1
  }
  const publicKeys = checkKeys(store, options.key, report, find)
  const checked = checkRoots(store, options.roots ?? [], { start, last, end, publicKeys, report, find })
  yield { records: 0, of: last - start }
  yield* checkRecords(store, options, { start, last, roots: checked, report, find })
  report.tookMs = clock.monotonicMs() - began
  return report
}

export type Find = (finding: Finding) => void

function newest(store: Reading): number {
  const of = (table: string) =>
    store.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${table}`).get<{ id: number }>()?.id
  return Math.max(of('audit_leaf') ?? 0, of('audit_record') ?? 0)
}

/** Where a complete subtree begins, so that those before it stand for themselves. */
function startOf(first: number, last: number): number {
  return Math.max(0, Math.floor((Math.min(first, last) - 1) / wide) * wide)
}
