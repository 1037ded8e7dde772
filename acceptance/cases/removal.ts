// Metadata and documents that an administrator takes away. ITI TF-2 §3.62, §3.86.
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, refused, succeeded } from '../judge.js'
import { listValue } from '../stored-queries.js'

export const removalCases: readonly Case[] = [
  named('ITI-62/whole', 'a submission goes with all that belongs to it', 'ITI TF-2:3.62.4.1.3', async bench => {
    const { ids, entry } = await removable(bench)
    const answer = await bench.removeMetadata(ids)
    return [...succeeded(answer), ...finds(await found(bench, entry.entryUUID), [], [entry.entryUUID])]
  }),
  named('ITI-62/UnresolvedReferenceException', 'an object that does not exist', 'ITI TF-2:3.62.4.1.3', async bench =>
    refused(await bench.removeMetadata([bench.samples.uuid()]), 'UnresolvedReferenceException'),
  ),
  named(
    'ITI-62/ReferencesExistException',
    'an entry that an Association still refers to',
    'ITI TF-2:3.62.4.1.3',
    async bench => {
      const { entry } = await removable(bench)
      const answer = await bench.removeMetadata([entry.entryUUID])
      return [
        ...refused(answer, 'ReferencesExistException'),
        ...finds(await found(bench, entry.entryUUID), [entry.entryUUID]),
      ]
    },
  ),
  named(
    'ITI-62/XDSUnreferencedObjectException',
    'an Association whose entry would be left alone',
    'ITI TF-2:3.62.4.1.3',
    async bench => {
      const { membership, entry } = await removable(bench)
      const answer = await bench.removeMetadata([membership])
      return [
        ...refused(answer, 'XDSUnreferencedObjectException'),
        ...finds(await found(bench, entry.entryUUID), [entry.entryUUID]),
      ]
    },
  ),
  named('ITI-62/all-or-nothing', 'with one id that does not exist nothing goes', 'ITI TF-2:3.62.4.1.3', async bench => {
    const { ids, entry } = await removable(bench)
    const answer = await bench.removeMetadata([...ids, bench.samples.uuid()])
    return [
      ...refused(answer, 'UnresolvedReferenceException'),
      ...finds(await found(bench, entry.entryUUID), [entry.entryUUID]),
    ]
  }),
  named('ITI-86/one', 'a document that was removed is not retrieved any more', 'ITI TF-2:3.86.4.1.3', async bench => {
    const { entry, request } = await removable(bench)
    const answer = await bench.removeDocuments([request])
    return [
      ...succeeded(answer),
      ...refused(await bench.retrieve([request]), 'XDSDocumentUniqueIdError'),
      ...finds(await found(bench, entry.entryUUID), [entry.entryUUID]),
    ]
  }),
  named('ITI-86/XDSDocumentUniqueIdError', 'a document that is not there', 'ITI TF-2:3.86.4.1.3', async bench => {
    const { request } = await removable(bench)
    return refused(
      await bench.removeDocuments([{ ...request, documentUniqueId: bench.samples.oid() }]),
      'XDSDocumentUniqueIdError',
    )
  }),
  named('ITI-86/XDSUnknownRepositoryId', 'a document of another repository', 'ITI TF-2:3.86.4.1.3', async bench => {
    const { request } = await removable(bench)
    return refused(
      await bench.removeDocuments([{ ...request, repositoryUniqueId: '2.999.404' }]),
      'XDSUnknownRepositoryId',
    )
  }),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `removal/${id}`, title, clause, option: 'Remove Metadata and Documents', try: attempt }
}

async function removable(bench: Bench) {
  const patientId = await bench.patient(1)
  const repositoryUniqueId = await bench.repositoryUniqueId()
  const entry = bench.samples.entry(patientId)
  const sample = bench.samples.of(patientId, { entries: [entry] })
  await bench.given(sample)
  const [set] = sample.submission.submissionSets
  const [membership] = sample.submission.associations
  const ids = [set!.entryUUID, membership!.entryUUID, entry.entryUUID]
  return {
    entry,
    ids,
    membership: membership!.entryUUID,
    request: { repositoryUniqueId, documentUniqueId: entry.uniqueId! },
  }
}

function found(bench: Bench, entryUUID: string) {
  return bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(entryUUID) })
}
