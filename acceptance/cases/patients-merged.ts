// What a merge of two patients does to everything that queries tell of them. ITI TF-2 §3.44.4.2, §3.18.4.1.2.3.9.
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { identificationSchemes } from '../../metadata/uuids.js'
import { identifierIn, ofKind, slotIn } from '../answer.js'
import { acknowledgementOf, type Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import type { Need } from '../domain.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { approved, listValue, type QueryName, type QueryParameters, textValue } from '../stored-queries.js'
import type { Received } from '../target.js'
import { relate, statuses } from './relationships.js'

const option = 'Patient Identity Feed HL7 V3'
const effects = 'ITI TF-2:3.18.4.1.2.3.9.1'

/** How each query is asked for all of a patient, and what of a merged one it has to find. */
const queries: readonly [QueryName, (patient: string) => QueryParameters, (of: Merged) => string[], Need[]?][] = [
  [
    'FindSubmissionSets',
    patient => ({ $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: approved }),
    ({ older, newer }) => [older, newer].flatMap(({ submission }) => submission.submissionSets.map(idOfValue)),
  ],
  [
    'FindFolders',
    patient => ({ $XDSFolderPatientId: patient, $XDSFolderStatus: approved }),
    ({ older, newer }) => [older, newer].flatMap(({ submission }) => submission.folders.map(idOfValue)),
    ['Folders'],
  ],
  [
    'GetAll',
    patient => ({
      ...{ $patientId: patient, $XDSDocumentEntryStatus: approved },
      ...{ $XDSSubmissionSetStatus: approved, $XDSFolderStatus: approved },
    }),
    ({ older, newer }) =>
      [older, newer].flatMap(({ submission: { submissionSets, documentEntries, associations } }) =>
        [...submissionSets, ...documentEntries, ...associations].map(idOfValue),
      ),
  ],
]

export const patientMergedCases: readonly Case[] = [
  ...queries.map(
    ([query, parameters, wanted, needs = []]): Case => ({
      ...named(`${query}`, `${query} with the survivor gives what was submitted for both`, effects, async bench => {
        const both = await merged(bench)
        const ofSubsumed = await bench.query(query, parameters(textValue(both.subsumed)))
        return [
          ...finds(await bench.query(query, parameters(textValue(both.survivor))), wanted(both)),
          ...(ofSubsumed.status === 'Failure'
            ? refused(ofSubsumed, 'XDSUnknownPatientId')
            : finds(ofSubsumed, [], wanted(both))),
        ]
      }),
      needs,
    }),
  ),
  named('shown', 'an entry of the subsumed patient is shown as one of the survivor', effects, async bench => {
    const { survivor, older } = await merged(bench)
    const answer = await entryOf(bench, older.entry)
    const [found] = ofKind('DocumentEntry', answer)
    const patientId = found && identifierIn(found, identificationSchemes.DocumentEntry.patientId)
    return [...succeeded(answer), ...holds(patientId === survivor, `patientId ${survivor}`, patientId ?? 'no entry')]
  }),
  named('source-patient', 'what the source said of the patient stays as it was', 'ITI TF-2:3.44.4.2.4', async bench => {
    const { older } = await merged(bench)
    const [found] = ofKind('DocumentEntry', await entryOf(bench, older.entry))
    const told = found === undefined ? [] : [...slotIn(found, 'sourcePatientId'), ...slotIn(found, 'sourcePatientInfo')]
    const { sourcePatientId = '', sourcePatientInfo = [] } = older.entry
    const sent = [sourcePatientId, ...sourcePatientInfo]
    return holds(told.join() === sent.join(), sent.join(', '), told.join(', ') || 'nothing')
  }),
  named('single-patient', 'entries of both are entries of one patient', effects, async bench => {
    const { older, newer } = await merged(bench)
    const ids = [older.entry, newer.entry].map(({ entryUUID }) => entryUUID)
    return finds(await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(...ids) }), ids)
  }),
  named(
    'replaced',
    'a document of the subsumed patient is replaced by one of the survivor',
    'ITI TF-2:3.44.4.2.4',
    async bench => {
      const { survivor, older } = await merged(bench)
      const newer = bench.samples.entry(survivor)
      const answer = await relate(bench, 'RPLC', newer, older.entry.entryUUID)
      const expected = { [older.entry.entryUUID]: 'Deprecated', [newer.entryUUID]: 'Approved' }
      return [...succeeded(answer), ...(await statuses(bench, expected))]
    },
  ),
  named(
    'again',
    'a patient who has been subsumed is announced again, and stays subsumed',
    'ITI TF-2:3.44.4.2.4',
    async bench => {
      const { survivor, subsumed, older } = await merged(bench)
      await bench.feed({ patientIds: bench.idsOf(subsumed) })
      const found = await bench.query('FindDocuments', documentsOf(survivor))
      return [
        ...finds(found, [older.entry.entryUUID]),
        ...refused(await submit(bench, subsumed), 'XDSUnknownPatientId'),
      ]
    },
  ),
  named('revised', 'a patient who is revised keeps the documents', 'ITI TF-2:3.44.4.1.3', async bench => {
    const patientId = await bench.newPatient()
    const { entry } = await document(bench, patientId)
    const code = acknowledgementOf(await bench.feed({ patientIds: bench.idsOf(patientId) }, 'revise'))
    return [
      ...holds(/^[CA]A$/.test(code), 'acknowledgement CA', code),
      ...finds(await bench.query('FindDocuments', documentsOf(patientId)), [entry.entryUUID]),
    ]
  }),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `patient/merge/${id}`, title, clause, option, try: attempt }
}

interface Merged {
  subsumed: string
  survivor: string
  older: Document
  newer: Document
}

interface Document {
  entry: DocumentEntry
  submission: Submission
}

async function merged(bench: Bench): Promise<Merged> {
  const [subsumed, survivor] = [await bench.newPatient(), await bench.newPatient()]
  const [older, newer] = [await document(bench, subsumed), await document(bench, survivor)]
  const code = acknowledgementOf(await bench.feed({ patientIds: [survivor], subsumedIds: [subsumed] }))
  if (!/^[CA]A$/.test(code)) throw new Error(`the merge was not acknowledged: ${code}`)
  return { subsumed, survivor, older, newer }
}

async function document(bench: Bench, patientId: string): Promise<Document> {
  const entry = bench.samples.entry(patientId)
  const folders = bench.domain.lacks.has('Folders') ? [] : [bench.samples.folder(patientId)]
  const sample = bench.samples.of(patientId, { entries: [entry], folders })
  await bench.given(sample)
  return { entry, submission: sample.submission }
}

function documentsOf(patientId: string): QueryParameters {
  return { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
}

function entryOf(bench: Bench, { entryUUID }: DocumentEntry): Promise<Received> {
  return bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(entryUUID) })
}

function submit(bench: Bench, patientId: string) {
  return bench.provide(bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] }))
}

function idOfValue({ entryUUID }: { entryUUID: string }): string {
  return entryUUID
}
