// Documents that are made when they are asked for: registered, and found when they are wanted. ITI TF-2 §3.61.

import type { DocumentEntry } from '../../metadata/model.js'
import { retrieveDocumentSetResponse } from '../../transactions/retrieve-codec.js'
import type { DocumentRequest, RetrievedDocument } from '../../transactions/xds-messages.js'
import { idOf, isOnDemand, objectsIn, ofKind } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { approved, listValue, textValue } from '../stored-queries.js'
import type { Received } from '../target.js'
import { aDocument, statuses } from './relationships.js'

const onDemandUuid = 'urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248'
const onDemandType = listValue(onDemandUuid)

export const onDemandCases: readonly Case[] = [
  named(
    'registered',
    'an on-demand entry is registered and found when it is asked for',
    'ITI TF-2:3.61.4.1.3',
    async bench => {
      const { entry, answer, patientId } = await registered(bench)
      const found = await bench.query('FindDocuments', { ...of(patientId), $XDSDocumentEntryType: onDemandType })
      const types = ofKind('DocumentEntry', found).map(isOnDemand)
      return [
        ...succeeded(answer),
        ...finds(found, [entry.entryUUID]),
        ...holds(types.every(Boolean), 'only on-demand entries', 'others too'),
      ]
    },
  ),
  named('hidden', 'who does not ask for on-demand entries gets none', 'ITI TF-2:3.18.4.1.2.3.6.2', async bench => {
    const { entry, patientId } = await registered(bench)
    return finds(await bench.query('FindDocuments', of(patientId)), [], [entry.entryUUID])
  }),
  named('stable-refused', 'a stable entry is not registered by ITI-61', 'ITI TF-2:3.61.4.1.2', async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId, { repositoryUniqueId: '2.999.1.1' })
    return refused(
      await bench.registerOnDemand(bench.samples.of(patientId, { entries: [entry] })),
      'XDSRegistryMetadataError',
      'XDSRegistryError',
    )
  }),
  ...(['creationTime', 'hash', 'size'] as const).map(attribute =>
    named(`${attribute}-refused`, `an on-demand entry has no ${attribute}`, 'ITI TF-2:3.61.4.2.2', async bench => {
      const value = { creationTime: '20260314', hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709', size: '0' }[attribute]
      const { answer } = await registered(bench, { [attribute]: value })
      return refused(answer, 'XDSRegistryMetadataError')
    }),
  ),
  named('no-repository', 'an on-demand entry says which repository makes it', 'ITI TF-2:3.61.4.1.2', async bench => {
    const { answer } = await registered(bench, { repositoryUniqueId: undefined })
    return refused(answer, 'XDSRegistryMetadataError')
  }),
  named('ITI-42', 'an on-demand entry is not registered by ITI-42', 'ITI TF-2:3.42.4.1.2', async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId, { objectType: 'on-demand', creationTime: undefined })
    return refused(
      await bench.register(bench.samples.of(patientId, { entries: [entry] })),
      'XDSRegistryMetadataError',
      'XDSRegistryError',
    )
  }),
  named(
    'id-of-stable',
    'the uniqueId of a document that is there is no on-demand one',
    'ITI TF-2:3.61.4.1.3',
    async bench => {
      const { uniqueId } = await aDocument(bench)
      const { answer } = await registered(bench, { uniqueId })
      return refused(answer, 'XDSDuplicateUniqueIdInRegistry', 'XDSRegistryMetadataError', 'XDSRegistryError')
    },
  ),
  named('id-again', 'several on-demand entries may have one uniqueId', 'ITI TF-2:3.61.4.1.3', async bench => {
    const { entry } = await registered(bench)
    const { answer } = await registered(bench, { uniqueId: entry.uniqueId })
    return succeeded(answer)
  }),
  named(
    'created',
    'a filter by creationTime is not for on-demand entries',
    'ITI TF-2:3.18.4.1.2.3.7.1',
    async bench => {
      const { entry, patientId } = await registered(bench)
      const asked = { ...of(patientId), $XDSDocumentEntryType: onDemandType, $XDSDocumentEntryCreationTimeFrom: '2999' }
      return finds(await bench.query('FindDocuments', asked), [entry.entryUUID])
    },
  ),
  named('replaced', 'an on-demand entry takes the place of another', 'ITI TF-2:3.61.4.1.2', async bench => {
    const { entry: older, patientId } = await registered(bench)
    const newer = await onDemandEntry(bench)
    const relation = bench.samples.association('RPLC', newer.entryUUID, older.entryUUID)
    const answer = await bench.registerOnDemand(
      bench.samples.of(patientId, { entries: [newer], associations: [relation] }),
    )
    const expected = { [older.entryUUID]: 'Deprecated', [newer.entryUUID]: 'Approved' }
    return [...succeeded(answer), ...(await statuses(bench, expected))]
  }),
  named(
    'snapshot',
    'a snapshot is registered, and found by what it is a snapshot of',
    'ITI TF-3: Table 4.2.2-1',
    async bench => {
      const { entry: source, patientId } = await registered(bench)
      const { snapshot, relation, answer } = await snapshotOf(bench, source.entryUUID, patientId)
      const found = await bench.query('GetRelatedDocuments', {
        $XDSDocumentEntryEntryUUID: textValue(source.entryUUID),
        $AssociationTypes: listValue(isSnapshotOf),
        $XDSDocumentEntryType: listValue('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1', onDemandUuid),
      })
      const expected = { [source.entryUUID]: 'Approved', [snapshot.entryUUID]: 'Approved' }
      return [
        ...succeeded(answer),
        ...finds(found, [source.entryUUID, snapshot.entryUUID, relation.entryUUID]),
        ...(await statuses(bench, expected)),
      ]
    },
  ),
  named('snapshot-of-stable', 'of a stable document there is no snapshot', 'ITI TF-3: Table 4.2.2-1', async bench => {
    await registered(bench)
    const older = await aDocument(bench)
    const { snapshot, answer } = await snapshotOf(bench, older.entryUUID, older.patientId!)
    const asked = { $XDSDocumentEntryEntryUUID: listValue(snapshot.entryUUID) }
    return [
      ...refused(answer, 'XDSRegistryMetadataError', 'XDSRegistryError', 'UnresolvedReferenceException'),
      ...finds(await bench.query('GetDocuments', asked), [], [snapshot.entryUUID]),
    ]
  }),
  named('snapshot-of-nothing', 'a snapshot of an entry that does not exist', 'ITI TF-3: Table 4.2.2-1', async bench => {
    const { patientId } = await registered(bench)
    const { answer } = await snapshotOf(bench, bench.samples.uuid(), patientId)
    return refused(answer, 'UnresolvedReferenceException')
  }),
  named(
    'retrieved',
    'an on-demand entry is retrieved as a document with an id of its own',
    'ITI TF-2:3.43.4.2.3',
    async bench => {
      if (!bench.ours) throw new NotTried('what makes the document of an on-demand entry is up to the repository')
      const { entry, answer } = await registered(bench, { uniqueId: `${bench.samples.oid()}^summary` })
      const request = { repositoryUniqueId: await bench.repositoryUniqueId(), documentUniqueId: entry.uniqueId! }
      const retrieved = await bench.retrieve([request])
      const [made] = await madeIn(retrieved)
      const id = made?.newDocumentUniqueId ?? 'none'
      const found = ofKind(
        'DocumentEntry',
        await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(id) }),
      )
      const snapshot = { ...request, documentUniqueId: id }
      const again = await bench.retrieve([snapshot])
      await madeIn(again)
      await removed(bench, found.map(idOf), snapshot)
      return [
        ...succeeded(answer),
        ...succeeded(retrieved),
        ...holds(/^[0-9.]+$/.test(id), 'NewDocumentUniqueId', id),
        ...holds(found.length === 1, 'its snapshot registered', 'none'),
        ...succeeded(again),
      ]
    },
  ),
]

