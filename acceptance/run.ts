// Tries the cases one after another, and afterwards takes away what it can of what they left behind.

import type { Submission } from '../metadata/model.js'
import { documentEntryTypes } from '../metadata/uuids.js'
import type { Clock } from '../ports/clock.js'
import { PartnerUnavailable } from '../soap/call.js'
import { idOf, objectsIn } from './answer.js'
import type { Bench } from './bench.js'
import type { Case, Outcome } from './case.js'
import { NotTried } from './not-tried.js'
import { listValue, textValue } from './stored-queries.js'

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

const everyType = listValue(...Object.values(documentEntryTypes))

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
    for (const submission of submissions) {
      const ids = idsIn(submission)
      const { status } = await bench.removeMetadata(ids)
      if (status === 'Success') removed += 1
      else if (await removedWithAll(submission, bench)) removed += 1
    }
  } catch (problem) {
    remark = (problem as Error).message
  }
  return { removed, left: submissions.length - removed, ...(remark === undefined ? {} : { remark }) }
}

function idsIn({ submissionSets, documentEntries, folders, associations }: Submission): string[] {
  const objects = [...submissionSets, ...documentEntries, ...folders, ...associations]
  return objects.map(({ entryUUID }) => entryUUID).filter(id => id.startsWith('urn:uuid:'))
}

/** With what the registry has added to it, and under the ids that the registry has given. */
async function removedWithAll({ submissionSets: [set] }: Submission, bench: Bench): Promise<boolean> {
  const found = await bench.query(
    'GetSubmissionSetAndContents',
    { $XDSSubmissionSetUniqueId: textValue(set?.uniqueId ?? ''), $XDSDocumentEntryType: everyType },
    'ObjectRef',
  )
  const objects = objectsIn(found).map(idOf)
  if (objects.length === 0) return true
  const related = await bench.query('GetAssociations', { $uuid: listValue(...objects) }, 'ObjectRef')
  const { status } = await bench.removeMetadata([...new Set([...objects, ...objectsIn(related).map(idOf)])])
  return status === 'Success'
}
