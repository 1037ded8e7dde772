// Patients announced and merged by HL7 v2 over MLLP, how that is acknowledged, and what it does to documents. ITI TF-2 §3.8, Appendix C.2.
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import type { Acknowledgement } from '../mllp.js'
import { NotTried } from '../not-tried.js'
import { approved, textValue } from '../stored-queries.js'
import { swissCase } from './swiss-metadata.js'

const option = 'Patient Identity Feed'
const refusals = /^[AC][ER]$/

export interface Adt {
  event: string
  /** MSH-9, whole. */
  type?: string
  controlId: string
  /** PID, from PID-3 on. */
  pid3: string
  /** Further fields of PID, by number. */
  pid?: Readonly<Record<number, string>>
  mrg1?: string
  characterSet?: string
  segments?: readonly string[]
}

function adt({ event, type = `ADT^${event}`, controlId, pid3, pid = {}, mrg1, ...more }: Adt): string {
  const msh = `MSH|^~\\&|SUITE|ACCEPTANCE|REG|TARGET|20260314101500||${type}|${controlId}|P|2.3.1||||||${more.characterSet ?? ''}`
  const fields = Array.from(
    { length: 31 },
    (_, number) => pid[number] ?? { 3: pid3, 5: 'Muster^Anna', 8: 'F' }[number] ?? '',
  )
  const segments = [
    msh,
    `EVN|${event}|20260314101500`,
    `PID|${fields.slice(1).join('|').replace(/\|+$/, '')}`,
    ...(mrg1 === undefined ? ['PV1||N'] : [`MRG|${mrg1}`]),
    ...(more.segments ?? []),
  ]
  return `${segments.join('\r')}\r`
}

export const patientV2Cases: readonly Case[] = [
  ...['A01', 'A04', 'A05'].map(event =>
    named(`added/${event}`, `a patient announced by ${event} has documents`, 'ITI TF-2:3.8.4.1.3', async bench => {
      const { patientId, pid3 } = newIds(bench)
      const [answer] = await sent(bench, { event, pid3 })
      return [...accepted(answer), ...succeeded(await submit(bench, patientId))]
    }),
  ),
  named(
    'updated/A08',
    'an A08 is acknowledged, and the patient keeps the documents',
    'ITI TF-2:3.8.4.1.3',
    async bench => {
      const { patientId, pid3 } = newIds(bench)
      const answers = await sent(bench, { event: 'A04', pid3 }, { event: 'A08', pid3, pid: { 5: 'Muster^Annabelle' } })
      return [...answers.flatMap(accepted), ...succeeded(await submit(bench, patientId))]
    },
  ),
  named(
    'merged/A40',
    'of two patients merged by A40 the survivor has the documents of both',
    'ITI TF-2:3.8.4.2.4',
    async bench => {
      const { survivor, entries, answer } = await merged(bench)
      return [...accepted(answer), ...finds(await findDocuments(bench, survivor), entries)]
    },
  ),
  named('merged/refused', 'a patient subsumed by A40 gets no documents any more', 'ITI TF-2:3.8.4.2.4', async bench => {
    const { subsumed } = await merged(bench)
    return refused(await submit(bench, subsumed), 'XDSUnknownPatientId')
  }),
  named('merged/query', 'the id that A40 subsumed finds nothing', 'ITI TF-2:3.8.4.2.4', async bench => {
    const { subsumed, entries } = await merged(bench)
    const answer = await findDocuments(bench, subsumed)
    return answer.status === 'Failure' ? refused(answer, 'XDSUnknownPatientId') : finds(answer, [], entries)
  }),
  named(
    'acknowledgement',
    'an acknowledgement names the message, and its own type',
    'ITI TF-2: Appendix C.2.3',
    async bench => {
      const { pid3 } = newIds(bench)
      const controlId = nextId(bench)
      const [answer] = await bench.feedV2([adt({ event: 'A04', controlId, pid3 })])
      const type = answer?.type ?? ''
      return [
        ...accepted(answer),
        ...holds(answer?.of === controlId, `MSA-2 ${controlId}`, answer?.of ?? ''),
        ...holds(/^ACK(?:\^A04(?:\^ACK)?)?$/.test(type), 'MSH-9 ACK^A04', type || 'nothing'),
      ]
    },
  ),
  named(
    'one-connection',
    'messages on one connection are answered each in its turn',
    'ITI TF-2: Appendix C.2.1',
    async bench => {
      const ids = [1, 2, 3].map(() => nextId(bench))
      const messages = ids.map(controlId => adt({ event: 'A04', controlId, pid3: newIds(bench).pid3 }))
      const answers = await bench.feedV2(messages)
      const of = answers.map(answer => answer.of).join(', ')
      return [...answers.flatMap(accepted), ...holds(of === ids.join(', '), ids.join(', '), of)]
    },
  ),
  named('characters', 'a name in UTF-8 is taken where MSH-18 says so', 'ITI TF-2: Appendix C.2.2', async bench => {
    const { pid3 } = newIds(bench)
    return (await sent(bench, { event: 'A04', pid3, pid: { 5: 'Müller^Zoë' }, characterSet: 'UNICODE UTF-8' })).flatMap(
      accepted,
    )
  }),
  named(
    'unknown-event',
    'an event that the transaction does not have is refused',
    'ITI TF-2: Appendix C.2.3',
    async bench => {
      const { patientId, pid3 } = newIds(bench)
      const [answer] = await sent(bench, { event: 'A99', pid3 })
      return [...notAccepted(answer), ...refused(await submit(bench, patientId), 'XDSUnknownPatientId')]
    },
  ),
  named('unknown-message', 'a message that is no ADT is refused', 'ITI TF-2: Appendix C.2.3', async bench =>
    (await sent(bench, { event: 'R01', type: 'ORU^R01', pid3: newIds(bench).pid3 })).flatMap(notAccepted),
  ),
  named('no-id', 'a patient without any id is refused', 'ITI TF-2:3.8.4.1.2.3', async bench =>
    (await sent(bench, { event: 'A04', pid3: '' })).flatMap(notAccepted),
  ),
  named('no-mrg', 'a merge that names no subsumed id is refused', 'ITI TF-2:3.8.4.2.2', async bench =>
    (await sent(bench, { event: 'A40', pid3: newIds(bench).pid3, mrg1: '' })).flatMap(notAccepted),
  ),
  named('no-pid', 'a message without PID is refused', 'ITI TF-2:3.8.4.1.2', async bench => {
    const message = adt({ event: 'A04', controlId: nextId(bench), pid3: newIds(bench).pid3 })
    return (await bench.feedV2([message.replace(/PID[^\r]*\r/, '')])).flatMap(notAccepted)
  }),
  named('no-hl7', 'what is no HL7 is refused, and the next message is taken', 'HL7 v2.5.1: 2.9.2', async bench => {
    const [answer] = await bench.feedV2(['Good morning\r'])
    const [next] = await sent(bench, { event: 'A04', pid3: newIds(bench).pid3 })
    return [...notAccepted(answer), ...accepted(next)]
  }),

  ...(
    [
      [10, 'race'],
      [17, 'religion'],
      [22, 'ethnic group'],
    ] as const
  ).map(([field, what]) =>
    swissCase(
      `patient/v2/PID-${field}`,
      `a feed that tells the ${what} of a patient is refused`,
      'EPR annex 5.1:1.7.1',
      async bench => {
        const { patientId, pid3 } = newIds(bench)
        const [answer] = await sent(bench, { event: 'A04', pid3, pid: { [field]: 'X' } })
        return [...notAccepted(answer), ...refused(await submit(bench, patientId), 'XDSUnknownPatientId')]
      },
    ),
  ),
  swissCase(
    'patient/v2/NK1',
    'a feed that tells who is related to a patient is refused',
    'EPR annex 5.1:1.7.1',
    async bench =>
      (await sent(bench, { event: 'A04', pid3: newIds(bench).pid3, segments: ['NK1|1|Muster^Hans|FTH'] })).flatMap(
        notAccepted,
      ),
  ),
  swissCase(
    'patient/v2/no-EPR-SPID',
    'a patient announced without EPR-SPID is refused',
    'EPR annex 5.1:1.7.1',
    async bench => {
      const { patientId } = newIds(bench)
      return (await sent(bench, { event: 'A04', pid3: patientId })).flatMap(notAccepted)
    },
  ),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `patient/v2/${id}`, title, clause, option, try: attempt }
}

