// All cases, in the order in which they are tried: what works at all comes first.
import type { Case } from './case.js'
import { asynchronousCases } from './cases/asynchronous.js'
import { concurrencyCases } from './cases/concurrency.js'
import { folderCases } from './cases/folders.js'
import { metadataCases } from './cases/metadata.js'
import { metadataLevelCases } from './cases/metadata-levels.js'
import { multiPatientCases } from './cases/multi-patient.js'
import { onDemandCases } from './cases/on-demand.js'
import { patientCases } from './cases/patients.js'
import { patientMergedCases } from './cases/patients-merged.js'
import { patientV2Cases } from './cases/patients-v2.js'
import { queryAnswerCases } from './cases/query-answers.js'
import { queryCombinationCases } from './cases/query-combinations.js'
import { queryErrorCases } from './cases/query-errors.js'
import { queryParameterCases } from './cases/query-parameters.js'
import { relationshipCases } from './cases/relationships.js'
import { removalCases } from './cases/removal.js'
import { retrievalCases } from './cases/retrieval.js'
import { submissionCases } from './cases/submission.js'
import { swissMetadataCases } from './cases/swiss-metadata.js'
import { swissQueryCases } from './cases/swiss-queries.js'
import { swissUpdateCases } from './cases/swiss-updates.js'
import { updateCases } from './cases/update.js'
import { webServiceCases } from './cases/web-services.js'
import type { ExaminedDomain } from './domain.js'

export const cases: readonly Case[] = [
  ...webServiceCases,
  ...asynchronousCases,
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
  ...patientMergedCases,
  ...patientV2Cases,
  ...onDemandCases,
  ...multiPatientCases,
  ...updateCases,
  ...metadataLevelCases,
  ...swissMetadataCases,
  ...swissQueryCases,
  ...swissUpdateCases,
  ...concurrencyCases,
  ...removalCases,
]

/** What can be asked of a target in the domain. */
export function casesIn({ name, lacks }: ExaminedDomain): readonly Case[] {
  return cases.filter(({ needs = [], domain = name }) => domain === name && !needs.some(need => lacks.has(need)))
}

/** Those whose id holds the pattern, in which * stands for anything. */
export function chosen(pattern: string | undefined, domain: ExaminedDomain): readonly Case[] {
  const all = casesIn(domain)
  if (pattern === undefined) return all
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const matcher = new RegExp(parts.join('.*'), 'i')
  return all.filter(({ id }) => matcher.test(id))
}