const isSnapshotOf = 'urn:ihe:iti:2010:AssociationType:IsSnapshotOf'

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `on-demand/${id}`, title, clause, option: 'On-Demand Documents', try: attempt }
}

function of(patientId: string) {
  return { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
}

async function onDemandEntry(bench: Bench, changes: Partial<DocumentEntry> = {}): Promise<DocumentEntry> {
  const repositoryUniqueId = await bench.repositoryUniqueId()
  const nothingYet = { objectType: 'on-demand', creationTime: undefined, repositoryUniqueId } as const
  return bench.samples.entry(await bench.patient(1), { ...nothingYet, ...changes })
}

async function registered(bench: Bench, changes: Partial<DocumentEntry> = {}) {
  const entry = await onDemandEntry(bench, changes)
  const patientId = entry.patientId!
  const answer = await bench.registerOnDemand(bench.samples.of(patientId, { entries: [entry] }))
  return { entry, answer, patientId }
}

async function snapshotOf(bench: Bench, source: string, patientId: string) {
  const snapshot = bench.samples.entry(patientId)
  const relation = bench.samples.association(isSnapshotOf, snapshot.entryUUID, source)
  const sample = bench.samples.of(patientId, { entries: [snapshot], associations: [relation] })
  return { snapshot, relation, answer: await bench.register(sample) }
}

/** What the repository has registered of its own accord, which the suite would not know to clean up. */
async function removed(bench: Bench, snapshots: string[], document: DocumentRequest): Promise<void> {
  const asked = { $uuid: listValue(...snapshots) }
  const sets = objectsIn(await bench.query('GetSubmissionSets', asked, 'ObjectRef')).map(idOf)
  const associations = objectsIn(await bench.query('GetAssociations', asked, 'ObjectRef')).map(idOf)
  await bench.removeMetadata([...new Set([...snapshots, ...sets, ...associations])])
  await bench.removeDocuments([document])
}

/** Read to their end. */
async function madeIn({ body, message }: Received): Promise<RetrievedDocument[]> {
  if (body === undefined || message === undefined) return []
  const { documents } = retrieveDocumentSetResponse.decode(body, message)
  for (const { open } of documents) for await (const _ of open());
  return documents
}
