// Tries the cases one after another, and afterwards takes away what it can of what they left behind.
import type { Clock } from '../ports/clock.js'
import { PartnerUnavailable } from '../soap/call.js'
import type { Bench } from './bench.js'
import { type Case, NotTried, type Outcome } from './case.js'

export interface Cleaned {
  removed: number
  left: number
  /** Why some were left. */
  remark?: string
}

/** @throws PartnerUnavailable when nobody has answered yet: a target that is not there is no target that fails. */
export async function runCases(
  cases: readonly Case[],
  bench: Bench,
  { clock, progress }: { clock: Clock; progress: (outcome: Outcome, done: number) => void },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const each of cases) {
    const began = clock.monotonicMs()
    bench.traces()
    const result = await verdictOf(each, bench, outcomes.length === 0)
    const traceIds = result.verdict === 'failed' ? bench.traces() : []
    const { id, title, clause, option } = each
    const about = { id, title, clause, ...(option === undefined ? {} : { option }) }
    const outcome: Outcome = { case: about, ...result, traceIds, tookMs: Math.round(clock.monotonicMs() - began) }
    outcomes.push(outcome)
    progress(outcome, outcomes.length)
  }
  return outcomes
}

type Result = Pick<Outcome, 'verdict' | 'disagreements' | 'remark'>

async function verdictOf(each: Case, bench: Bench, isFirst: boolean): Promise<Result> {
  try {
    const disagreements = await each.try(bench)
    return { verdict: disagreements.length === 0 ? 'passed' : 'failed', disagreements }
  } catch (problem) {
    if (isFirst && problem instanceof PartnerUnavailable) throw problem
    const remark = problem instanceof Error ? problem.message : String(problem)
    if (problem instanceof NotTried) return { verdict: 'skipped', disagreements: [], remark }
    return { verdict: 'failed', disagreements: [{ expected: 'an answer that can be judged', found: remark }] }
  }
}

/** The latest first, so that nothing is taken away that something later refers to. [ITI TF-2:3.62.4.1.3] */
export async function cleanUp(bench: Bench): Promise<Cleaned> {
  let removed = 0
  let remark: string | undefined
  const submissions = bench.accepted.toReversed()
  const documents = new Set(
    submissions.flatMap(({ documentEntries }) => documentEntries.map(({ uniqueId }) => uniqueId!)),
  )
  try {
    const repositoryUniqueId = documents.size > 0 ? await bench.repositoryUniqueId() : ''
    for (const documentUniqueId of documents) await bench.removeDocuments([{ repositoryUniqueId, documentUniqueId }])
  } catch (problem) {
    remark = (problem as Error).message
  }
  try {
    for (const { submissionSets, documentEntries, folders, associations } of submissions) {
      const ids = [...submissionSets, ...documentEntries, ...folders, ...associations].map(({ entryUUID }) => entryUUID)
      const { status, errors } = await bench.removeMetadata(ids.filter(id => id.startsWith('urn:uuid:')))
      if (status === 'Success') removed += 1
      else remark ??= errors.map(({ code, context }) => `${code}: ${context}`)[0]
    }
  } catch (problem) {
    remark = (problem as Error).message
  }
  return { removed, left: submissions.length - removed, ...(remark === undefined ? {} : { remark }) }
}
