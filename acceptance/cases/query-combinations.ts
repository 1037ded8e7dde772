// Parameters together, values in their several forms, and what an answer looks like. ITI TF-2 §3.18.4.1.2.3, §3.18.4.1.3.

import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf } from '../../soap/xml.js'
import { availabilityOf, idOf, objectsIn, ofKind, slotIn } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { encodedQuery } from '../encoded-query.js'
import { finds, holds, succeeded } from '../judge.js'
import { codes } from '../sample.js'
import { approved, codeValue, listValue, type QueryParameters, textValue } from '../stored-queries.js'
import { type QueryFixture, queryFixture } from './query-fixture.js'

const grammar = 'ITI TF-2:3.18.4.1.2.3.5'
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

const find = ({ patientId }: QueryFixture): QueryParameters => ({
  $XDSDocumentEntryPatientId: textValue(patientId),
  $XDSDocumentEntryStatus: approved,
})

const combinations: readonly Case[] = combined.map(([name, title, found, parameters]) => ({
  ...{ id: `query/combined/${name}`, title: `FindDocuments: ${title}`, clause: grammar },
  async try(bench) {
    const fixture = await queryFixture(bench)
    const answer = await bench.query('FindDocuments', { ...find(fixture), ...parameters })
    const { entryUUID } = fixture.entry
    return found ? finds(answer, [entryUUID]) : finds(answer, [], [entryUUID])
  },
}))

type Judge = (fixture: QueryFixture, bench: Bench) => Promise<Disagreement[]>

function about(id: string, title: string, clause: string, judge: Judge): Case {
  return { id: `query/answer/${id}`, title, clause, try: async bench => judge(await queryFixture(bench), bench) }
}

