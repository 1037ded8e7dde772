// Folders and what is in them. ITI TF-3 §4.2.1.3, §4.2.2.1; TF-2 §3.42.4.1.3.

import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, refused, succeeded } from '../judge.js'
import { textValue } from '../stored-queries.js'
import { aDocument } from './relationships.js'

const clause = 'ITI TF-3:4.2.2.1'
const option = 'Folder Management'

export const folderCases: readonly Case[] = [
  named('made', 'a Folder is made together with what is in it', async bench => {
    const { folder, entry } = await aFolderWithDocument(bench)
    return contents(bench, folder.entryUUID, [entry.entryUUID])
  }),
  named('empty', 'a Folder may be empty', async bench => {
    const patientId = await bench.patient(1)
    const folder = bench.samples.folder(patientId)
    const answer = await bench.provide(
      bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)], folders: [folder] }),
    )
    return [...succeeded(answer), ...(await contents(bench, folder.entryUUID, []))]
  }),
  named('new-document', 'a new document goes into a Folder that is there', async bench => {
    const { folder } = await aFolderWithDocument(bench)
    const entry = bench.samples.entry(folder.patientId!)
    const membership = bench.samples.association('HasMember', folder.entryUUID, entry.entryUUID)
    const answer = await bench.provide(
      bench.samples.of(folder.patientId!, { entries: [entry], associations: [membership] }),
    )
    return [...succeeded(answer), ...(await contents(bench, folder.entryUUID, [entry.entryUUID]))]
  }),
  named('old-document', 'a document that is there goes into a Folder that is there', async bench => {
    const { folder } = await aFolderWithDocument(bench)
    const entry = await aDocument(bench)
    const membership = bench.samples.association('HasMember', folder.entryUUID, entry.entryUUID)
    const answer = await bench.register(bench.samples.of(folder.patientId!, { associations: [membership] }))
    return [...succeeded(answer), ...(await contents(bench, folder.entryUUID, [entry.entryUUID]))]
  }),
  named('replacement-follows', 'what replaces a document of a Folder is in the Folder too', async bench => {
    const { folder, entry } = await aFolderWithDocument(bench)
    const newer = bench.samples.entry(folder.patientId!)
    const relation = bench.samples.association('RPLC', newer.entryUUID, entry.entryUUID)
    const answer = await bench.provide(
      bench.samples.of(folder.patientId!, { entries: [newer], associations: [relation] }),
    )
    return [...succeeded(answer), ...(await contents(bench, folder.entryUUID, [newer.entryUUID]))]
  }),
  named('other-patient', 'a document of another patient does not go into a Folder', async bench => {
    const { folder } = await aFolderWithDocument(bench)
    const patientId = await bench.patient(2)
    const entry = bench.samples.entry(patientId)
    const membership = bench.samples.association('HasMember', folder.entryUUID, entry.entryUUID)
    const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry], associations: [membership] }))
    return [
      ...refused(answer, 'XDSPatientIdDoesNotMatch'),
      ...(await contents(bench, folder.entryUUID, [], [entry.entryUUID])),
    ]
  }),
  named('unknown', 'a Folder that does not exist', async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId)
    const membership = bench.samples.association('HasMember', bench.samples.uuid(), entry.entryUUID)
    return refused(
      await bench.provide(bench.samples.of(patientId, { entries: [entry], associations: [membership] })),
      'UnresolvedReferenceException',
      'XDSRegistryMetadataError',
      'XDSRegistryError',
    )
  }),
  {
    ...named('by-reference', 'a SubmissionSet may hold a document that is there, by reference', byReference),
    needs: [],
  },
]

async function byReference(bench: Bench): Promise<Disagreement[]> {
  const entry = await aDocument(bench)
  const patientId = entry.patientId!
  const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
  const [set] = sample.submission.submissionSets
  const reference = {
    ...bench.samples.association('HasMember', set!.entryUUID, entry.entryUUID),
    submissionSetStatus: 'Reference',
  }
  const submission = { ...sample.submission, associations: [...sample.submission.associations, reference] }
  const answer = await bench.provide({ ...sample, submission })
  const found = await bench.query('GetSubmissionSetAndContents', {
    $XDSSubmissionSetEntryUUID: textValue(set!.entryUUID),
  })
  return [...succeeded(answer), ...finds(found, [entry.entryUUID, reference.entryUUID])]
}

function named(id: string, title: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `folder/${id}`, title, clause, option, needs: ['Folders'], try: attempt }
}

async function aFolderWithDocument(bench: Bench) {
  const patientId = await bench.patient(1)
  const entry = bench.samples.entry(patientId)
  const folder = bench.samples.folder(patientId)
  const membership = bench.samples.association('HasMember', folder.entryUUID, entry.entryUUID)
  await bench.given(bench.samples.of(patientId, { entries: [entry], folders: [folder], associations: [membership] }))
  return { entry, folder }
}

async function contents(
  bench: Bench,
  folder: string,
  wanted: string[],
  unwanted: string[] = [],
): Promise<Disagreement[]> {
  const answer = await bench.query('GetFolderAndContents', { $XDSFolderEntryUUID: textValue(folder) })
  return finds(answer, [folder, ...wanted], unwanted)
}
