// Answers on their way to a ReplyTo: tried again, given up, bounded, and never at the cost of anybody else.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { HttpAnswer, HttpCall } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { silentLog } from '../../server/log.js'
import { openMetrics } from '../../server/metrics.js'
import { type OutgoingReply, openReplies, type Replies } from '../../server/replies.js'

const answering = (status: number): HttpAnswer => ({ status, headers: {}, body: Readable.from([]) })

/** A clock on which waiting takes no time, and a partner who answers as told; what is over is answered 200. */
function played(answers: (number | Error | Promise<number>)[] = [], bounds = {}) {
  const calls: { url: string; body: string }[] = []
  const waits: number[] = []
  let nowMs = 0
  const replies: Replies = openReplies({
    client: {
      async call({ url, body, headers }: HttpCall) {
        const pieces: Uint8Array[] = []
        for await (const piece of body ?? []) pieces.push(piece)
        calls.push({ url, body: Buffer.concat(pieces).toString() })
        expect(headers.traceparent).to.equal('00-trace-01')
        const next = await (answers.shift() ?? 200)
        if (next instanceof Error) throw next
        return answering(next)
      },
      renewTls() {},
      close() {},
    },
    clock: {
      ...systemPorts.clock,
      monotonicMs: () => nowMs,
      sleep: async delayMs => {
        waits.push(delayMs)
        nowMs += delayMs
      },
    },
    log: silentLog,
    metrics: openMetrics('test'),
    bounds: { waiting: 3, megabytes: 1, minutes: 10, ...bounds },
  })
  return { replies, calls, waits }
}

function reply(text = 'answer', changes: Partial<OutgoingReply> = {}) {
  const lost: string[] = []
  const outgoing: OutgoingReply = {
    url: 'https://ward.test/replies',
    traceId: 'trace',
    traceparent: '00-trace-01',
    heldBytes: text.length,
    write: () => ({
      contentType: 'application/soap+xml',
      contentLength: text.length,
      pieces: [Buffer.from(text)],
    }),
    undelivered: why => void lost.push(why),
    ...changes,
  }
  return { outgoing, lost }
}

const settled = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)))

describe('replies', () => {
  it('posts an answer once when it is taken', async () => {
    const { replies, calls } = played([202])
    const { outgoing, lost } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    await replies.close(0)
    expect(calls).to.deep.equal([{ url: 'https://ward.test/replies', body: 'answer' }])
    expect(lost).to.deep.equal([])
  })

  it('tries again with growing waits, whole each time, while the partner cannot be reached or is in trouble', async () => {
    const refused = Object.assign(new Error('nobody there'), { code: 'ECONNREFUSED' })
    const { replies, calls, waits } = played([refused, 503, 500, 429, 200])
    const { outgoing, lost } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    expect(calls.map(({ body }) => body)).to.deep.equal(Array(5).fill('answer'))
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000])
    expect(lost).to.deep.equal([])
  })

  it('gives up after the time that is set, and says so', async () => {
    const { replies, waits } = played(Array(100).fill(503))
    const { outgoing, lost } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    expect(waits.at(-1)).to.equal(60_000)
    expect(waits.reduce((sum, wait) => sum + wait, 0)).to.be.within(500_000, 600_000)
    expect(lost).to.have.length(1)
    expect(lost[0]).to.contain('https://ward.test/replies').and.to.contain('503')
  })

  for (const status of [301, 307, 400, 404]) {
    it(`gives up at once when it is answered ${status}, and follows nobody`, async () => {
      const { replies, calls } = played([status])
      const { outgoing, lost } = reply()
      replies.reserve('ward')?.send(outgoing)
      await settled()
      expect(calls).to.have.length(1)
      expect(lost[0]).to.contain(String(status))
    })
  }

  it('does not try a spoilt document again', async () => {
    const { replies, calls } = played()
    const { outgoing, lost } = reply('', {
      write: () => ({
        contentType: 'x/y',
        contentLength: 5,
        // biome-ignore lint/correctness/useYield: it breaks before its first byte
        pieces: (async function* () {
          throw new Error('the document is damaged')
        })(),
      }),
    })
    replies.reserve('ward')?.send(outgoing)
    await settled()
    expect(calls).to.deep.equal([])
    expect(lost).to.have.length(1)
    expect(lost[0]).to.contain('the document is damaged')
  })

  it('has room for so many answers of a partner, and for those of others beside them', async () => {
    const never = new Promise<number>(() => {})
    const { replies, calls } = played([never, never, never])
    for (let count = 0; count < 3; count += 1) replies.reserve('ward')?.send(reply().outgoing)
    await settled()
    expect(replies.reserve('ward')).to.equal(undefined)
    const { outgoing } = reply('for the clinic')
    replies.reserve('clinic')?.send(outgoing)
    await settled()
    expect(calls.at(-1)?.body).to.equal('for the clinic')
  })

  it('counts bytes too, and a place that was not needed is free again', async () => {
    const { replies } = played([new Promise<number>(() => {})])
    replies.reserve('ward')?.send(reply('', { heldBytes: 2_000_000 }).outgoing)
    expect(replies.reserve('ward')).to.equal(undefined)
    const places = [1, 2, 3].map(() => replies.reserve('clinic'))
    expect(replies.reserve('clinic')).to.equal(undefined)
    for (const place of places) place?.release()
    expect(replies.reserve('clinic')).not.to.equal(undefined)
  })

  it('frees the place of what was delivered', async () => {
    const { replies, calls } = played()
    for (let count = 0; count < 10; count += 1) {
      replies.reserve('ward')?.send(reply(`answer ${count}`).outgoing)
      await settled()
    }
    expect(calls).to.have.length(10)
  })
})
