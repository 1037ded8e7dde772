// What a registry refuses of a query, with the code for it. ITI TF-2 §3.18.4.1.3, TF-3 Table 4.2.4.1-2.

import { adhocQueryRequest } from '../../transactions/adhoc-query-codec.js'
import type { Case } from '../case.js'
import { holds, refused } from '../judge.js'
import {
  approved,
  listValue,
  type QueryName,
  type QueryParameters,
  queryClauses,
  textValue,
} from '../stored-queries.js'
import { queryFixture } from './query-fixture.js'

const table = 'ITI TF-3: Table 4.2.4.1-2'
const someUuid = 'urn:uuid:00000000-0000-4000-8000-000000000404'
const patient = textValue('P-1^^^&2.999.1&ISO')

/** What each query has to be given; without any one of them it is refused. */
const required: Readonly<Partial<Record<QueryName, QueryParameters>>> = {
  FindDocuments: { $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: approved },
  FindSubmissionSets: { $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: approved },
  FindFolders: { $XDSFolderPatientId: patient, $XDSFolderStatus: approved },
  GetAll: {
    $patientId: patient,
    $XDSDocumentEntryStatus: approved,
    $XDSSubmissionSetStatus: approved,
    $XDSFolderStatus: approved,
  },
  GetDocuments: { $XDSDocumentEntryEntryUUID: listValue(someUuid) },
  GetFolders: { $XDSFolderEntryUUID: listValue(someUuid) },
  GetAssociations: { $uuid: listValue(someUuid) },
  GetDocumentsAndAssociations: { $XDSDocumentEntryEntryUUID: listValue(someUuid) },
  GetSubmissionSets: { $uuid: listValue(someUuid) },
  GetSubmissionSetAndContents: { $XDSSubmissionSetEntryUUID: textValue(someUuid) },
  GetFolderAndContents: { $XDSFolderEntryUUID: textValue(someUuid) },
  GetFoldersForDocument: { $XDSDocumentEntryEntryUUID: textValue(someUuid) },
  GetRelatedDocuments: {
    $XDSDocumentEntryEntryUUID: textValue(someUuid),
    $AssociationTypes: listValue('urn:ihe:iti:2007:AssociationType:RPLC'),
  },
}

/** Two ways to name the object, of which only one may be taken. */
const twoWays: readonly [QueryName, QueryParameters][] = [
  ['GetDocuments', { $XDSDocumentEntryUniqueId: listValue('2.999.404') }],
  ['GetFolders', { $XDSFolderUniqueId: listValue('2.999.404') }],
  ['GetDocumentsAndAssociations', { $XDSDocumentEntryUniqueId: listValue('2.999.404') }],
  ['GetSubmissionSetAndContents', { $XDSSubmissionSetUniqueId: textValue('2.999.404') }],
  ['GetFolderAndContents', { $XDSFolderUniqueId: textValue('2.999.404') }],
  ['GetFoldersForDocument', { $XDSDocumentEntryUniqueId: textValue('2.999.404') }],
  ['GetRelatedDocuments', { $XDSDocumentEntryUniqueId: textValue('2.999.404') }],
]

const missing: readonly Case[] = Object.entries(required).flatMap(([name, parameters]) =>
  Object.keys(parameters).map(left => ({
    ...{ id: `query/error/missing/${name}/${left}`, title: `${name} without ${left}` },
    clause: queryClauses[name as QueryName],
    try: async bench => {
      const { [left]: _, ...rest } = parameters
      return refused(await bench.query(name as QueryName, rest), 'XDSStoredQueryMissingParam')
    },
  })),
)

const both: readonly Case[] = twoWays.map(([name, second]) => ({
  ...{ id: `query/error/both/${name}`, title: `${name} by two ids at once`, clause: queryClauses[name] },
  try: async bench => refused(await bench.query(name, { ...required[name], ...second }), 'XDSStoredQueryParamNumber'),
}))

/** FindDocuments that says something it may not. */
const wrong: readonly [string, string, string, string[], QueryParameters][] = [
  [
    'several-patients',
    'several values for one patient id',
    'ITI TF-2:3.18.4.1.2.3.5',
    ['XDSStoredQueryParamNumber'],
    { $XDSDocumentEntryPatientId: [patient, patient] },
  ],
  [
    'several-times',
    'a time given twice',
    'ITI TF-2:3.18.4.1.2.3.5',
    ['XDSStoredQueryParamNumber'],
    { $XDSDocumentEntryCreationTimeFrom: ['2025', '2026'] },
  ],
  [
    'class-code-twice',
    'a Slot repeated where AND has no meaning',
    'ITI TF-2:3.18.4.1.2.3.5',
    ['XDSStoredQueryParamNumber'],
    { $XDSDocumentEntryClassCode: [listValue('a^^1.2'), listValue('b^^1.2')] },
  ],
  [
    'status-unknown',
    'no status that is understood',
    'ITI TF-2:3.18.4.1.2.3.6',
    ['XDSStoredQueryMissingParam'],
    { $XDSDocumentEntryStatus: listValue('urn:oasis:names:tc:ebxml-regrep:StatusType:Unheard') },
  ],
  [
    'time-is-none',
    'a time that is none',
    'ITI TF-2:3.18.4.1.2.3.3',
    ['XDSRegistryError', 'XDSStoredQueryParamNumber'],
    { $XDSDocumentEntryCreationTimeFrom: 'yesterday' },
  ],
]

const mistakes: readonly Case[] = wrong.map(([name, title, clause, codes, parameters]) => ({
  ...{ id: `query/error/${name}`, title: `FindDocuments with ${title}`, clause },
  try: async bench =>
    refused(await bench.query('FindDocuments', { ...required.FindDocuments, ...parameters }), ...codes),
}))

const others: readonly Case[] = [
  {
    ...{ id: 'query/error/unknown-query', title: 'a query that does not exist', clause: table },
    async try(bench) {
      const encoded = adhocQueryRequest.encode({ id: someUuid, returnType: 'LeafClass', slots: [] })
      return refused(await bench.query('FindDocuments', {}, 'LeafClass', { encoded }), 'XDSUnknownStoredQuery')
    },
  },
  {
    ...{
      id: 'query/error/several-patients-leaf',
      title: 'entries of two patients are not given as LeafClass',
      clause: table,
    },
    async try(bench) {
      const { entry, otherPatientId } = await queryFixture(bench)
      const other = bench.samples.entry(otherPatientId)
      await bench.given(bench.samples.of(otherPatientId, { entries: [other] }))
      const asked = { $XDSDocumentEntryEntryUUID: listValue(entry.entryUUID, other.entryUUID) }
      const refs = await bench.query('GetDocuments', asked, 'ObjectRef')
      return [
        ...refused(await bench.query('GetDocuments', asked), 'XDSResultNotSinglePatient'),
        ...holds(refs.status === 'Success', 'ObjectRefs of several patients', refs.status),
      ]
    },
  },
  {
    ...{ id: 'query/error/return-type', title: 'a returnType that is none', clause: 'ITI TF-2:3.18.4.1.2.3.1' },
    async try(bench) {
      const answer = await bench.query('FindDocuments', required.FindDocuments!, 'Everything')
      return holds(answer.status !== 'Success', 'an error or a fault', answer.status)
    },
  },
]

export const queryErrorCases: readonly Case[] = [...missing, ...both, ...mistakes, ...others]
