// The client of the UPI: what it tries again and what it does not, and what it says of answers that cannot be used.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { openEchClient } from '../../../patient-index/upi/ech-client.js'
import { managedXml } from '../../../patient-index/upi/ech-messages.js'
import { inEnvelope } from '../../../patient-index/upi/soap11.js'
import type { HttpAnswer, HttpCall } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { PartnerUnavailable } from '../../../soap/call.js'

const config = {
  ...{ management: 'https://upi.example/manage', query: 'https://upi.example/query' },
  ...{ senderId: 'sedex://T0-1-2', timeoutMs: 1_000 },
}
const header = { senderId: 'sedex://T0-0-0', messageId: 'm', dateMs: 0, isTest: true }
const positive = inEnvelope(
  managedXml({ is: 'positive', pids: { spids: ['761337610411353650'] }, person: undefined, notices: [] }, header),
)
const cancel = { action: 'cancel', spid: '761337610411353650' } as const

function failing(code: string): () => Promise<HttpAnswer> {
  return () =>
    Promise.reject(Object.assign(new Error(code), { code, syscall: code === 'ECONNREFUSED' ? 'connect' : 'read' }))
}

function answering(text: string, status = 200): () => Promise<HttpAnswer> {
  return async () => ({ status, headers: {}, body: Readable.from([Buffer.from(text)]) })
}

function aClient(...answers: (() => Promise<HttpAnswer>)[]) {
  const calls: HttpCall[] = []
  const clock = { ...systemPorts.clock, sleep: async () => {} }
  const client = {
    call(call: HttpCall) {
      calls.push(call)
      return (answers[calls.length - 1] ?? failing('ETIMEDOUT'))()
    },
  }
  return { calls, upi: openEchClient({ client, config, ports: { ...systemPorts, clock }, isTest: true }) }
}

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    problem => problem as PartnerUnavailable,
  )

describe('the client of the UPI', () => {
  it('speaks SOAP 1.1 to the service that is meant, and says that it only tries [eCH-0058: testDeliveryFlag]', async () => {
    const { calls, upi } = aClient(answering(positive), answering(positive))
    await upi.manage(cancel)
    await upi.info({ vn: '7561234567897' }).catch(() => {})
    expect(calls.map(({ url }) => url)).to.deep.equal(['https://upi.example/manage', 'https://upi.example/query'])
    expect(calls[0]?.headers).to.deep.include({ 'content-type': 'text/xml; charset=utf-8' })
    expect(String([...((calls[0]?.body ?? []) as Iterable<Uint8Array>)][0])).to.contain('<h:testDeliveryFlag>true<')
  })

  it('asks again what only asks', async () => {
    const { calls, upi } = aClient(failing('ETIMEDOUT'), failing('ECONNRESET'), answering(positive))
    expect(await upi.info({ spid: '761337610411353650' })).to.deep.include({ is: 'positive' })
    expect(calls).to.have.length(3)
  })

  it('sends again what never left, and nothing of which nobody knows', async () => {
    const lost = aClient(failing('ECONNREFUSED'), answering(positive))
    expect(await lost.upi.manage(cancel)).to.deep.include({ is: 'positive' })
    const doubtful = aClient(failing('ETIMEDOUT'), answering(positive))
    const problem = await refusalOf(doubtful.upi.manage(cancel))
    expect(problem).to.be.instanceOf(PartnerUnavailable)
    expect(problem?.sent).to.equal('maybe')
    expect(doubtful.calls).to.have.length(1)
  })

  it('gives up after three tries, in words', async () => {
    const { calls, upi } = aClient(failing('ECONNREFUSED'), failing('ECONNREFUSED'), failing('ECONNREFUSED'))
    const problem = await refusalOf(upi.manage(cancel))
    expect(problem?.message).to.equal('https://upi.example/manage cannot be reached: nothing listens there')
    expect(calls).to.have.length(3)
  })

  for (const [what, text] of [
    [
      'a fault',
      inEnvelope(
        '<soap:Fault xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><faultstring>closed for today</faultstring></soap:Fault>',
      ),
    ],
    ['a page', '<html><body>maintenance</body></html>'],
    ['no XML', 'nothing'],
    ['too much', `<a>${'x'.repeat(1_100_000)}</a>`],
    ['neither yes nor no', inEnvelope('<response xmlns="http://www.ech.ch/xmlns/eCH-0213/1"/>')],
  ] as const) {
    it(`says of ${what} that it cannot be used`, async () => {
      const problem = await refusalOf(aClient(answering(text, 500)).upi.manage(cancel))
      expect(problem).to.be.instanceOf(PartnerUnavailable)
      expect(problem?.message).to.match(/^the answer of https:\/\/upi\.example\/manage \(HTTP 500\) cannot be used: /)
    })
  }
})
