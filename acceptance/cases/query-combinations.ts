// Parameters together, and values in their several forms. ITI TF-2 §3.18.4.1.2.3.
import type { Case } from '../case.js'
import { finds, refused } from '../judge.js'
import { codes } from '../sample.js'
import { approved, codeValue, listValue, type QueryParameters, textValue } from '../stored-queries.js'
import { type QueryFixture, queryFixture } from './query-fixture.js'
import { known } from './query-parameters.js'

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

/** FindDocumentsExclude with more than it has to be given, and whether the entry is in the answer. */
const excluding: readonly [string, string, boolean, QueryParameters][] = [
  ['nothing', 'nothing to exclude', true, {}],
  [
    'one-of-several',
    'an entry with one of the excluded codes is left out',
    false,
    { $XDSDocumentEntryClassCodeExclude: codeValue(codes.none, codes.classCode) },
  ],
  [
    'event-code',
    'an entry with several event codes of which one is excluded is left out',
    false,
    { $XDSDocumentEntryEventCodeListExclude: codeValue(codes.otherEvent) },
  ],
  [
    'with-criteria',
    'criteria and exclusions of different attributes go together',
    true,
    { $XDSDocumentEntryClassCode: codeValue(codes.classCode), $XDSDocumentEntryTypeCodeExclude: codeValue(codes.none) },
  ],
  [
    'against-criteria',
    'an exclusion counts beside criteria that match',
    false,
    {
      $XDSDocumentEntryClassCode: codeValue(codes.classCode),
      $XDSDocumentEntryTypeCodeExclude: codeValue(codes.typeCode),
    },
  ],
  [
    'another-scheme',
    'a code of another coding scheme excludes nothing',
    true,
    { $XDSDocumentEntryClassCodeExclude: listValue(`${codes.classCode.code}^^2.999.404`) },
  ],
  [
    'author',
    '% stands for any characters of an author',
    false,
    { $XDSDocumentEntryAuthorPersonExclude: listValue('%Tanner%') },
  ],
]

export const findDocuments = ({ patientId }: QueryFixture): QueryParameters => ({
  $XDSDocumentEntryPatientId: textValue(patientId),
  $XDSDocumentEntryStatus: approved,
})

export const queryCombinationCases: readonly Case[] = [
  ...combined.map(([name, title, found, parameters]) => ({
    ...combination('FindDocuments', { id: `query/combined/${name}`, title, found, parameters }),
    needs: name === 'confidentiality-and' ? (['several confidentialityCodes'] as const) : [],
  })),
  ...excluding.map(([name, title, found, parameters]) =>
    combination('FindDocumentsExclude', { id: `query/excluded/${name}`, title, found, parameters }),
  ),
  {
    ...{ id: 'query/excluded/both', clause: 'CP-ITI-1323', option: 'CP-ITI-1323' },
    title: 'FindDocumentsExclude with an attribute both wanted and excluded is refused',
    async try(bench) {
      const classCode = codeValue(codes.classCode)
      const both = { $XDSDocumentEntryClassCode: classCode, $XDSDocumentEntryClassCodeExclude: classCode }
      const asked = { ...findDocuments(await queryFixture(bench)), ...both }
      const answer = known(await bench.query('FindDocumentsExclude', asked), 'FindDocumentsExclude', 'CP-ITI-1323')
      return refused(answer, 'XDSStoredQueryParamNumber', 'XDSRegistryError')
    },
  },
  ...['$XDSDocumentEntryPatientId', '$XDSDocumentEntryStatus'].map(
    (left): Case => ({
      ...{ id: `query/excluded/missing/${left}`, clause: 'CP-ITI-1323', option: 'CP-ITI-1323' },
      title: `FindDocumentsExclude without ${left}`,
      async try(bench) {
        const { [left]: _, ...asked } = findDocuments(await queryFixture(bench))
        const answer = known(await bench.query('FindDocumentsExclude', asked), 'FindDocumentsExclude', 'CP-ITI-1323')
        return refused(answer, 'XDSStoredQueryMissingParam')
      },
    }),
  ),
]

interface Combination {
  id: string
  title: string
  /** Whether the entry is in the answer. */
  found: boolean
  parameters: QueryParameters
}

function combination(
  query: 'FindDocuments' | 'FindDocumentsExclude',
  { id, title, found, parameters }: Combination,
): Case {
  const option = query === 'FindDocumentsExclude' ? 'CP-ITI-1323' : undefined
  return {
    ...{ id, title: `${query}: ${title}`, clause: option ?? grammar, option },
    async try(bench) {
      const fixture = await queryFixture(bench)
      const answer = known(await bench.query(query, { ...findDocuments(fixture), ...parameters }), query, option)
      const { entryUUID } = fixture.entry
      return found ? finds(answer, [entryUUID]) : finds(answer, [], [entryUUID])
    },
  }
}
