import { expect } from 'chai'
import fc from 'fast-check'
import { readSyslog, writeSyslog } from '../../atna-audit/syslog.js'

const origin = { hostName: 'carnet.example', appName: 'carnet-registry', processId: 4711 }
const timeMs = Date.UTC(2026, 10, 23, 10, 0, 0, 5)

function read(text: string | Buffer) {
  const { message, ...header } = readSyslog(Buffer.from(text))
  return { ...header, message: message.toString() }
}

describe('a syslog message', () => {
  it('has the header that ITI-20 asks for, and no BOM [TF-2:3.20.4.1.2]', () => {
    expect(writeSyslog(origin, timeMs, 1, '<AuditMessage/>').toString()).to.equal(
      '<85>1 2026-11-23T10:00:00.005001Z carnet.example carnet-registry 4711 IHE+RFC-3881 - <AuditMessage/>',
    )
  })

  it('is never the same bytes twice within a millisecond', () => {
    const frames = Array.from({ length: 1_000 }, (_, count) => writeSyslog(origin, timeMs, count, 'x').toString())
    expect(new Set(frames).size).to.equal(1_000)
  })

  it('makes header fields of any name [RFC 5424 §6]', () => {
    const frame = writeSyslog({ hostName: 'Zürich 1', appName: 'a'.repeat(90), processId: 1 }, timeMs, 0, '').toString()
    expect(frame).to.contain(` Z_rich_1 ${'a'.repeat(48)} 1 `)
    expect(writeSyslog({ ...origin, hostName: '' }, timeMs, 0, '').toString()).to.contain(' - carnet-registry ')
  })

  it('is read back [RFC 5424 §6]', () => {
    expect(read(writeSyslog(origin, timeMs, 7, '<AuditMessage/>'))).to.deep.equal({
      facility: 10,
      severity: 5,
      timestamp: '2026-11-23T10:00:00.005007Z',
      hostName: 'carnet.example',
      appName: 'carnet-registry',
      processId: '4711',
      messageId: 'IHE+RFC-3881',
      message: '<AuditMessage/>',
    })
  })

  it('may hold a BOM, nothing, or only NIL values [RFC 5424 §6.4]', () => {
    expect(read('<85>1 - - - - - - \ufeff<AuditMessage/>')).to.deep.equal({
      facility: 10,
      severity: 5,
      message: '<AuditMessage/>',
    })
    expect(read('<85>1 - h a p m -').message).to.equal('')
    expect(read('<85>1 - h a p m -').problem).to.equal(undefined)
  })

  it('may have structured data with escapes; it is skipped [RFC 5424 §6.3]', () => {
    const data = '[a@1 x="]"][b@1 y="\\" \\] \\\\" z="ü"][c]'
    expect(read(`<85>1 - h a p m ${data} <AuditMessage/>`).message).to.equal('<AuditMessage/>')
  })

  for (const [what, text, problem] of [
    ['an older header', '<34>Oct 11 22:14:15 host su: <AuditMessage/>', /not that of RFC 5424/],
    ['no header', '<AuditMessage/>', /no syslog header/],
    ['a priority out of range', '<192>1 - h a p m - x', /priority <192>/],
    ['structured data without end', '<85>1 - h a p m [a x="]" <AuditMessage/>', /does not end/],
    ['nothing at all', '', /no syslog header/],
    ['a header field without end', `<85>1 - ${'h'.repeat(5_000)} a p m - x`, /no syslog header/],
  ] as const) {
    it(`with ${what} is kept whole, with the reason`, () => {
      const found = read(text)
      expect(found.message).to.equal(text)
      expect(found.problem).to.match(problem)
    })
  }

  it('is read without the structured data that some senders leave out, and says so', () => {
    const { hostName, message, problem } = read('<85>1 - h a p m \ufeff<AuditMessage/>')
    expect([hostName, message]).to.deep.equal(['h', '<AuditMessage/>'])
    expect(problem).to.contain('no structured data')
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, headed) => {
        const frame = Buffer.concat([Buffer.from(headed ? '<85>1 - h a p m ' : ''), bytes])
        expect(readSyslog(frame).message.length).to.be.at.most(frame.length)
      }),
      { numRuns: 500 },
    )
  })
})
