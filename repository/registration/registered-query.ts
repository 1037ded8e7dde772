// Asking a registry whether it holds a submission of ours: GetSubmissionSetAndContents. [ITI TF-2:3.18.4.1.2.3.7.10]

import { textValue } from '../../transactions/query-values.js'
import type { AdhocQueryRequest, AdhocQueryResponse } from '../../transactions/xds-messages.js'
import type { KeptDocument } from '../document-store.js'
import type { RegistryAnswer } from './registry-port.js'

/** What the registry must hold if it holds the submission. */
export interface Registered {
  submissionSetUniqueId: string | undefined
  documents: Pick<KeptDocument, 'uniqueId' | 'sha1'>[]
}

const getSubmissionSetAndContents = 'urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83'

/** Undefined where the submission has no uniqueId: nobody can be asked for it. */
export function submissionQuery({ submissionSetUniqueId }: Registered): AdhocQueryRequest | undefined {
  if (submissionSetUniqueId === undefined || submissionSetUniqueId === '') return undefined
  return {
    id: getSubmissionSetAndContents,
    returnType: 'LeafClass',
    slots: [{ name: '$XDSSubmissionSetUniqueId', values: [textValue(submissionSetUniqueId)] }],
  }
}

/** The submission set is there and, in it, every document of ours with our bytes. */
export function holdsSubmission(
  answer: RegistryAnswer<AdhocQueryResponse>,
  { submissionSetUniqueId, documents }: Registered,
  repositoryUniqueId: string,
): boolean {
  const result = answer.kind === 'answered' ? answer.response.result : undefined
  if (result === undefined || !result.submissionSets.some(({ uniqueId }) => uniqueId === submissionSetUniqueId))
    return false
  const entries = new Set(
    result.documentEntries.map(entry =>
      JSON.stringify([entry.repositoryUniqueId, entry.uniqueId, entry.hash?.toLowerCase()]),
    ),
  )
  return documents.every(({ uniqueId, sha1 }) => entries.has(JSON.stringify([repositoryUniqueId, uniqueId, sha1])))
}
