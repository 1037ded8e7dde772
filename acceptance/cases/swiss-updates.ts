// What updates may do in the Swiss EPR, and what deletionStatus hides, from which query. EPRO-FDHA annex 5.1, as far as it is known.
import type { DocumentEntry } from '../../metadata/model.js'
import type { Bench, Updating } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { swiss } from '../domain.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { codeOf, codes } from '../sample.js'
import { approved, listValue, type QueryName, type QueryParameters, textValue } from '../stored-queries.js'
import { swissCase } from './swiss-metadata.js'
import { current, registered, updating, versionOf } from './update.js'

const both: readonly Updating[] = ['ITI-57', 'ITI-92']

/** How each query is led to the document. */
const hidingQueries: readonly [QueryName, (first: DocumentEntry, setUniqueId: string) => QueryParameters][] = [
  [
    'FindDocuments',
    ({ patientId }) => ({ $XDSDocumentEntryPatientId: textValue(patientId!), $XDSDocumentEntryStatus: approved }),
  ],
  ['GetDocuments', ({ uniqueId }) => ({ $XDSDocumentEntryUniqueId: listValue(uniqueId!) })],
  ['GetDocumentsAndAssociations', ({ uniqueId }) => ({ $XDSDocumentEntryUniqueId: listValue(uniqueId!) })],
  ['GetAssociations', ({ entryUUID }) => ({ $uuid: listValue(entryUUID) })],
  ['GetSubmissionSets', ({ entryUUID }) => ({ $uuid: listValue(entryUUID) })],
  ['GetSubmissionSetAndContents', (_, setUniqueId) => ({ $XDSSubmissionSetUniqueId: textValue(setUniqueId) })],
  [
    'FindSubmissionSets',
    ({ patientId }) => ({ $XDSSubmissionSetPatientId: textValue(patientId!), $XDSSubmissionSetStatus: approved }),
  ],
  [
    'GetAll',
    ({ patientId }) => ({
      $patientId: textValue(patientId!),
      $XDSDocumentEntryStatus: approved,
      $XDSSubmissionSetStatus: approved,
      $XDSFolderStatus: approved,
    }),
  ],
]

export const swissUpdateCases: readonly Case[] = [
  ...both.flatMap(transaction => [
    updateCase(
      transaction,
      'role',
      'originalProviderRole is never changed',
      'CH-EPR originalProviderRole',
      async bench => {
        const first = await registered(bench)
        const extraMetadata = [{ name: swiss.originalProviderRole, values: [swiss.roleOf('PAT')] }]
        const answer = await update(bench, transaction, versionOf(bench, first, { extraMetadata }))
        const code = transaction === 'ITI-57' ? 'XDSMetadataUpdateError' : 'UnmodifiableMetadataError'
        return [...refused(answer, code, 'XDSRegistryMetadataError'), ...(await current(bench, first, '1'))]
      },
    ),
    updateCase(
      transaction,
      'role-dropped',
      'originalProviderRole is never left out',
      'CH-EPR originalProviderRole',
      async bench => {
        const first = await registered(bench)
        const answer = await update(bench, transaction, versionOf(bench, first, { extraMetadata: [] }))
        const codes = ['XDSMetadataUpdateError', 'UnmodifiableMetadataError', 'XDSRegistryMetadataError']
        return [...refused(answer, ...codes), ...(await current(bench, first, '1'))]
      },
    ),
    updateCase(
      transaction,
      'confidentiality',
      'another level of confidentiality is taken',
      'CH-EPR annex 3',
      async bench => {
        const first = await registered(bench)
        const second = versionOf(bench, first, { confidentialityCode: [codes.restricted] })
        return [...succeeded(await update(bench, transaction, second)), ...(await current(bench, second, '2'))]
      },
    ),
    updateCase(
      transaction,
      'value-set',
      'a code outside of its value set is refused',
      'CH-EPR annex 3',
      async bench => {
        const first = await registered(bench)
        const second = versionOf(bench, first, { confidentialityCode: [codeOf('unheard-of', 'No level')] })
        const answer = await update(bench, transaction, second)
        return [...refused(answer, 'XDSRegistryMetadataError'), ...(await current(bench, first, '1'))]
      },
    ),
    updateCase(
      transaction,
      'prohibited',
      'deletionProhibited is refused while nobody knows who may set it',
      'CH-EPR deletionStatus',
      async bench => {
        if (!bench.ours) throw new NotTried('who may set deletionProhibited is not known, and so not judged')
        const first = await registered(bench)
        const answer = await update(bench, transaction, versionOf(bench, first, wish('deletionProhibited')))
        return [...refused(answer, 'XDSRegistryMetadataError'), ...(await current(bench, first, '1'))]
      },
    ),
    ...hidingQueries.map(([query, parameters]) =>
      updateCase(
        transaction,
        `hidden/${query}`,
        `${query} shows no document whose deletion was requested, and shows it again when that is taken back`,
        'CH-EPR deletionStatus',
        bench => hiddenFrom(bench, transaction, query, parameters),
      ),
    ),
  ]),
  swissCase(
    'deletion/retrieve',
    'a document whose deletion was requested is not retrieved',
    'CH-EPR deletionStatus',
    async bench => {
      if (!bench.ours)
        throw new NotTried('whether a hidden document is retrieved by its id is not known, and so not judged')
      const { first, request } = await requestedDeletion(bench, 'ITI-57')
      const meanwhile = await bench.retrieve([request])
      const restored = versionOf(bench, first, wish('deletionNotRequested'))
      const back = await update(bench, 'ITI-57', restored, '2')
      return [
        ...refused(meanwhile, 'XDSDocumentUniqueIdError'),
        ...succeeded(back),
        ...succeeded(await bench.retrieve([request])),
      ]
    },
  ),
  swissCase(
    'deletion/remove',
    'a document whose deletion was requested is removed by an administrator',
    'CH-EPR deletionStatus',
    async bench => {
      const { first, second, ids, request } = await requestedDeletion(bench, 'ITI-57')
      const metadata = await bench.removeMetadata(ids)
      const document = await bench.removeDocuments([request])
      const left = await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(first.uniqueId!) })
      return [
        ...succeeded(metadata),
        ...succeeded(document),
        ...finds(left, [], [first.entryUUID, second.entryUUID]),
        ...refused(await bench.retrieve([request]), 'XDSDocumentUniqueIdError'),
      ]
    },
  ),
]

