// Where an answer may go: nowhere but to what is listed, whatever an address looks like.
import { expect } from 'chai'
import type { Partner } from '../../../server/actor.js'
import { waysBack } from '../../../server/replies/address.js'
import { SoapFault } from '../../../soap/fault.js'
import type { Addressing, SoapMessage } from '../../../soap/message.js'

const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'
const listed = 'https://ward.test:9443/replies'

function ways(addressing: Addressing, replyTo: string[] = [listed]) {
  const partner: Partner = { name: 'ward', roles: new Set(), address: '::1', replyTo }
  return waysBack({ addressing: { messageID: 'urn:uuid:1', ...addressing } } as SoapMessage, partner)
}

function faultOf(work: () => unknown): { subcodes: (string | undefined)[]; header?: string } {
  try {
    work()
  } catch (problem) {
    if (!(problem instanceof SoapFault)) throw problem
    return { subcodes: [problem.subcode?.name, problem.subSubcode?.name], header: problem.problemHeader?.name }
  }
  throw new Error('no fault')
}

describe('reply address', () => {
  it('is the connection unless something else is said [WS-Addressing 1.0 Core: 3.4]', () => {
    expect(ways({})).to.deep.equal({ reply: undefined, fault: undefined })
    expect(ways({ replyTo: anonymous, faultTo: anonymous })).to.deep.equal({ reply: undefined, fault: undefined })
  })

  it('is a listed URL or one below it; faults go there too [WS-Addressing 1.0 Core: 3.4]', () => {
    for (const replyTo of [listed, `${listed}/ward-3`, `${listed}?call=17`, `${listed}/a/b?c`]) {
      const { reply, fault } = ways({ replyTo })
      expect(reply?.url).to.equal(replyTo)
      expect(fault).to.deep.equal(reply)
    }
    expect(ways({ replyTo: 'https://ward.test/x' }, ['https://ward.test']).reply?.url).to.equal('https://ward.test/x')
    expect(ways({ replyTo: 'https://ward.test:443/r' }, ['https://ward.test/r']).reply?.url).to.equal(
      'https://ward.test/r',
    )
  })

  it('differs for faults where FaultTo says so [WS-Addressing 1.0 Core: 3.4]', () => {
    expect(ways({ replyTo: listed, faultTo: anonymous }).fault).to.equal(undefined)
    expect(ways({ faultTo: `${listed}/faults` })).to.deep.equal({
      reply: undefined,
      fault: { url: `${listed}/faults`, headers: [] },
    })
    const none = 'http://www.w3.org/2005/08/addressing/none'
    expect(ways({ replyTo: listed, faultTo: none }).fault).to.equal(undefined)
  })

  const elsewhere = [
    'https://ward.test:9443/repliesandmore',
    'https://ward.test:9443/',
    'https://ward.test:9443/replies/../admin',
    'https://ward.test:9443/replies/%2e%2e/admin',
    'https://ward.test:9443/replies/..%2fadmin',
    'https://ward.test:9443/replies/..%5cadmin',
    'https://ward.test:9443\\@127.0.0.1/replies',
    'https://ward.test/replies',
    'http://ward.test:9443/replies',
    'https://ward.test:9443@127.0.0.1/replies',
    'https://ward:secret@ward.test:9443/replies',
    'https://ward.test.evil.test:9443/replies',
    'https://127.0.0.1:9443/replies',
    'https://ward.test:9443/replies#part',
    'file:///etc/passwd',
    'no address at all',
  ]
  for (const address of elsewhere) {
    it(`refuses ${address} [WS-Addressing 1.0 SOAP Binding: 6.4.1]`, () => {
      const expected = (header: string) => ({ subcodes: ['InvalidAddressingHeader', 'InvalidAddress'], header })
      expect(faultOf(() => ways({ replyTo: address }))).to.deep.equal(expected('ReplyTo'))
      expect(faultOf(() => ways({ faultTo: address }))).to.deep.equal(expected('FaultTo'))
    })
  }

  it('tells a partner without addresses that only the connection is served [WS-Addressing 1.0 SOAP Binding: 6.4.1]', () => {
    const { subcodes } = faultOf(() => ways({ replyTo: listed }, []))
    expect(subcodes).to.deep.equal(['InvalidAddressingHeader', 'OnlyAnonymousAddressSupported'])
  })

  it('wants a MessageID that the answer can relate to [WS-Addressing 1.0 SOAP Binding: 6.4.2]', () => {
    expect(faultOf(() => ways({ replyTo: listed, messageID: undefined }))).to.deep.equal({
      subcodes: ['MessageAddressingHeaderRequired', undefined],
      header: 'MessageID',
    })
  })

  it('hands back what the endpoint wants to find again [WS-Addressing 1.0 SOAP Binding: 2.3]', () => {
    const call = { namespace: 'urn:ward', name: 'Call', attributes: [], children: [], text: '17' }
    const { reply, fault } = ways({ replyTo: listed, replyParameters: [call] })
    expect(reply?.headers.join('')).to.match(/^<Call xmlns="urn:ward" [^>]*IsReferenceParameter="true">17<\/Call>$/)
    expect(fault).to.deep.equal(reply)
  })
})
