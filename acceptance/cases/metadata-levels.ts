// Who knows no versions is shown the latest ones and what is online; who asks for level 2 is shown all. XDS Metadata Update.
import type { DocumentEntry } from '../../metadata/model.js'
import { documentAvailabilities, statusTypes } from '../../metadata/uuids.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, outcomeOf, succeeded } from '../judge.js'
import { deprecated, listValue, type QueryParameters, textValue } from '../stored-queries.js'
import { aDocument, relate } from './relationships.js'
import { order, registered, updating, versionOf } from './update.js'

const clause = 'XDS Metadata Update 3.18.4.1.2.3.5.1'
const anyStatus = listValue(statusTypes.Approved, statusTypes.Deprecated)

/** [id, what is asked for, which of two versions is found] */
const levels: readonly [string, string, QueryParameters, ('first' | 'second')[]][] = [
  ['none', 'without $MetadataLevel', {}, ['second']],
  ['1', 'with $MetadataLevel 1', { $MetadataLevel: '1' }, ['second']],
  ['2', 'with $MetadataLevel 2', { $MetadataLevel: '2' }, ['first', 'second']],
]

export const metadataLevelCases: readonly Case[] = [
  ...levels.flatMap(([id, how, parameters, wanted]) => [
    named(`FindDocuments/${id}`, `FindDocuments ${how} finds ${inWords(wanted)}`, async bench => {
      const versions = await twoVersions(bench)
      return shows(bench, versions, wanted, 'FindDocuments', { ...ofPatient(versions.first), ...parameters })
    }),
    named(`GetDocuments/${id}`, `GetDocuments by entryUUID ${how} gives ${inWords(wanted)}`, async bench => {
      const versions = await twoVersions(bench)
      const ids = [versions.first, versions.second].map(({ entryUUID }) => entryUUID)
      const asked = { $XDSDocumentEntryEntryUUID: listValue(...ids), ...parameters }
      return shows(bench, versions, wanted, 'GetDocuments', asked)
    }),
    named(`GetAll/${id}`, `GetAll ${how} gives ${inWords(wanted)}`, async bench => {
      const versions = await twoVersions(bench)
      const asked = { $patientId: textValue(versions.first.patientId!), $XDSDocumentEntryStatus: anyStatus }
      const others = { $XDSSubmissionSetStatus: anyStatus, $XDSFolderStatus: anyStatus }
      return shows(bench, versions, wanted, 'GetAll', { ...asked, ...others, ...parameters })
    }),
  ]),
  ...['0', '3', 'all'].map(level =>
    named(`refused/${level}`, `$MetadataLevel ${level}, which there is not, is refused`, async bench => {
      // Where metadata are never updated, the parameter is none.
      const { second } = await twoVersions(bench)
      const asked = { $XDSDocumentEntryEntryUUID: listValue(second.entryUUID), $MetadataLevel: level }
      const answer = await bench.query('GetDocuments', asked)
      return holds(
        answer.status === 'Failure' && answer.errors.length > 0,
        'status Failure with an error',
        outcomeOf(answer),
      )
    }),
  ),
  named('logicalID', 'GetDocuments by logicalID gives the latest version, and all of them at level 2', async bench => {
    const versions = await twoVersions(bench)
    const asked = { $XDSDocumentEntryLogicalID: listValue(versions.first.entryUUID) }
    return [
      ...(await shows(bench, versions, ['second'], 'GetDocuments', asked)),
      ...(await shows(bench, versions, ['first', 'second'], 'GetDocuments', { ...asked, $MetadataLevel: '2' })),
    ]
  }),
  named(
    'replaced',
    'a document that was replaced is the latest of its own versions, and shown at level 1',
    async bench => {
      const older = await aDocument(bench)
      await relate(bench, 'RPLC', bench.samples.entry(older.patientId!), older.entryUUID)
      const asked = { ...ofPatient(older), $XDSDocumentEntryStatus: deprecated, $MetadataLevel: '1' }
      return finds(await bench.query('FindDocuments', asked), [older.entryUUID])
    },
  ),
  named('associations', 'an Association that was deprecated is for those who ask for level 2', async bench => {
    const older = await registered(bench)
    const newer = bench.samples.entry(older.patientId!)
    const relation = bench.samples.association('APND', newer.entryUUID, older.entryUUID)
    await bench.given(bench.samples.of(older.patientId!, { entries: [newer], associations: [relation] }))
    const down = order(bench, older.patientId!, relation.entryUUID, 'Approved', 'Deprecated')
    const answer = await bench.update('ITI-57', down)
    const asked = { $uuid: listValue(older.entryUUID) }
    const all = { ...asked, $XDSAssociationStatus: anyStatus, $MetadataLevel: '2' }
    return [
      ...succeeded(answer),
      ...finds(await bench.query('GetAssociations', asked), [], [relation.entryUUID]),
      ...finds(await bench.query('GetAssociations', all), [relation.entryUUID]),
    ]
  }),
  named('offline', 'a document that is offline is for those who ask for level 2', async bench => {
    const versions = await twoVersions(bench, { documentAvailability: documentAvailabilities.Offline })
    const asked = ofPatient(versions.first)
    return [
      ...(await shows(bench, versions, [], 'FindDocuments', { ...asked, $MetadataLevel: '1' })),
      ...(await shows(bench, versions, ['first', 'second'], 'FindDocuments', { ...asked, $MetadataLevel: '2' })),
    ]
  }),
  ...(['Offline', 'Online'] as const).map(availability =>
    named(`availability/${availability}`, `FindDocuments at level 2 for what is ${availability}`, async bench => {
      const versions = await twoVersions(bench, { documentAvailability: documentAvailabilities.Offline })
      return shows(bench, versions, availability === 'Offline' ? ['second'] : ['first'], 'FindDocuments', {
        ...ofPatient(versions.first),
        $MetadataLevel: '2',
        $XDSDocumentEntryDocumentAvailability: listValue(documentAvailabilities[availability]),
      })
    }),
  ),
  named('availability/unknown', 'a documentAvailability that there is not is refused', async bench => {
    const first = await registered(bench)
    const wrong = versionOf(bench, first, { documentAvailability: 'urn:ihe:iti:2010:DocumentAvailability:Shelved' })
    const answer = await bench.update('ITI-57', updating(bench, wrong, { previousVersion: '1' }))
    return holds(answer.status === 'Failure', 'status Failure', outcomeOf(answer))
  }),
]

