// Parameters together, and values in their several forms. ITI TF-2 §3.18.4.1.2.3.
import type { Case } from '../case.js'
import { finds } from '../judge.js'
import { codes } from '../sample.js'
import { approved, codeValue, listValue, type QueryParameters, textValue } from '../stored-queries.js'
import { type QueryFixture, queryFixture } from './query-fixture.js'

export const grammar = 'ITI TF-2:3.18.4.1.2.3.5'
const bothStatuses = listValue(
  'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',
  'urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated',
)

/** FindDocuments with more than it has to be given, and whether the entry is in the answer. */
const combined: readonly [string, string, boolean, QueryParameters][] = [
  [
    'or-in-slot',
    'values of one Slot are alternatives',
    true,
    { $XDSDocumentEntryClassCode: codeValue(codes.none, codes.classCode) },
  ],
  [
    'and-of-parameters',
    'all parameters have to match',
    false,
    { $XDSDocumentEntryClassCode: codeValue(codes.classCode), $XDSDocumentEntryTypeCode: codeValue(codes.none) },
  ],
  [
    'and-both',
    'two parameters that match',
    true,
    { $XDSDocumentEntryClassCode: codeValue(codes.classCode), $XDSDocumentEntryTypeCode: codeValue(codes.typeCode) },
  ],
  [
    'event-codes-and',
    'Slots of one name all have to match',
    true,
    { $XDSDocumentEntryEventCodeList: [codeValue(codes.event), codeValue(codes.otherEvent)] },
  ],
  [
    'event-codes-and-not',
    'Slots of one name of which one does not match',
    false,
    { $XDSDocumentEntryEventCodeList: [codeValue(codes.event), codeValue(codes.none)] },
  ],
  [
    'event-codes-or',
    'event codes of one Slot are alternatives',
    true,
    { $XDSDocumentEntryEventCodeList: codeValue(codes.none, codes.otherEvent) },
  ],
  [
    'confidentiality-and',
    'confidentialityCode in two Slots that match',
    true,
    { $XDSDocumentEntryConfidentialityCode: [codeValue(codes.confidentialityCode), codeValue(codes.restricted)] },
  ],
  [
    'confidentiality-and-not',
    'confidentialityCode in two Slots of which one does not match',
    false,
    { $XDSDocumentEntryConfidentialityCode: [codeValue(codes.restricted), codeValue(codes.none)] },
  ],
  [
    'code-of-another-scheme',
    'a code of another coding scheme is another code',
    false,
    { $XDSDocumentEntryClassCode: listValue(`${codes.classCode.code}^^2.999.404`) },
  ],
  [
    'author-percent',
    '% stands for any characters of an author',
    true,
    { $XDSDocumentEntryAuthorPerson: listValue('%Tanner%') },
  ],
  [
    'author-underscore',
    '_ stands for one character of an author',
    true,
    { $XDSDocumentEntryAuthorPerson: listValue('%T_nner%') },
  ],
  [
    'author-part',
    'without a wildcard the whole author has to be there',
    false,
    { $XDSDocumentEntryAuthorPerson: listValue('Tanner') },
  ],
  [
    'time-window',
    'a time between From and To',
    true,
    { $XDSDocumentEntryCreationTimeFrom: '20260101', $XDSDocumentEntryCreationTimeTo: '20270101' },
  ],
  [
    'time-empty-window',
    'To is exclusive',
    false,
    { $XDSDocumentEntryCreationTimeFrom: '20260314101500', $XDSDocumentEntryCreationTimeTo: '20260314101500' },
  ],
  [
    'time-year',
    'a year stands for its first instant',
    true,
    { $XDSDocumentEntryCreationTimeFrom: '2026', $XDSDocumentEntryCreationTimeTo: '2027' },
  ],
  ['both-statuses', 'several statuses', true, { $XDSDocumentEntryStatus: bothStatuses }],
  [
    'both-types',
    'stable and on-demand together',
    true,
    {
      $XDSDocumentEntryType: listValue(
        'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1',
        'urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248',
      ),
    },
  ],
  [
    'one-value-without-parentheses',
    'a single-valued parameter in quotes',
    true,
    { $XDSDocumentEntryCreationTimeFrom: textValue('20260101') },
  ],
]

export const findDocuments = ({ patientId }: QueryFixture): QueryParameters => ({
  $XDSDocumentEntryPatientId: textValue(patientId),
  $XDSDocumentEntryStatus: approved,
})

export const queryCombinationCases: readonly Case[] = combined.map(([name, title, found, parameters]) => ({
  ...{ id: `query/combined/${name}`, title: `FindDocuments: ${title}`, clause: grammar },
  needs: name === 'confidentiality-and' ? ['several confidentialityCodes'] : [],
  async try(bench) {
    const fixture = await queryFixture(bench)
    const answer = await bench.query('FindDocuments', { ...findDocuments(fixture), ...parameters })
    const { entryUUID } = fixture.entry
    return found ? finds(answer, [entryUUID]) : finds(answer, [], [entryUUID])
  },
}))
