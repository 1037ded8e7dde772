import { expect } from 'chai'
import { compared, type Side, sideOf } from '../../../atna-audit/pages/comparison.js'
import { plainSentence } from '../../../atna-audit/pages/sentence.js'
import { toldOf } from '../../../atna-audit/pages/told.js'
import { writeSyslog } from '../../../atna-audit/syslog.js'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { anotherPatient, huber, rossi, type SampleAccess, sampleAccess } from './sample-records.js'

const at = Date.parse('2026-11-25T08:00:00Z')
let id = 0

function told(access: Partial<SampleAccess>) {
  id += 1
  const record = sampleAccess({ at, person: huber, ...access })
  const message = writeMessage(record, { auditSourceID: 'sample' })
  const frame = writeSyslog({ hostName: 'h', appName: 'a', processId: 1 }, record.dateTimeMs, id, message)
  return toldOf({ id, receivedMs: at, origin: 'o', problem: null, frame })
}

function marks(...accesses: Partial<SampleAccess>[]) {
  const { steps, marks } = compared(accesses.map(told))
  return [...marks, ...steps.flatMap(step => step.marks)].map(({ text }) => text)
}

describe('the side that wrote a record', () => {
  for (const kind of ['ITI-41', 'ITI-42', 'ITI-18', 'ITI-43'] as const)
    for (const side of ['asking', 'answering'] as Side[])
      it(`is the ${side} one of ${kind} [ITI TF-2:3.20]`, () => expect(sideOf(told({ kind, side }))).to.equal(side))
})

describe('one exchange, both sides', () => {
  it('agree', () => {
    expect(marks({ side: 'asking' }, { side: 'answering', at: at + 900 })).to.deep.equal([])
  })

  it('are told whatever kind of event somebody writes down', () => {
    for (const kind of ['constructor', '__proto__', 'toString']) {
      const strange = { ...told({ at: at + 1 }), kind }
      expect(compared([told({}), strange]).steps.map(step => step.kind)).to.deep.equal(['ITI-43', kind])
      expect(plainSentence(strange, 'en')).to.contain(kind)
    }
  })

  it('miss one another', () => {
    expect(marks({ side: 'asking' })).to.deep.equal(['trace.missingAnswering'])
    expect(marks({ side: 'answering' })).to.deep.equal(['trace.missingAsking'])
  })

  const contradictions: [text: string, other: Partial<SampleAccess>][] = [
    ['trace.contradictOutcome', { outcome: 8 }],
    ['trace.contradictPatient', { patient: anotherPatient }],
    ['trace.contradictDocument', { document: '2.999.7.7' }],
    ['trace.contradictPerson', { person: rossi }],
    ['trace.contradictTime', { at: at + 120_000 }],
  ]
  for (const [text, other] of contradictions)
    it(`contradict one another: ${text}`, () =>
      expect(marks({ side: 'asking' }, { side: 'answering', ...other })).to.deep.equal([text]))

  it('miss the registration of what was submitted', () => {
    const submitted: Partial<SampleAccess>[] = [
      { kind: 'ITI-41', side: 'asking' },
      { kind: 'ITI-41', side: 'answering' },
    ]
    expect(marks(...submitted)).to.deep.equal(['trace.missingStep'])
    const failed = submitted.map(one => ({ ...one, outcome: 8 as const }))
    expect(marks(...failed)).to.deep.equal([])
    expect(marks(...submitted, { kind: 'ITI-42', side: 'asking' }, { kind: 'ITI-42' })).to.deep.equal([])
  })

  it('miss nothing where a gateway hands on what was submitted, and stand in its order on either side [ITI TF-1: 40]', () => {
    const orders = [
      [{ kind: 'ITI-80', side: 'asking' }, { kind: 'ITI-41', side: 'asking' }, { kind: 'ITI-41' }],
      [
        { kind: 'ITI-42', side: 'asking' },
        { kind: 'ITI-42' },
        { kind: 'ITI-41', side: 'asking' },
        { kind: 'ITI-41' },
        { kind: 'ITI-80' },
      ],
    ] as const
    const steps = orders.map(accesses => {
      const compare = compared(accesses.map((access, order) => told({ ...access, at: at + order })))
      expect(compare.marks).to.deep.equal([])
      return compare.steps.map(({ kind }) => kind)
    })
    expect(steps).to.deep.equal([
      ['ITI-41', 'ITI-80'],
      ['ITI-80', 'ITI-41', 'ITI-42'],
    ])
  })

  it('name the same document with and without its urn', () => {
    expect(marks({ side: 'asking', document: 'urn:oid:2.999.1.1' }, { document: '2.999.1.1' })).to.deep.equal([])
  })
})
