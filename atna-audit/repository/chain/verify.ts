// Holds every record against its leaf, the tree against every signed root, and the signatures against their keys. Finds what was
// edited, removed, put in another order or cut off, and says which record it is. docs/decisions/0296.
import type { Clock } from '../../../ports/clock.js'
import { type Reading, wide } from './leaves.js'
import type { Finding, VerifyOptions, VerifyProgress, VerifyReport } from './report.js'
import { checkRecords } from './verify-records.js'
import { checkKeys, checkRoots } from './verify-roots.js'

const mostFindings = 200

/** Yields between pieces of work of some milliseconds. */
export function* verify(
  store: Reading,
  options: VerifyOptions,
  clock: Pick<Clock, 'monotonicMs'>,
): Generator<VerifyProgress, VerifyReport> {
  const began = clock.monotonicMs()
  let end = newest(store)
  const last = Math.min(options.last ?? end, end)
  // Records come and are signed meanwhile.
  const endBefore = (size: number) => {
    if (size > end) end = newest(store)
    return end
  }
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
  const checked = checkRoots(store, options.roots ?? [], { start, last, endBefore, publicKeys, report, find })
  yield { records: 0, of: last - start }
  yield* checkRecords(store, options, { start, last, roots: checked, report, find })
  report.tookMs = clock.monotonicMs() - began
  return report
}

function newest(store: Reading): number {
  const of = (table: string) =>
    store.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${table}`).get<{ id: number }>()?.id
  return Math.max(of('audit_leaf') ?? 0, of('audit_record') ?? 0)
}

/** Where a complete subtree begins, so that those before it stand for themselves. */
function startOf(first: number, last: number): number {
  return Math.max(0, Math.floor((Math.min(first, last) - 1) / wide) * wide)
}
