// Each stored query with each of its parameters: a value that matches, and one that does not. ITI TF-2 §3.18.4.1.2.3.7.
import type { Need } from '../domain.js'
import { authorPerson, codes, sourceId } from '../sample.js'
import {
  approved,
  codeValue,
  deprecated,
  listValue,
  type QueryName,
  type QueryParameters,
  textValue,
} from '../stored-queries.js'
import type { QueryFixture } from './query-fixture.js'

/** Values with which the object is found, and others with which it is not. */
export interface Row {
  parameter: string
  matching: string | ((fixture: QueryFixture) => string)
  other: string | ((fixture: QueryFixture) => string)
  /** Asked for together with it. */
  with?: QueryParameters
}

export interface QueryRows {
  query: QueryName
  option?: string
  needs?: readonly Need[]
  /** What has to be given always. */
  required(fixture: QueryFixture): QueryParameters
  /** What is found, by the required parameters already. */
  wanted(fixture: QueryFixture): string[]
  /** What the other value leaves out; all that is wanted unless said. */
  lost?(fixture: QueryFixture): string[]
  rows: readonly Row[]
}

const nobody = textValue('nobody^^^&2.999.404&ISO')
const unknownUuid = 'urn:uuid:00000000-0000-4000-8000-000000000404'
const stable = listValue('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')
const onDemand = listValue('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')

const coded = (parameter: string, code: (typeof codes)[keyof typeof codes]): Row => ({
  ...{ parameter, matching: codeValue(code), other: codeValue(codes.none) },
})
const from = (parameter: string, matching: string, other: string): Row => ({ parameter, matching, other })

const formatCode = coded('$XDSDocumentEntryFormatCode', codes.formatCode)
const confidentialityCode = coded('$XDSDocumentEntryConfidentialityCode', codes.restricted)
const type: Row = { parameter: '$XDSDocumentEntryType', matching: stable, other: onDemand }

const entryRows: readonly Row[] = [
  { parameter: '$XDSDocumentEntryPatientId', matching: fixture => textValue(fixture.patientId), other: nobody },
  coded('$XDSDocumentEntryClassCode', codes.classCode),
  coded('$XDSDocumentEntryTypeCode', codes.typeCode),
  coded('$XDSDocumentEntryPracticeSettingCode', codes.practiceSettingCode),
  coded('$XDSDocumentEntryHealthcareFacilityTypeCode', codes.healthcareFacilityTypeCode),
  coded('$XDSDocumentEntryEventCodeList', codes.event),
  confidentialityCode,
  formatCode,
  from('$XDSDocumentEntryCreationTimeFrom', '20260314101500', '20260314101501'),
  from('$XDSDocumentEntryCreationTimeTo', '20260314101501', '20260314101500'),
  from('$XDSDocumentEntryServiceStartTimeFrom', '20260310', '20260311'),
  from('$XDSDocumentEntryServiceStartTimeTo', '20260311', '20260310'),
  from('$XDSDocumentEntryServiceStopTimeFrom', '20260312', '20260313'),
  from('$XDSDocumentEntryServiceStopTimeTo', '20260313', '20260312'),
  { parameter: '$XDSDocumentEntryAuthorPerson', matching: listValue(authorPerson), other: listValue('%^Nobody^%') },
  { parameter: '$XDSDocumentEntryStatus', matching: approved, other: deprecated },
  type,
]

const idRows = (prefix: string, object: 'entry' | 'folder' | 'submissionSet', several: boolean): readonly Row[] => {
  const written = several ? listValue : textValue
  return [
    {
      parameter: `${prefix}EntryUUID`,
      matching: fixture => written(fixture[object].entryUUID),
      other: written(unknownUuid),
    },
    {
      parameter: `${prefix}UniqueId`,
      matching: fixture => written(fixture[object].uniqueId!),
      other: written('2.999.404'),
    },
  ]
}

