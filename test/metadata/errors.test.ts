// What the sender of a broken message reads.
import { expect } from 'chai'
import { foundByRepository, registryErrorOf, registryErrorsOf } from '../../metadata/errors.js'
import type { Finding } from '../../metadata/model.js'
import { counted, printable, quoted, shortened } from '../../metadata/words.js'

const finding: Finding = {
  code: 'XDSRegistryMetadataError',
  object: 'DocumentEntry Document01',
  attribute: 'creationTime',
  rule: 'ITI TF-3:4.2.3.2.6',
  expected: 'a date and time in UTC as YYYY[MM[DD[hh[mm[ss]]]]]',
  found: '"2026-13"',
}
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('an error for the sender', () => {
  it('says in one sentence what, where, by which rule, and how to ask about it [ITI TF-3:4.2.4.1]', () => {
    expect(registryErrorOf(finding, traceId)).to.deep.equal({
      errorCode: 'XDSRegistryMetadataError',
      severity: 'Error',
      codeContext:
        'DocumentEntry Document01, creationTime: expected a date and time in UTC as YYYY[MM[DD[hh[mm[ss]]]]], ' +
        'found "2026-13" [ITI TF-3:4.2.3.2.6] (trace 4bf92f3577b34da6a3ce929d0e0e4736)',
    })
  })

  it('carries severity and location [ITI TF-2:3.43.5]', () => {
    const error = registryErrorOf({ ...finding, severity: 'Warning', location: '2.25.7' }, traceId)
    expect(error).to.include({ severity: 'Warning', location: '2.25.7' })
  })

  it('is bounded, and has the rule and the trace even when all else is long', () => {
    const long = 'x'.repeat(1_000_000)
    const { codeContext } = registryErrorOf(
      { ...finding, object: long, attribute: long, expected: long, found: long },
      traceId,
    )
    expect(codeContext.length).to.be.below(1001)
    expect(codeContext).to.match(/\[ITI TF-3:4\.2\.3\.2\.6\] \(trace 4bf92f3577b34da6a3ce929d0e0e4736\)$/)
  })

  it('holds no control characters and nothing that XML cannot say', () => {
    const { codeContext } = registryErrorOf({ ...finding, found: 'a\u0000b\r\nc\u001b[31m\ud800\uffffd' }, traceId)
    expect(codeContext).to.contain('found a b  c [31m  d [')
  })

  it('is told before warnings where there are more than an answer tells [ITI TF-3:4.2.4.1]', () => {
    const warnings = Array.from({ length: 600 }, (): Finding => ({ ...finding, severity: 'Warning' }))
    const errors = registryErrorsOf([...warnings, finding], traceId)
    expect(errors).to.have.length(500)
    expect(errors[0]).to.include({ severity: 'Error' })
    expect(registryErrorsOf([...warnings.slice(0, 2), finding], traceId)[0]).to.include({ severity: 'Warning' })
  })

  it('can be made the words of a repository [ITI TF-3: Table 4.2.4.1-2]', () => {
    const unknownPatient: Finding = { ...finding, code: 'XDSUnknownPatientId' }
    const codes = foundByRepository([finding, unknownPatient]).map(each => each.code)
    expect(codes).to.deep.equal(['XDSRepositoryMetadataError', 'XDSUnknownPatientId'])
  })
})

describe('words', () => {
  it('shorten by characters and say so', () => {
    expect(shortened('😀'.repeat(10), 10)).to.equal('😀'.repeat(10))
    expect(shortened('😀'.repeat(11), 10)).to.equal(`${'😀'.repeat(9)}…`)
    expect(shortened('x'.repeat(50_000_000), 3)).to.equal('xx…')
    expect(quoted('x'.repeat(300))).to.have.length(258)
  })

  it('count', () => {
    expect([0, 1, 2].map(count => counted(count, 'value'))).to.deep.equal(['nothing', '1 value', '2 values'])
  })

  it('keep a character that is made of two surrogates', () => {
    expect(printable('a😀\udc00')).to.equal('a😀 ')
  })
})
