// Submissions at the same time: of one id only one content is taken, of one document only one replacement. ITI TF-2 §3.42.4.1.3.

import { availabilityOf, ofKind } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { holds } from '../judge.js'
import { listValue } from '../stored-queries.js'
import type { Received } from '../target.js'
import { aDocument, relate, statuses } from './relationships.js'

const atOnce = 8

export const concurrencyCases: readonly Case[] = [
  named(
    'one-document-id',
    `of ${atOnce} contents under one uniqueId one is taken`,
    'ITI TF-2:3.42.4.1.3.3.1',
    async bench => {
      const patientId = await bench.patient(1)
      const uniqueId = bench.samples.oid()
      const entries = times(() => bench.samples.entry(patientId, { uniqueId }))
      const answers = await Promise.all(
        entries.map(entry => bench.provide(bench.samples.of(patientId, { entries: [entry] }))),
      )
      const found = ofKind(
        'DocumentEntry',
        await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(uniqueId) }),
      )
      return [...oneOf(answers), ...holds(found.length === 1, 'one entry', `${found.length}`)]
    },
  ),
  named(
    'one-set-id',
    `of ${atOnce} submissions with one uniqueId one is taken`,
    'ITI TF-2:3.42.4.1.3.3.7',
    async bench => {
      const patientId = await bench.patient(1)
      const submissionSet = { uniqueId: bench.samples.oid() }
      const entries = times(() => bench.samples.entry(patientId))
      const answers = await Promise.all(
        entries.map(entry => bench.provide(bench.samples.of(patientId, { entries: [entry], submissionSet }))),
      )
      const ids = entries.map(({ uniqueId }) => uniqueId!)
      const found = ofKind(
        'DocumentEntry',
        await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(...ids) }),
      )
      return [...oneOf(answers), ...holds(found.length === 1, 'one entry', `${found.length}`)]
    },
  ),
  named(
    'one-replacement',
    `of ${atOnce} replacements of one document one is taken`,
    'ITI TF-2:3.42.4.1.3.5',
    async bench => {
      const older = await aDocument(bench)
      const newer = times(() => bench.samples.entry(older.patientId!))
      const answers = await Promise.all(newer.map(entry => relate(bench, 'RPLC', entry, older.entryUUID)))
      const ids = newer.map(({ uniqueId }) => uniqueId!)
      const found = ofKind(
        'DocumentEntry',
        await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(...ids) }),
      )
      const approved = found.filter(entry => availabilityOf(entry) === 'Approved').length
      return [
        ...oneOf(answers),
        ...holds(approved === 1, 'one Approved replacement', `${approved}`),
        ...(await statuses(bench, { [older.entryUUID]: 'Deprecated' })),
      ]
    },
  ),
  named('many-documents', `${atOnce} submissions of their own are all taken`, 'ITI TF-2:3.41.4.1.3', async bench => {
    const patientId = await bench.patient(1)
    const answers = await Promise.all(
      times(() => bench.provide(bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] }))),
    )
    const taken = answers.filter(({ status }) => status === 'Success').length
    return holds(taken === atOnce, `${atOnce} taken`, `${taken}`)
  }),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `concurrency/${id}`, title, clause, try: attempt }
}

function times<Value>(make: () => Value): Value[] {
  return Array.from({ length: atOnce }, make)
}

function oneOf(answers: Received[]): Disagreement[] {
  const taken = answers.filter(({ status }) => status === 'Success').length
  return holds(taken === 1, `1 of ${answers.length} taken`, `${taken}`)
}