const answers: readonly Case[] = [
  about(
    'status-deprecated',
    'what was replaced is found as Deprecated',
    'ITI TF-2:3.18.4.1.2.3.6',
    async (fixture, bench) => {
      const status = listValue('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')
      const answer = await bench.query('FindDocuments', { ...find(fixture), $XDSDocumentEntryStatus: status })
      return finds(answer, [fixture.replaced.entryUUID], [fixture.replacement.entryUUID, fixture.entry.entryUUID])
    },
  ),
  about(
    'nothing-found',
    'what finds nothing succeeds with an empty RegistryObjectList',
    'ITI TF-2:3.18.4.1.3',
    async (_, bench) => {
      const answer = await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue('2.999.404') })
      const list = answer.body && childOf(answer.body, namespaces.rim, 'RegistryObjectList')
      return [
        ...succeeded(answer),
        ...holds(
          list?.children.length === 0,
          'an empty RegistryObjectList',
          list === undefined ? 'none' : `${list.children.length} objects`,
        ),
      ]
    },
  ),
  about(
    'object-refs',
    'returnType ObjectRef gives ObjectRefs and nothing else',
    'ITI TF-2:3.18.4.1.2.3.1',
    async (fixture, bench) => {
      const answer = await bench.query('FindDocuments', find(fixture), 'ObjectRef')
      const others = objectsIn(answer).filter(({ name }) => name !== 'ObjectRef')
      return [
        ...finds(answer, [fixture.entry.entryUUID]),
        ...holds(others.length === 0, 'only ObjectRefs', others.map(({ name }) => name).join(', ')),
      ]
    },
  ),
  about(
    'leaf-class',
    'an entry comes back with id, lid, version, status, objectType and media type',
    'ITI TF-3: Table 4.2.3.2-1',
    async (fixture, bench) => {
      const answer = await bench.query('GetDocuments', {
        $XDSDocumentEntryEntryUUID: listValue(fixture.entry.entryUUID),
      })
      const [entry] = ofKind('DocumentEntry', answer)
      if (entry === undefined) return [...succeeded(answer), { expected: 'one ExtrinsicObject', found: 'none' }]
      const version = childOf(entry, namespaces.rim, 'VersionInfo')
      const home = attributeOf(entry, 'home')
      return [
        ...holds(/^urn:uuid:[0-9a-f-]{36}$/.test(idOf(entry)), 'id as urn:uuid in lower case', idOf(entry)),
        ...holds(
          /^urn:uuid:[0-9a-f-]{36}$/.test(attributeOf(entry, 'lid') ?? ''),
          'lid as urn:uuid',
          attributeOf(entry, 'lid') ?? 'none',
        ),
        ...holds(
          (version && attributeOf(version, 'versionName')) === '1',
          'VersionInfo@versionName 1',
          (version && attributeOf(version, 'versionName')) ?? 'none',
        ),
        ...holds(availabilityOf(entry) === 'Approved', 'status Approved', availabilityOf(entry)),
        ...holds(
          attributeOf(entry, 'objectType') === 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1',
          'objectType stable',
          attributeOf(entry, 'objectType') ?? 'none',
        ),
        ...holds(
          attributeOf(entry, 'mimeType') === fixture.entry.mimeType,
          fixture.entry.mimeType,
          attributeOf(entry, 'mimeType') ?? 'none',
        ),
        ...holds(home === undefined || /^urn:oid:[0-9.]+$/.test(home), 'home absent or urn:oid', home ?? ''),
      ]
    },
  ),
  about('attributes', 'attributes come back as they were submitted', 'ITI TF-3:4.2.3.2', async (fixture, bench) => {
    const answer = await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(fixture.entry.entryUUID) })
    const [entry] = ofKind('DocumentEntry', answer)
    const { creationTime, serviceStartTime, serviceStopTime, languageCode, sourcePatientId, referenceIdList } =
      fixture.entry
    const sent = {
      creationTime,
      serviceStartTime,
      serviceStopTime,
      languageCode,
      sourcePatientId,
      'urn:ihe:iti:xds:2013:referenceIdList': referenceIdList[0],
    }
    return Object.entries(sent).flatMap(([name, value]) => {
      const found = entry === undefined ? 'no entry' : slotIn(entry, name).join(', ')
      return holds(found === value, `${name} ${value}`, found || 'none')
    })
  }),
  about(
    'nested-ids',
    'Classifications and ExternalIdentifiers have ids and objectTypes',
    'ITI TF-3:4.2.3.1.2',
    async (fixture, bench) => {
      const answer = await bench.query('GetDocuments', {
        $XDSDocumentEntryEntryUUID: listValue(fixture.entry.entryUUID),
      })
      const nested = ofKind('DocumentEntry', answer).flatMap(({ children }) =>
        children.filter(({ name }) => /^(?:Classification|ExternalIdentifier)$/.test(name)),
      )
      return [
        ...holds(nested.length >= 10, 'Classifications and ExternalIdentifiers', `${nested.length} of them`),
        ...nested.flatMap(object => [
          ...holds(idOf(object) !== '', `${object.name}@id`, 'none'),
          ...holds(
            (attributeOf(object, 'objectType') ?? '').endsWith(object.name),
            `${object.name}@objectType`,
            attributeOf(object, 'objectType') ?? 'none',
          ),
        ]),
      ]
    },
  ),
  about(
    'submission-set',
    'a SubmissionSet comes back with its ids',
    'ITI TF-3: Table 4.2.3.3-1',
    async (fixture, bench) => {
      const answer = await bench.query('GetSubmissionSets', { $uuid: listValue(fixture.entry.entryUUID) })
      const [set] = ofKind('SubmissionSet', answer)
      const text = JSON.stringify(set ?? {})
      return [fixture.submissionSet.uniqueId!, fixture.submissionSet.sourceId!].flatMap(id =>
        holds(
          text.includes(id),
          `${id} in the SubmissionSet`,
          set === undefined ? 'no SubmissionSet' : 'it is not there',
        ),
      )
    },
  ),
  about(
    'folder-time',
    'a Folder has a lastUpdateTime of the registry',
    'ITI TF-3:4.2.3.4.6',
    async (fixture, bench) => {
      const answer = await bench.query('GetFolders', { $XDSFolderEntryUUID: listValue(fixture.folder.entryUUID) })
      const [folder] = ofKind('Folder', answer)
      const [time = 'none'] = folder === undefined ? [] : slotIn(folder, 'lastUpdateTime')
      return holds(/^\d{14}$/.test(time), 'lastUpdateTime to the second', time)
    },
  ),
  about('split-list', 'a list may be spread over several values of a Slot', grammar, async (fixture, bench) => {
    const slots = [
      {
        name: '$XDSDocumentEntryEntryUUID',
        values: [listValue(fixture.entry.entryUUID), listValue(fixture.replaced.entryUUID)],
      },
    ]
    const answer = await bench.query('GetDocuments', {}, 'LeafClass', { encoded: encodedQuery('GetDocuments', slots) })
    return finds(answer, [fixture.entry.entryUUID, fixture.replaced.entryUUID])
  }),
  about(
    'several-ids',
    'GetDocuments gives all that it was asked for, whatever their status',
    'ITI TF-2:3.18.4.1.2.3.7.5',
    async (fixture, bench) => {
      const ids = [fixture.entry, fixture.replaced, fixture.replacement].map(({ entryUUID }) => entryUUID)
      return finds(await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(...ids) }), ids)
    },
  ),
  about(
    'unknown-parameter',
    'a parameter that the query does not define is passed over',
    'ITI TF-2:3.18.4.1.2.3',
    async (fixture, bench) =>
      finds(await bench.query('FindDocuments', { ...find(fixture), $Carnet: textValue('x') }), [
        fixture.entry.entryUUID,
      ]),
  ),
  about(
    'get-all',
    'GetAll gives entries, SubmissionSets, Folders and the Associations between them',
    'ITI TF-2:3.18.4.1.2.3.7.4',
    async (fixture, bench) => {
      const parameters = {
        $patientId: textValue(fixture.patientId),
        $XDSDocumentEntryStatus: approved,
        $XDSSubmissionSetStatus: approved,
        $XDSFolderStatus: approved,
      }
      const { entry, submissionSet, folder, membership } = fixture
      return finds(
        await bench.query('GetAll', parameters),
        [entry, submissionSet, folder, membership].map(({ entryUUID }) => entryUUID),
      )
    },
  ),
]

export const queryCombinationCases: readonly Case[] = [...combinations, ...answers]
