// What an answer of a registry holds, object by object and attribute by attribute. ITI TF-2 §3.18.4.1.3, TF-3 §4.2.3.
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf } from '../../soap/xml.js'
import { availabilityOf, idOf, objectsIn, ofKind, slotIn } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import type { Need } from '../domain.js'
import { encodedQuery } from '../encoded-query.js'
import { finds, holds, succeeded } from '../judge.js'
import { approved, deprecated, listValue, textValue } from '../stored-queries.js'
import { findDocuments, grammar } from './query-combinations.js'
import { type QueryFixture, queryFixture } from './query-fixture.js'

type Judge = (fixture: QueryFixture, bench: Bench) => Promise<Disagreement[]>

function about(id: string, title: string, clause: string, judge: Judge, needs: readonly Need[] = []): Case {
  return { id: `query/answer/${id}`, title, clause, needs, try: async bench => judge(await queryFixture(bench), bench) }
}

export const queryAnswerCases: readonly Case[] = [
  about(
    'status-deprecated',
    'what was replaced is found as Deprecated',
    'ITI TF-2:3.18.4.1.2.3.6',
    async (fixture, bench) => {
      const answer = await bench.query('FindDocuments', {
        ...findDocuments(fixture),
        $XDSDocumentEntryStatus: deprecated,
      })
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
      const answer = await bench.query('FindDocuments', findDocuments(fixture), 'ObjectRef')
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
    ['Folders'],
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
      finds(await bench.query('FindDocuments', { ...findDocuments(fixture), $Carnet: textValue('x') }), [
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
      const { entry, submissionSet, folders, membership } = fixture
      return finds(
        await bench.query('GetAll', parameters),
        [entry, submissionSet, ...folders, membership].map(({ entryUUID }) => entryUUID),
      )
    },
  ),
]
