// What `carnet fsck` finds, as it is told and written down.
import type { ParcelSource } from '../admin-parcels.js'
import type { Administration } from '../administration.js'
import type { Context } from '../context.js'
import type { Deployment } from '../deployment.js'

/** One run. */
export interface Examination {
  deployment: Deployment
  administration: Administration
  source: ParcelSource
  context: Context
  report: Report
  /** Undefined where bytes are not to be read. */
  bytesPerSecond: number | undefined
}

export interface Report {
  began: string
  ended: string
  looked: { documents: number; bytes: number; entries: number }
  found: Found[]
}

export type FoundKind =
  /** A registered document that no entry describes. */
  | 'no entry'
  /** An entry of our repository whose document is not there. */
  | 'no document'
  /** An entry that says another hash or size. */
  | 'other bytes'
  /** A document whose bytes are not those that were received. */
  | 'damaged'
  /** A submission that has been without the registry's word for long. */
  | 'unsettled'
  | 'half removed'
  /** A submission of which records are missing. */
  | 'no audit'

export interface Found {
  kind: FoundKind
  words: string
  documentId?: string
  uniqueId?: string
  entryUUID?: string
  traceId?: string
  /** What was done about it. */
  repaired?: string
}

/** More are counted by their last one only: a deployment of which everything is wrong has another problem. */
const mostFound = 100_000

export function note({ report }: Pick<Examination, 'report'>, found: Found): void {
  if (report.found.length < mostFound) report.found.push(found)
}

export function findingsIn(found: readonly Found[]): string {
  if (found.length === 0) return 'all agrees'
  const repaired = found.filter(each => each.repaired !== undefined).length
  const counts = new Map<FoundKind, number>()
  for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const kinds = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
  return `found       ${kinds}${repaired === 0 ? '' : `; ${repaired} repaired`}`
}
