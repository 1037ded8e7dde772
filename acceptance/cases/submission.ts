// What a repository and its registry refuse of a submission as a whole, and that nothing of it remains. ITI TF-2 §3.41.4.1.3, §3.42.4.1.3.

import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import type { Need } from '../domain.js'
import { finds, holds, outcomeOf, refused, succeeded } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { sha1Of } from '../sample.js'
import { listValue } from '../stored-queries.js'

const table = 'ITI TF-3: Table 4.2.4.1-2'

export const submissionCases: readonly Case[] = [
  named('ITI-41/one', 'a document is taken', 'ITI TF-2:3.41.4.1.3', async (bench, patientId) => {
    const entry = bench.samples.entry(patientId)
    const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry] }))
    return [...succeeded(answer), ...finds(await found(bench, entry.uniqueId!), [entry.entryUUID])]
  }),
  named(
    'ITI-41/several',
    'several documents in one submission are taken',
    'ITI TF-2:3.41.4.1.3',
    async (bench, patientId) => {
      const entries = [1, 2, 3].map(() => bench.samples.entry(patientId))
      const answer = await bench.provide(bench.samples.of(patientId, { entries }))
      const ids = entries.map(({ uniqueId }) => uniqueId!)
      return [
        ...succeeded(answer),
        ...finds(
          await found(bench, ...ids),
          entries.map(({ entryUUID }) => entryUUID),
        ),
      ]
    },
  ),
  named(
    'ITI-41/plain',
    'the same without MTOM packaging, or it is refused as a fault',
    'ITI TF-2: Appendix V.3',
    async (bench, patientId) => {
      const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
      const answer = await bench.provide(sample, { form: 'plain' })
      if (answer.fault !== undefined) throw new NotTried(`plain SOAP is not taken for ITI-41: ${answer.fault}`)
      return succeeded(answer)
    },
  ),
  named('ITI-42/one', 'metadata alone is taken by the registry', 'ITI TF-2:3.42.4.1.3', async (bench, patientId) => {
    const entry = bench.samples.entry(patientId)
    const answer = await bench.register(bench.samples.of(patientId, { entries: [entry] }))
    return [...succeeded(answer), ...finds(await found(bench, entry.uniqueId!), [entry.entryUUID])]
  }),
  named('XDSMissingDocument', 'an entry without its document', table, async (bench, patientId) => {
    const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
    return refused(await bench.provide({ ...sample, contents: new Map() }), 'XDSMissingDocument')
  }),
  named('XDSMissingDocumentMetadata', 'a document without its entry', table, async (bench, patientId) => {
    const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
    const contents = new Map([...sample.contents, [bench.samples.uuid(), Buffer.from('nobody knows me')]])
    return refused(await bench.provide({ ...sample, contents }), 'XDSMissingDocumentMetadata')
  }),
  named(
    'XDSRepositoryDuplicateUniqueIdInMessage',
    'one uniqueId for two documents (ITI-41)',
    table,
    async (bench, patientId) => {
      const uniqueId = bench.samples.oid()
      const entries = [1, 2].map(() => bench.samples.entry(patientId, { uniqueId }))
      return refused(
        await bench.provide(bench.samples.of(patientId, { entries })),
        'XDSRepositoryDuplicateUniqueIdInMessage',
        'XDSRegistryDuplicateUniqueIdInMessage',
      )
    },
  ),
  named(
    'XDSRegistryDuplicateUniqueIdInMessage',
    'one uniqueId for two entries (ITI-42)',
    table,
    async (bench, patientId) => {
      const uniqueId = bench.samples.oid()
      const entries = [1, 2].map(() => bench.samples.entry(patientId, { uniqueId }))
      return refused(
        await bench.register(bench.samples.of(patientId, { entries })),
        'XDSRegistryDuplicateUniqueIdInMessage',
      )
    },
  ),
  named(
    'XDSDuplicateUniqueIdInRegistry/SubmissionSet',
    "a SubmissionSet's uniqueId that is taken",
    'ITI TF-2:3.42.4.1.3.3.7',
    async (bench, patientId) => {
      const submissionSet = { uniqueId: bench.samples.oid() }
      const one = () => bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)], submissionSet })
      await bench.given(one())
      return refused(await bench.provide(one()), 'XDSDuplicateUniqueIdInRegistry')
    },
  ),
  named(
    'XDSDuplicateUniqueIdInRegistry/Folder',
    "a Folder's uniqueId that is taken",
    'ITI TF-2:3.42.4.1.3.3.7',
    async (bench, patientId) => {
      const uniqueId = bench.samples.oid()
      const one = () =>
        bench.samples.of(patientId, {
          entries: [bench.samples.entry(patientId)],
          folders: [bench.samples.folder(patientId, { uniqueId })],
        })
      await bench.given(one())
      return refused(await bench.provide(one()), 'XDSDuplicateUniqueIdInRegistry')
    },
  ),
  named(
    'XDSNonIdenticalHash',
    'a uniqueId that stands for other bytes',
    'ITI TF-2:3.42.4.1.3.3.1',
    async (bench, patientId) => {
      const uniqueId = bench.samples.oid()
      const one = () => bench.samples.of(patientId, { entries: [bench.samples.entry(patientId, { uniqueId })] })
      await bench.given(one())
      return refused(await bench.provide(one()), 'XDSNonIdenticalHash', 'XDSNonIdenticalSize')
    },
  ),
  named(
    'XDSRepositoryMetadataError/hash',
    'a hash that is not that of the document',
    'ITI TF-2:3.41.4.1.3.2',
    async (bench, patientId) => {
      const entry = bench.samples.entry(patientId, { hash: sha1Of(Buffer.from('other bytes')) })
      return refused(
        await bench.provide(bench.samples.of(patientId, { entries: [entry] })),
        'XDSRepositoryMetadataError',
      )
    },
  ),
  named(
    'XDSRepositoryMetadataError/size',
    'a size that is not that of the document',
    'ITI TF-2:3.41.4.1.3.2',
    async (bench, patientId) => {
      const entry = bench.samples.entry(patientId, { size: '1' })
      return refused(
        await bench.provide(bench.samples.of(patientId, { entries: [entry] })),
        'XDSRepositoryMetadataError',
      )
    },
  ),
  named('XDSUnknownPatientId', 'a patient whom nobody has announced', 'ITI TF-2:3.42.4.1.3.3.2', async bench => {
    const patientId = `NOBODY-${bench.samples.oid().slice(5, 15)}^^^&2.999.1&ISO`
    const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
    return refused(await bench.provide(sample), 'XDSUnknownPatientId')
  }),
  named(
    'XDSPatientIdDoesNotMatch/entry',
    'an entry of another patient than its SubmissionSet',
    'ITI TF-2:3.42.4.1.3.3.2',
    async (bench, patientId) => {
      const entry = bench.samples.entry(await bench.patient(2))
      return refused(await bench.provide(bench.samples.of(patientId, { entries: [entry] })), 'XDSPatientIdDoesNotMatch')
    },
  ),
  named(
    'XDSPatientIdDoesNotMatch/Folder',
    'a Folder of another patient than its SubmissionSet',
    'ITI TF-2:3.42.4.1.3.3.2',
    async (bench, patientId) => {
      const folders = [bench.samples.folder(await bench.patient(2))]
      return refused(
        await bench.provide(bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)], folders })),
        'XDSPatientIdDoesNotMatch',
      )
    },
  ),
  named(
    'all-or-nothing/ITI-41',
    'of two documents with one mistake neither is kept (ITI-41)',
    'ITI TF-2:3.41.4.1.3',
    (bench, patientId) => halfWrong(bench, patientId, 'provide'),
  ),
  named(
    'all-or-nothing/ITI-42',
    'of two entries with one mistake neither is kept (ITI-42)',
    'ITI TF-2:3.42.4.1.3',
    (bench, patientId) => halfWrong(bench, patientId, 'register'),
  ),
  named(
    'all-findings',
    'one answer names the mistakes of several objects',
    'ITI TF-3:4.2.4.1',
    async (bench, patientId) => {
      const entries = [
        bench.samples.entry(patientId, { classCode: undefined }),
        bench.samples.entry(patientId, { typeCode: undefined }),
      ]
      const answer = await bench.register(bench.samples.of(patientId, { entries }))
      const told = new Set(answer.errors.map(({ context }) => context)).size
      if (!bench.ours && told < 2) throw new NotTried('only the first mistake is told, which is allowed')
      return [
        ...refused(answer, 'XDSRegistryMetadataError'),
        ...holds(told >= 2, 'an error for each mistake', `${told}`),
      ]
    },
  ),
  named('resubmission', 'a submission sent again, byte by byte', 'ITI TF-2:3.41.4.1.3', async (bench, patientId) => {
    const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
    await bench.given(sample)
    const again = await bench.provide(sample)
    if (!bench.ours) throw new NotTried(`reported, not judged: sent again it was answered ${outcomeOf(again)}`)
    // It was taken: either that is said again, or that its ids are taken.
    return again.status === 'Success'
      ? []
      : refused(again, 'XDSDuplicateUniqueIdInRegistry', 'XDSRegistryMetadataError')
  }),
]