/** Of a patient whom nobody knows yet. */
function newIds(bench: Bench) {
  const patientIds = bench.newPatientIds()
  return { patientId: patientIds[0]!, pid3: patientIds.join('~') }
}

function nextId({ samples }: Bench): string {
  return samples.uuid().slice(-12)
}

/** @throws NotTried where the target has no address for it */
function sent(bench: Bench, ...messages: Omit<Adt, 'controlId'>[]): Promise<Acknowledgement[]> {
  return bench.feedV2(messages.map(message => adt({ ...message, controlId: nextId(bench) })))
}

function accepted(answer: Acknowledgement | undefined): Disagreement[] {
  return holds(/^[AC]A$/.test(answer?.code ?? ''), 'acknowledgement AA', saidBy(answer))
}

function notAccepted(answer: Acknowledgement | undefined): Disagreement[] {
  return holds(refusals.test(answer?.code ?? ''), 'acknowledgement AE or AR', saidBy(answer))
}

function saidBy(answer: Acknowledgement | undefined): string {
  return answer === undefined ? 'none' : `${answer.code} (${answer.text.replaceAll('\r', ' ').slice(0, 300)})`
}

function submit(bench: Bench, patientId: string) {
  return bench.provide(bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] }))
}

function findDocuments(bench: Bench, patientId: string) {
  const asked = { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
  return bench.query('FindDocuments', asked)
}

async function merged(bench: Bench) {
  const patients = [newIds(bench), newIds(bench)]
  const added = await sent(bench, ...patients.map(({ pid3 }) => ({ event: 'A04', pid3 })))
  if (added.some(({ code }) => !/^[AC]A$/.test(code)))
    throw new NotTried(`patients are not taken by ITI-8: ${saidBy(added[0])}`)
  const entries: string[] = []
  for (const { patientId } of patients) {
    const entry = bench.samples.entry(patientId)
    await bench.given(bench.samples.of(patientId, { entries: [entry] }))
    entries.push(entry.entryUUID)
  }
  const [subsumed, survivor] = patients.map(({ patientId }) => patientId) as [string, string]
  const [answer] = await sent(bench, { event: 'A40', pid3: survivor, mrg1: subsumed })
  return { subsumed, survivor, entries, answer }
}
