// What people read of an exchange that is remembered.
import { expect } from 'chai'
import { explained, storyInWords, storyLine } from '../../../cli/explain/explanation.js'
import type { Story } from '../../../server/explanations/story.js'

const story: Story = {
  trace: 'a'.repeat(32),
  at: '2026-11-25T14:00:00.000Z',
  actor: 'Document Registry',
  transaction: { id: 'ITI-8', name: 'Patient Identity Feed' },
  partner: { name: 'loopback', address: '127.0.0.1' },
  endpoint: 'mllp://localhost:2575',
  milliseconds: 1.5,
  message: { action: 'ADT^A01', messageID: 'M-1', form: 'MLLP' },
  request: { hl7: `MSH|^~\\&|\rPID|||${'x'.repeat(5_000)}\n\x1b[31mZZZ|\r\r`, cut: true },
  answer: {
    outcome: 'AE',
    errors: [
      {
        errorCode: 'HL7 104 Value too long',
        codeContext: 'patient id number 1: expected at most 256 characters, found 5000 [ITI TF-3:4.2.3.1.1]',
        severity: 'Error',
        location: 'PID-3',
      },
    ],
  },
}

describe('cli/explanation', () => {
  it('shows a message of HL7 v2 by its segments, bounded and harmless', () => {
    const lines = storyInWords(story)
    expect(lines).to.include('  message (the end is missing: it was too long to be kept):')
    expect(lines).to.include('    MSH|^~\\&|')
    expect(lines).to.include(`    PID|||${'x'.repeat(994)}… (5006 characters)`)
    expect(lines.at(-1)).to.equal('    ?[31mZZZ|')
    expect(lines).to.include('    at:      PID-3')
  })

  it('says what to do about each condition of HL7 v2 [HL7 table 0357]', () => {
    for (const condition of ['100', '101', '102', '103', '104', '200', '201', '202', '203', '204', '205', '207']) {
      const { next } = explained({ errorCode: `HL7 ${condition} x`, codeContext: '', severity: 'Error' })
      expect(next, condition).to.match(/\.$/).and.not.to.contain('not one of ours')
    }
    const { clauses } = explained(story.answer.errors![0]!)
    expect(clauses.map(({ tag }) => tag)).to.deep.equal(['ITI TF-3:4.2.3.1.1'])
    expect(storyLine(story)).to.contain('ITI-8 loopback AE HL7 104 Value too long')
  })

  it('names the clauses that an acknowledgement ends its lines with, each once', () => {
    const detail = 'one [ITI TF-3:4.2.3.1.1]\ntwo [ITI TF-3:4.2.3.1.1]\nthree [ITI TF-2:3.44.4.1.4]\n(trace x)'
    const lines = storyInWords({ ...story, answer: { outcome: 'CE', detail } })
    const tags = lines.flatMap(line => /^ {4}clause: {2}(.*?): [A-Z]/.exec(line)?.[1] ?? [])
    expect(tags).to.deep.equal(['ITI TF-3:4.2.3.1.1', 'ITI TF-2:3.44.4.1.4'])
  })
})
