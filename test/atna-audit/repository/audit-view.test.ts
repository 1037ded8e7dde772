import { expect } from 'chai'
import { timeOf } from '../../../atna-audit/repository/arrival.js'
import { readAuditMessage } from '../../../atna-audit/repository/audit-view.js'
import { indented, old, withToken } from './messages.js'

const read = (text: string) => readAuditMessage(Buffer.from(text))

describe('reading the audit messages of others', () => {
  it('takes indented ones, with empty descriptions and a comment for a query', () => {
    const view = read(indented)
    expect([view.event?.code, view.types[0]?.code, view.outcome, view.description]).to.deep.equal([
      '110112',
      'ITI-45',
      0,
      undefined,
    ])
    expect(view.sourceID).to.equal('consumer')
    expect(view.objects[0]?.details).to.deep.equal([
      { type: 'II', value: 'm-1' },
      { type: 'MSH-10', value: 'm-1' },
    ])
    expect(view.objects[1]?.query).to.equal(undefined)
    expect(view.participants[0]?.networkAccessPointID).to.equal('https://consumer.example/')
  })

  it('takes participants of tokens, and detail values that are not base64', () => {
    const view = read(withToken)
    expect(view.participants.map(({ userName, isRequestor }) => [userName, isRequestor])).to.deep.equal([
      ['JD<7601000000000@https://sts.example>', undefined],
      ['Dr. Jane Doe', true],
    ])
    expect(view.purposes[0]?.code).to.equal('NORM')
    expect(view.objects[0]?.details).to.deep.equal([
      { type: 'Repository Unique Id', value: '2.999.3' },
      { type: 'ihe:homeCommunityID', value: '2.999.9' },
    ])
    expect(view.objects[0]?.sensitivity).to.equal('normal^N^2.999')
  })

  it('takes a value of white space and no base64 as fast as any other', function () {
    this.timeout(2_000)
    const value = `AAA${' '.repeat(100_000)}!`
    const view = read(withToken.replace('Mi45OTkuMw==', value))
    expect(view.objects[0]?.details[0]?.value).to.equal(value)
  })

  it('takes the names of RFC 3881, namespaces and unknown elements', () => {
    const view = read(old)
    expect(view.event).to.deep.equal({ code: '110114', system: 'DCM', text: 'User Authentication' })
    expect(view.outcome).to.equal(4)
    expect(view.types).to.deep.equal([])
  })

  it('finds the message behind an older header and before what follows it', () => {
    expect(read(`<34>Mar  4 10:11:12 host app: ${withToken}\0\n`).types[0]?.code).to.equal('ITI-43')
  })

  for (const [what, text, problem] of [
    ['text', 'somebody logged in', /no AuditMessage in it/],
    ['another document', '<?xml version="1.0"?><Other/>', /not an AuditMessage but <Other>/],
    ['a message without event', '<AuditMessage/>', /no EventIdentification/],
    ['half a message', withToken.slice(0, 400), /.+/],
    ['entities', `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><AuditMessage>&b;</AuditMessage>`, /.+/],
    ['too deep a message', `<AuditMessage>${'<x>'.repeat(5_000)}${'</x>'.repeat(5_000)}</AuditMessage>`, /.+/],
  ] as const) {
    it(`says why ${what} cannot be read`, () => {
      expect(() => read(text)).to.throw(problem)
    })
  }

  it('understands times with and without zone, up to nine decimals', () => {
    expect(timeOf('2026-03-04T10:11:12.345+01:00')).to.equal(Date.UTC(2026, 2, 4, 9, 11, 12, 345))
    expect(timeOf('2026-03-04T10:11:12.123456789')).to.equal(Date.UTC(2026, 2, 4, 10, 11, 12, 123))
    expect(timeOf('2026-03-04T10:11:12Z')).to.equal(Date.UTC(2026, 2, 4, 10, 11, 12))
    expect([timeOf('yesterday'), timeOf(undefined)]).to.deep.equal([undefined, undefined])
  })
})
