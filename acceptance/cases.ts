// All cases, in the order in which they are tried: what works at all comes first.
import type { Case } from './case.js'
import { concurrencyCases } from './cases/concurrency.js'
import { folderCases } from './cases/folders.js'
import { metadataCases } from './cases/metadata.js'
import { multiPatientCases } from './cases/multi-patient.js'
import { onDemandCases } from './cases/on-demand.js'
import { patientCases } from './cases/patients.js'
import { queryAnswerCases } from './cases/query-answers.js'
import { queryCombinationCases } from './cases/query-combinations.js'
import { queryErrorCases } from './cases/query-errors.js'
import { queryParameterCases } from './cases/query-parameters.js'
import { relationshipCases } from './cases/relationships.js'
import { removalCases } from './cases/removal.js'
import { retrievalCases } from './cases/retrieval.js'
import { submissionCases } from './cases/submission.js'
import { updateCases } from './cases/update.js'
import { webServiceCases } from './cases/web-services.js'

export const cases: readonly Case[] = [
  ...webServiceCases,
  ...submissionCases,
  ...retrievalCases,
  ...queryParameterCases,
  ...queryCombinationCases,
  ...queryAnswerCases,
  ...queryErrorCases,
  ...relationshipCases,
  ...folderCases,
  ...metadataCases,
  ...patientCases,
  ...onDemandCases,
  ...multiPatientCases,
  ...updateCases,
  ...concurrencyCases,
  ...removalCases,
]

/** Those whose id holds the pattern, in which * stands for anything. */
export function chosen(pattern: string | undefined): readonly Case[] {
  if (pattern === undefined) return cases
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const matcher = new RegExp(parts.join('.*'), 'i')
  return cases.filter(({ id }) => matcher.test(id))
}
