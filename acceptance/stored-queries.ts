// The stored queries as a consumer asks them: their ids, and how values are written. ITI TF-2 §3.18.4.1.2.3.5, §3.18.4.1.2.4.
import type { Code } from '../metadata/model.js'
import { listValue as listOf } from '../transactions/query-values.js'

export { textValue } from '../transactions/query-values.js'

export const storedQueryIds = {
  FindDocuments: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  FindSubmissionSets: 'urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9',
  FindFolders: 'urn:uuid:958f3006-baad-4929-a4de-ff1114824431',
  GetAll: 'urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3',
  GetDocuments: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
  GetFolders: 'urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4',
  GetAssociations: 'urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155',
  GetDocumentsAndAssociations: 'urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a',
  GetSubmissionSets: 'urn:uuid:51224314-5390-4169-9b91-b1980040715a',
  GetSubmissionSetAndContents: 'urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83',
  GetFolderAndContents: 'urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7',
  GetFoldersForDocument: 'urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578',
  GetRelatedDocuments: 'urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6',
  FindDocumentsByReferenceId: 'urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492',
  FindDocumentsExclude: 'urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435',
  FindDocumentsForMultiplePatients: 'urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f',
  FindFoldersForMultiplePatients: 'urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df',
} as const

export type QueryName = keyof typeof storedQueryIds

/** By name the values of its Slot, or of several Slots of that name. */
export type QueryParameters = Readonly<Record<string, string | readonly string[]>>

const section = 'ITI TF-2:3.18.4.1.2.3.7'

/** Where the framework has the query. */
export const queryClauses: Readonly<Record<QueryName, string>> = {
  FindDocuments: `${section}.1`,
  FindSubmissionSets: `${section}.2`,
  FindFolders: `${section}.3`,
  GetAll: `${section}.4`,
  GetDocuments: `${section}.5`,
  GetFolders: `${section}.6`,
  GetAssociations: `${section}.7`,
  GetDocumentsAndAssociations: `${section}.8`,
  GetSubmissionSets: `${section}.9`,
  GetSubmissionSetAndContents: `${section}.10`,
  GetFolderAndContents: `${section}.11`,
  GetFoldersForDocument: `${section}.12`,
  GetRelatedDocuments: `${section}.13`,
  FindDocumentsByReferenceId: `${section}.14`,
  FindDocumentsExclude: 'CP-ITI-1323',
  FindDocumentsForMultiplePatients: 'ITI TF-2:3.51.4.1.2.1',
  FindFoldersForMultiplePatients: 'ITI TF-2:3.51.4.1.2.1',
}

export function listValue(...texts: string[]): string {
  return listOf(texts)
}

export function codeValue(...codes: Code[]): string {
  return listValue(...codes.map(({ code, codingScheme }) => `${code}^^${codingScheme}`))
}

export const approved = listValue('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')
export const deprecated = listValue('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')