const queries: readonly QueryRows[] = [
  {
    query: 'FindDocuments',
    required: ({ patientId }) => ({
      $XDSDocumentEntryPatientId: textValue(patientId),
      $XDSDocumentEntryStatus: approved,
    }),
    wanted: ({ entry }) => [entry.entryUUID],
    rows: entryRows,
  },
  {
    query: 'FindDocumentsByReferenceId',
    option: 'Reference ID',
    required: ({ patientId, entry }) => ({
      $XDSDocumentEntryPatientId: textValue(patientId),
      $XDSDocumentEntryStatus: approved,
      $XDSDocumentEntryReferenceIdList: listValue(entry.referenceIdList[0]!),
    }),
    wanted: ({ entry }) => [entry.entryUUID],
    rows: [
      {
        parameter: '$XDSDocumentEntryReferenceIdList',
        matching: ({ entry }) => listValue(entry.referenceIdList[0]!),
        other: listValue('404^^^&2.999.5&ISO^urn:ihe:iti:xds:2013:order'),
      },
      ...entryRows,
    ],
  },
  {
    query: 'FindSubmissionSets',
    required: ({ patientId }) => ({
      $XDSSubmissionSetPatientId: textValue(patientId),
      $XDSSubmissionSetStatus: approved,
    }),
    wanted: ({ submissionSet }) => [submissionSet.entryUUID],
    rows: [
      { parameter: '$XDSSubmissionSetPatientId', matching: ({ patientId }) => textValue(patientId), other: nobody },
      { parameter: '$XDSSubmissionSetSourceId', matching: listValue(sourceId), other: listValue('2.999.404') },
      from('$XDSSubmissionSetSubmissionTimeFrom', '2020', '2999'),
      from('$XDSSubmissionSetSubmissionTimeTo', '2999', '2020'),
      { parameter: '$XDSSubmissionSetAuthorPerson', matching: textValue(authorPerson), other: textValue('%^Nobody^%') },
      coded('$XDSSubmissionSetContentType', codes.contentTypeCode),
      { parameter: '$XDSSubmissionSetStatus', matching: approved, other: deprecated },
    ],
  },
  {
    query: 'FindFolders',
    needs: ['Folders'],
    required: ({ patientId }) => ({ $XDSFolderPatientId: textValue(patientId), $XDSFolderStatus: approved }),
    wanted: ({ folder }) => [folder.entryUUID],
    rows: [
      { parameter: '$XDSFolderPatientId', matching: ({ patientId }) => textValue(patientId), other: nobody },
      from('$XDSFolderLastUpdateTimeFrom', '2020', '2999'),
      from('$XDSFolderLastUpdateTimeTo', '2999', '2020'),
      coded('$XDSFolderCodeList', codes.folder),
      { parameter: '$XDSFolderStatus', matching: approved, other: deprecated },
    ],
  },
  {
    query: 'GetAll',
    required: ({ patientId }) => ({
      $patientId: textValue(patientId),
      $XDSDocumentEntryStatus: approved,
      $XDSSubmissionSetStatus: approved,
      $XDSFolderStatus: approved,
    }),
    wanted: ({ entry }) => [entry.entryUUID],
    rows: [
      { parameter: '$patientId', matching: ({ patientId }) => textValue(patientId), other: nobody },
      { parameter: '$XDSDocumentEntryStatus', matching: approved, other: deprecated },
      formatCode,
      confidentialityCode,
      type,
    ],
  },
  {
    query: 'GetDocuments',
    required: () => ({}),
    wanted: ({ entry }) => [entry.entryUUID],
    rows: idRows('$XDSDocumentEntry', 'entry', true),
  },
  {
    query: 'GetFolders',
    needs: ['Folders'],
    required: () => ({}),
    wanted: ({ folder }) => [folder.entryUUID],
    rows: idRows('$XDSFolder', 'folder', true),
  },
  {
    query: 'GetAssociations',
    required: () => ({}),
    wanted: ({ membership }) => [membership.entryUUID],
    rows: [{ parameter: '$uuid', matching: ({ entry }) => listValue(entry.entryUUID), other: listValue(unknownUuid) }],
  },
  {
    query: 'GetDocumentsAndAssociations',
    required: () => ({}),
    wanted: ({ entry, membership }) => [entry.entryUUID, membership.entryUUID],
    rows: idRows('$XDSDocumentEntry', 'entry', true),
  },
  {
    query: 'GetSubmissionSets',
    required: () => ({}),
    wanted: ({ submissionSet }) => [submissionSet.entryUUID],
    rows: [{ parameter: '$uuid', matching: ({ entry }) => listValue(entry.entryUUID), other: listValue(unknownUuid) }],
  },
  {
    query: 'GetSubmissionSetAndContents',
    required: () => ({}),
    wanted: ({ submissionSet, entry, folders, membership }) =>
      [submissionSet, entry, ...folders, membership].map(({ entryUUID }) => entryUUID),
    rows: idRows('$XDSSubmissionSet', 'submissionSet', false),
  },
  {
    query: 'GetSubmissionSetAndContents',
    required: ({ submissionSet }) => ({ $XDSSubmissionSetEntryUUID: textValue(submissionSet.entryUUID) }),
    wanted: ({ submissionSet, entry }) => [submissionSet.entryUUID, entry.entryUUID],
    lost: ({ entry, membership }) => [entry.entryUUID, membership.entryUUID],
    rows: [formatCode, confidentialityCode, type],
  },
  {
    query: 'GetFolderAndContents',
    needs: ['Folders'],
    required: () => ({}),
    wanted: ({ folder, entry, membership }) => [folder, entry, membership].map(({ entryUUID }) => entryUUID),
    rows: idRows('$XDSFolder', 'folder', false),
  },
  {
    query: 'GetFolderAndContents',
    needs: ['Folders'],
    required: ({ folder }) => ({ $XDSFolderEntryUUID: textValue(folder.entryUUID) }),
    wanted: ({ folder, entry }) => [folder.entryUUID, entry.entryUUID],
    lost: ({ entry, membership }) => [entry.entryUUID, membership.entryUUID],
    rows: [formatCode, confidentialityCode, type],
  },
  {
    query: 'GetFoldersForDocument',
    needs: ['Folders'],
    required: () => ({}),
    wanted: ({ folder }) => [folder.entryUUID],
    rows: idRows('$XDSDocumentEntry', 'entry', false),
  },
  {
    query: 'GetRelatedDocuments',
    required: ({ replacement }) => ({
      $XDSDocumentEntryEntryUUID: textValue(replacement.entryUUID),
      $AssociationTypes: listValue('urn:ihe:iti:2007:AssociationType:RPLC'),
    }),
    wanted: ({ replaced, replacement, relation }) =>
      [replaced, replacement, relation].map(({ entryUUID }) => entryUUID),
    rows: [
      {
        parameter: '$XDSDocumentEntryEntryUUID',
        matching: ({ replaced }) => textValue(replaced.entryUUID),
        other: textValue(unknownUuid),
      },
      {
        parameter: '$AssociationTypes',
        matching: listValue('urn:ihe:iti:2007:AssociationType:RPLC'),
        other: listValue('urn:ihe:iti:2007:AssociationType:APND'),
      },
    ],
  },
]

/** What matches is left out, what does not is found. */
const excluding: QueryRows = {
  query: 'FindDocumentsExclude',
  option: 'CP-ITI-1323',
  required: ({ patientId }) => ({
    $XDSDocumentEntryPatientId: textValue(patientId),
    $XDSDocumentEntryStatus: approved,
  }),
  wanted: ({ entry }) => [entry.entryUUID],
  rows: entryRows
    .filter(({ parameter }) => /Code|CodeList|AuthorPerson/.test(parameter))
    .map(({ parameter, matching, other }) => ({ parameter: `${parameter}Exclude`, matching: other, other: matching })),
}

/** All of them. */
export const queryTables: readonly QueryRows[] = [...queries, excluding]
