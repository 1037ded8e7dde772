// Who is known: patients announced and merged by ITI-44, and what that does to submissions and queries. ITI TF-2 §3.44.
import { acknowledgementOf, type Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { approved, textValue } from '../stored-queries.js'

const option = 'Patient Identity Feed HL7 V3'

export const patientCases: readonly Case[] = [
  named('added', 'a patient who was announced has documents', 'ITI TF-2:3.44.4.1.3', async bench => {
    const patientId = await bench.newPatient()
    return succeeded(await submit(bench, patientId))
  }),
  named('added-twice', 'a patient may be announced again', 'ITI TF-2:3.44.4.1.3', async bench => {
    const patientId = await bench.newPatient()
    const again = acknowledgementOf(await bench.feed({ patientIds: bench.idsOf(patientId) }))
    return holds(/^[CA]A$/.test(again), 'acknowledgement CA', again)
  }),
  named('chain', 'of a chain of merges the last survivor has all documents', 'ITI TF-2:3.44.4.2.4', async bench => {
    const { survivor, entries } = await merged(bench)
    const last = await bench.newPatient()
    const code = acknowledgementOf(await bench.feed({ patientIds: [last], subsumedIds: [survivor] }))
    const asked = { $XDSDocumentEntryPatientId: textValue(last), $XDSDocumentEntryStatus: approved }
    return [
      ...holds(/^[CA]A$/.test(code), 'acknowledgement CA', code),
      ...finds(await bench.query('FindDocuments', asked), entries),
    ]
  }),
  named('merged', 'a merge is acknowledged', 'ITI TF-2:3.44.4.2.3', async bench => {
    const [subsumed, survivor] = [await bench.newPatient(), await bench.newPatient()]
    const code = acknowledgementOf(await bench.feed({ patientIds: [survivor], subsumedIds: [subsumed] }))
    return holds(/^[CA]A$/.test(code), 'acknowledgement CA', code)
  }),
  named('subsumed-refused', 'a subsumed patient gets no documents any more', 'ITI TF-2:3.44.4.2.4', async bench => {
    const { subsumed } = await merged(bench)
    return refused(await submit(bench, subsumed), 'XDSUnknownPatientId')
  }),
  named('survivor-has-both', 'the survivor has the documents of both', 'ITI TF-2:3.18.4.1.2.3.9.1', async bench => {
    const { survivor, entries } = await merged(bench)
    const answer = await bench.query('FindDocuments', {
      $XDSDocumentEntryPatientId: textValue(survivor),
      $XDSDocumentEntryStatus: approved,
    })
    return finds(answer, entries)
  }),
  named('subsumed-query', 'the subsumed id finds nothing', 'ITI TF-2:3.44.4.2.4', async bench => {
    const { subsumed, entries } = await merged(bench)
    const answer = await bench.query('FindDocuments', {
      $XDSDocumentEntryPatientId: textValue(subsumed),
      $XDSDocumentEntryStatus: approved,
    })
    return answer.status === 'Failure' ? refused(answer, 'XDSUnknownPatientId') : finds(answer, [], entries)
  }),
  named(
    'unknown-query',
    'an unknown patient has no documents, or is named as unknown',
    'ITI TF-2:3.18.4.1.3',
    async bench => {
      const answer = await bench.query('FindDocuments', {
        $XDSDocumentEntryPatientId: textValue('NOBODY^^^&2.999.1&ISO'),
        $XDSDocumentEntryStatus: approved,
      })
      return answer.status === 'Failure' ? refused(answer, 'XDSUnknownPatientId') : succeeded(answer)
    },
  ),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `patient/${id}`, title, clause, option, try: attempt }
}

function submit(bench: Bench, patientId: string) {
  return bench.provide(bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] }))
}

async function merged(bench: Bench) {
  const [subsumed, survivor] = [await bench.newPatient(), await bench.newPatient()]
  const entries: string[] = []
  for (const patientId of [subsumed, survivor]) {
    const entry = bench.samples.entry(patientId)
    await bench.given(bench.samples.of(patientId, { entries: [entry] }))
    entries.push(entry.entryUUID)
  }
  await bench.feed({ patientIds: [survivor], subsumedIds: [subsumed] })
  return { subsumed, survivor, entries }
}
