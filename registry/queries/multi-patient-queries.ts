// The queries of ITI-51: those of ITI-18 for one patient, asked for several or for all. ITI TF-2 §3.51.4.1.2.1.
import type { Among, Found, KeyRange, RegistryReader } from '../store/reader.js'
import { documentEntryCriteria, referenceIdList } from './document-entry-parameters.js'
import { folderCriteria } from './find-folders.js'
import { type Given, many, type Parameters, required } from './parameters.js'
import type { StoredQuery } from './stored-query.js'
import { text } from './value-types.js'

export interface MultiPatientQuery extends StoredQuery {
  /** Where no patient is named, all objects of this kind are looked at, range by range. */
  finds: 'DocumentEntry' | 'Folder'
}

const documentEntryPatients = many('$XDSDocumentEntryPatientId', text)

const findDocumentsForMultiplePatients = multiPatientQuery({
  name: 'FindDocumentsForMultiplePatients',
  id: 'urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f',
  clause: 'ITI TF-2:3.51.4.1.2.1.1',
  finds: 'DocumentEntry',
  parameters: { ...documentEntryCriteria, patientId: documentEntryPatients },
  atLeastOneOf: ['patientId', 'classCode', 'eventCodeList', 'healthcareFacilityTypeCode'],
  select: (given, registry) => registry.documentEntries(amongAll(given), given),
})

const findFoldersForMultiplePatients = multiPatientQuery({
  name: 'FindFoldersForMultiplePatients',
  id: 'urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df',
  clause: 'ITI TF-2:3.51.4.1.2.1.2',
  finds: 'Folder',
  parameters: { ...folderCriteria, patientId: many('$XDSFolderPatientId', text) },
  atLeastOneOf: ['patientId', 'codeList'],
  select: (given, registry) => registry.folders(amongAll(given), given),
})

/** Not in the Technical Framework's text yet; docs/decisions/0131. [CP-ITI-793] */
const findDocumentsByReferenceIdForMultiplePatients = multiPatientQuery({
  name: 'FindDocumentsByReferenceIdForMultiplePatients',
  id: 'urn:uuid:1191642d-86c4-42d8-b784-f95445f9f0d5',
  clause: 'CP-ITI-793',
  finds: 'DocumentEntry',
  parameters: {
    ...documentEntryCriteria,
    referenceIdList: required(referenceIdList),
    patientId: documentEntryPatients,
  },
  select: (given, registry) => registry.documentEntries(amongAll(given), given),
})

/** By id. [ITI TF-2:3.51.4.1.2.2] */
export const multiPatientQueries: ReadonlyMap<string, MultiPatientQuery> = new Map(
  [findDocumentsForMultiplePatients, findFoldersForMultiplePatients, findDocumentsByReferenceIdForMultiplePatients].map(
    query => [query.id, query],
  ),
)

function multiPatientQuery<Rows extends Parameters>(
  query: Omit<MultiPatientQuery, 'parameters' | 'select' | 'atLeastOneOf'> & {
    parameters: Rows
    atLeastOneOf?: readonly (keyof Rows & string)[]
    select(given: Given<Rows> & { range?: KeyRange }, registry: RegistryReader): Promise<Found[]>
  },
): MultiPatientQuery {
  return query as unknown as MultiPatientQuery
}

function amongAll({ patientId, range }: { patientId?: string[] | undefined; range?: KeyRange }): Among {
  if (patientId !== undefined) return { patientIds: patientId }
  return { range: range ?? { first: 0, last: -1 } }
}
