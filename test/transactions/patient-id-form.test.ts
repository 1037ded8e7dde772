// Ids that XDS metadata could not carry are told with what was expected and what was found.
import { expect } from 'chai'
import { cxOf } from '../../metadata/hl7.js'
import { idFormProblems } from '../../transactions/patient-id-form.js'

const id = (name: string) => cxOf('2.999.1.2.3', name)
const problemsOf = (...patientIds: string[]) => idFormProblems({ patientIds, subsumedIds: [] })

describe('transactions/patient-id-form', () => {
  it('takes what a rim:Value can hold, in characters as people count them [ITI TF-3:4.2.3.1.1]', () => {
    const rest = id('').length
    for (const character of ['x', 'ä', '😀']) {
      expect(problemsOf(id(character.repeat(256 - rest)))).to.deep.equal([])
      expect(problemsOf(id(character.repeat(257 - rest)))).to.deep.equal([
        {
          kind: 'tooLong',
          at: 'patientIds',
          clause: 'ITI TF-3:4.2.3.1.1',
          text: 'patient id number 1: expected at most 256 characters as id^^^&OID&ISO, found 257',
        },
      ])
    }
    // An escaped separator takes three.
    expect(problemsOf(id('&'.repeat(90)))[0]?.kind).to.equal('tooLong')
  })

  it('takes no control characters, and nothing that XML cannot hold [ITI TF-3: Table 4.2.3.1.7-2]', () => {
    for (const character of ['\u0000', '\u0001', '\t', '\r', '\u001f', '\u007f', '\ufffe', '\uffff', '\ud800']) {
      const [problem, ...more] = problemsOf(id('A'), id(`B${character}C`))
      expect(more).to.deep.equal([])
      expect(problem?.kind).to.equal('malformed')
      expect(problem?.text).to.match(
        /^patient id number 2: expected no control characters, found U\+[0-9A-F]{4} behind 1 others$/,
      )
    }
    expect(problemsOf(id('Zoë 😀 \u00a0'))).to.deep.equal([])
  })

  it('bounds how many ids there are, and what is told of them [ITI TF-2:3.44.4.1.2]', () => {
    const many = Array.from({ length: 101 }, (_, number) => id(String(number)))
    expect(idFormProblems({ patientIds: [], subsumedIds: many })).to.deep.equal([
      {
        kind: 'tooLong',
        at: 'subsumedIds',
        clause: 'ITI TF-2:3.44.4.1.2',
        text: 'expected at most 100 patient ids, found 101',
      },
    ])
    expect(problemsOf(...many.slice(1))).to.deep.equal([])
  })
})
