// A client whose answers come by requests of the other side.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { answeredElsewhere } from '../../../gateway/later/answered-elsewhere.js'
import type { HttpAnswer, HttpClient } from '../../../ports/network.js'

const call = { url: 'https://bern', method: 'POST', headers: {}, timeoutMs: 1_000 } as const
const answered = (status: number, text = '', type?: string): HttpAnswer => ({
  ...{ status, body: Readable.from([text]) },
  headers: type === undefined ? {} : { 'content-type': type },
})

/** What the other side says on the connection, and what comes by another. */
function asked(onConnection: Promise<HttpAnswer>, arrival: Promise<HttpAnswer>) {
  const client: HttpClient = { call: () => onConnection, renewTls() {}, close() {} }
  const here: string[] = []
  return { here, through: answeredElsewhere(client, arrival, () => void here.push('here')) }
}

const never = new Promise<HttpAnswer>(() => {})

describe('a client that is answered elsewhere', () => {
  it('has its answer when that comes, before the 202 or behind it [WS-Addressing 1.0 SOAP Binding: 5.1]', async () => {
    const answer = answered(200, 'the answer')
    for (const connection of [Promise.resolve(answered(202)), never]) {
      const { through, here } = asked(connection, Promise.resolve(answer))
      expect(await through.call(call)).to.equal(answer)
      expect(here).to.deep.equal([])
    }
  })

  it('takes what is said on the connection, where it is more than that it will be answered', async () => {
    const fault = answered(500, 'a fault', 'application/soap+xml')
    const { through, here } = asked(Promise.resolve(fault), never)
    expect(await through.call(call)).to.equal(fault)
    expect(here).to.deep.equal(['here'])
  })

  it('fails where the request does', async () => {
    const { through } = asked(Promise.reject(new Error('nothing listens there')), never)
    expect(await through.call(call).catch((problem: Error) => problem.message)).to.equal('nothing listens there')
  })

  it('waits no longer than it is let, and breaks off what comes then', async () => {
    const over = new AbortController()
    const { through } = asked(Promise.resolve(answered(202)), never)
    const waiting = through.call({ ...call, signal: over.signal })
    over.abort(new Error('its time is over'))
    expect(await waiting.catch((problem: Error) => problem.message)).to.equal('its time is over')

    const later = new AbortController()
    const coming = answered(200, 'a long answer')
    coming.body.on('error', () => {})
    await asked(Promise.resolve(answered(202)), Promise.resolve(coming)).through.call({ ...call, signal: later.signal })
    later.abort(new Error('its time is over'))
    expect(coming.body.destroyed).to.equal(true)
  })
})