type Try = (bench: Bench, patientId: string) => Promise<Disagreement[]>

function named(id: string, title: string, clause: string, attempt: Try): Case {
  const needs: readonly Need[] = id.endsWith('/Folder') ? ['Folders'] : []
  return { id: `submission/${id}`, title, clause, needs, try: async bench => attempt(bench, await bench.patient(1)) }
}

function found(bench: Bench, ...uniqueIds: string[]) {
  return bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(...uniqueIds) })
}

async function halfWrong(bench: Bench, patientId: string, by: 'provide' | 'register'): Promise<Disagreement[]> {
  const entries = [bench.samples.entry(patientId), bench.samples.entry(patientId, { classCode: undefined })]
  const sample = bench.samples.of(patientId, { entries })
  const answer = await bench[by](sample)
  const sets = await bench.query('GetSubmissionSetAndContents', {
    $XDSSubmissionSetUniqueId: `'${sample.submission.submissionSets[0]!.uniqueId}'`,
  })
  const left = await found(bench, ...entries.map(({ uniqueId }) => uniqueId!))
  return [
    ...refused(answer, 'XDSRegistryMetadataError', 'XDSRepositoryMetadataError'),
    ...finds(
      left,
      [],
      entries.map(({ entryUUID }) => entryUUID),
    ),
    ...finds(sets, [], [sample.submission.submissionSets[0]!.entryUUID]),
  ]
}