function updateCase(
  transaction: Updating,
  id: string,
  title: string,
  clause: string,
  attempt: (bench: Bench) => Promise<Disagreement[]>,
): Case {
  return swissCase(`${transaction}/${id}`, `${transaction}: ${title}`, clause, attempt)
}

function wish(word: string): Pick<DocumentEntry, 'extraMetadata'> {
  return {
    extraMetadata: [
      { name: swiss.originalProviderRole, values: [swiss.roleOf('HCP')] },
      { name: swiss.deletionStatus, values: [`${swiss.deletionStatus}:${word}`] },
    ],
  }
}

function update(bench: Bench, transaction: Updating, entry: DocumentEntry, previousVersion = '1') {
  return bench.update(transaction, updating(bench, entry, { previousVersion }))
}

async function submitted(bench: Bench) {
  const patientId = await bench.patient(1)
  const entry = bench.samples.entry(patientId)
  const sample = bench.samples.of(patientId, { entries: [entry] })
  await bench.given(sample)
  const repositoryUniqueId = await bench.repositoryUniqueId()
  const first: DocumentEntry = { ...entry, logicalID: entry.entryUUID, repositoryUniqueId }
  return { first, submission: sample.submission, request: { repositoryUniqueId, documentUniqueId: entry.uniqueId! } }
}

async function requestedDeletion(bench: Bench, transaction: Updating) {
  const { first, submission, request } = await submitted(bench)
  const second = versionOf(bench, first, wish('deletionRequested'))
  const sample = updating(bench, second, { previousVersion: '1' })
  const answer = await bench.update(transaction, sample)
  if (answer.status !== 'Success') throw new Error(`the deletion could not be requested: ${answer.errors[0]?.context}`)
  const objects = [submission, sample.submission].flatMap(each => [
    ...each.submissionSets,
    ...each.documentEntries,
    ...each.associations,
  ])
  return { first, second, submission, request, ids: objects.map(({ entryUUID }) => entryUUID) }
}

/** Shown, hidden at once, and shown again: the entry in any version, or what was submitted for it alone. */
async function hiddenFrom(
  bench: Bench,
  transaction: Updating,
  query: QueryName,
  parameters: (first: DocumentEntry, setUniqueId: string) => QueryParameters,
): Promise<Disagreement[]> {
  const { first, second, submission } = await requestedDeletion(bench, transaction)
  const [set] = submission.submissionSets
  const third = versionOf(bench, first, wish('deletionNotRequested'))
  const asked = parameters(first, set!.uniqueId!)
  const look = async () => {
    const answer = await bench.query(query, asked)
    const text = JSON.stringify(answer.body ?? {})
    const ids = [first, second, third, set!].map(({ entryUUID }) => entryUUID)
    return { answered: succeeded(answer), seen: ids.filter(id => text.includes(id)) }
  }
  const hidden = await look()
  const back = await update(bench, transaction, third, '2')
  const shown = await look()
  return [
    ...hidden.answered,
    ...holds(hidden.seen.length === 0, 'nothing of the document', hidden.seen.join(', ')),
    ...succeeded(back),
    ...shown.answered,
    ...holds(shown.seen.length > 0, 'the document again', 'nothing of it'),
  ]
}