function named(id: string, title: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  const option = 'Document Metadata Update'
  return { id: `metadata-level/${id}`, title, clause, option, needs: ['all versions'], try: attempt }
}

interface Versions {
  first: DocumentEntry
  second: DocumentEntry
}

async function twoVersions(bench: Bench, changes: Partial<DocumentEntry> = {}): Promise<Versions> {
  const first = await registered(bench)
  const second = versionOf(bench, first, changes)
  const answer = await bench.update('ITI-57', updating(bench, second, { previousVersion: '1' }))
  if (answer.status !== 'Success') throw new Error(`what the case begins with was refused: ${outcomeOf(answer)}`)
  return { first, second }
}

async function shows(
  bench: Bench,
  versions: Versions,
  wanted: readonly (keyof Versions)[],
  query: 'FindDocuments' | 'GetDocuments' | 'GetAll',
  parameters: QueryParameters,
): Promise<Disagreement[]> {
  const ids = (names: readonly (keyof Versions)[]) => names.map(name => versions[name].entryUUID)
  const others = (['first', 'second'] as const).filter(name => !wanted.includes(name))
  return finds(await bench.query(query, parameters), ids(wanted), ids(others))
}

function ofPatient({ patientId }: DocumentEntry): QueryParameters {
  return { $XDSDocumentEntryPatientId: textValue(patientId!), $XDSDocumentEntryStatus: anyStatus }
}

function inWords(wanted: readonly string[]): string {
  return wanted.length === 2 ? 'both versions' : 'the latest version'
}
