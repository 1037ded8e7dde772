// Answers on their way to a ReplyTo: tried again, given up, bounded, and never at the cost of anybody else.
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { HttpAnswer, HttpCall } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { openMetrics } from '../../../server/metrics.js'
import { type KeptReplies, openKeptReplies } from '../../../server/replies/kept-replies.js'
import { type OutgoingReply, openReplies, type Replies } from '../../../server/replies/replies.js'
import { until } from '../../house/waiting.js'
import { silentLog } from '../silent-log.js'

const answering = (status: number): HttpAnswer => ({ status, headers: {}, body: Readable.from([]) })

/** A clock on which waiting takes no time, and a partner who answers as told; what is over is answered 200. */
function played(answers: (number | Error | Promise<number>)[] = [], bounds = {}, kept?: KeptReplies, startMs = 0) {
  const calls: { url: string; body: string }[] = []
  const waits: number[] = []
  const given: string[] = []
  let nowMs = startMs
  const replies: Replies = openReplies({
    client: {
      async call({ url, body, headers }: HttpCall) {
        const pieces: Uint8Array[] = []
        for await (const piece of body ?? []) pieces.push(Buffer.from(piece))
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
      now: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: async delayMs => {
        waits.push(delayMs)
        nowMs += delayMs
      },
    },
    log: silentLog,
    metrics: openMetrics('test'),
    bounds: { waiting: 3, megabytes: 1, minutes: 10, ...bounds },
    kept,
    undelivered: ({ traceId }, why) => void given.push(`${traceId}: ${why}`),
  })
  return { replies, calls, waits, lost: given }
}

function reply(text = 'answer', changes: Partial<OutgoingReply> = {}) {
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
    records: [],
    ...changes,
  }
  return { outgoing }
}

const settled = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)))

describe('replies', () => {
  it('posts an answer once when it is taken', async () => {
    const { replies, calls, lost } = played([202])
    const { outgoing } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    await replies.close(0)
    expect(calls).to.deep.equal([{ url: 'https://ward.test/replies', body: 'answer' }])
    expect(lost).to.deep.equal([])
  })

  it('tries again with growing waits, whole each time, while the partner cannot be reached or is in trouble', async () => {
    const refused = Object.assign(new Error('nobody there'), { code: 'ECONNREFUSED' })
    const { replies, calls, waits, lost } = played([refused, 503, 500, 429, 200])
    const { outgoing } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    expect(calls.map(({ body }) => body)).to.deep.equal(Array(5).fill('answer'))
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000])
    expect(lost).to.deep.equal([])
  })

  it('takes over what another process has left, and leaves nothing of it there', async () => {
    const folder = await systemPorts.files.temporaryFolder('carnet-replies-')
    const at = (name: string) =>
      openKeptReplies({ folder: join(folder, name), keyFile: join(folder, `${name}.key`) }, systemPorts)
    const [theirs, ours] = [await at('theirs'), await at('ours')]
    const head = {
      ...{ partner: 'ward', url: 'https://ward.test/replies', traceId: 'trace', traceparent: '00-trace-01' },
      ...{ contentType: 'application/soap+xml', keptMs: 1_000, records: [] },
    }
    for (const text of ['first', 'second'])
      await theirs.keep({ ...head, keptMs: head.keptMs + text.length }, [Buffer.from(text)])
    const { replies, calls, lost } = played([], {}, ours, 5_000)
    await replies.adopt(await theirs.left(), partner => partner === 'ward')
    await until(async () => (await ours.left()).length === 0, 'nothing is left')
    expect(calls.map(({ body }) => body).sort()).to.deep.equal(['first', 'second'])
    expect([lost, await theirs.left(), await ours.left()]).to.deep.equal([[], [], []])
    await systemPorts.files.removeFolder(folder)
  })

  it('gives up after the time that is set, and says so', async () => {
    const { replies, waits, lost } = played(Array(100).fill(503))
    const { outgoing } = reply()
    replies.reserve('ward')?.send(outgoing)
    await settled()
    expect(waits.at(-1)).to.equal(60_000)
    expect(waits.reduce((sum, wait) => sum + wait, 0)).to.be.within(500_000, 600_000)
    expect(lost).to.have.length(1)
    expect(lost[0]).to.contain('https://ward.test/replies').and.to.contain('503')
  })

  for (const status of [301, 307, 400, 404]) {
    it(`gives up at once when it is answered ${status}, and follows nobody`, async () => {
      const { replies, calls, lost } = played([status])
      const { outgoing } = reply()
      replies.reserve('ward')?.send(outgoing)
      await settled()
      expect(calls).to.have.length(1)
      expect(lost[0]).to.contain(String(status))
    })
  }

  it('does not try a spoilt document again', async () => {
    const { replies, calls, lost } = played()
    const { outgoing } = reply('', {
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

  describe('kept on the disk', () => {
    let folder: string
    beforeEach(async () => {
      folder = await systemPorts.files.temporaryFolder('carnet-replies-')
    })
    afterEach(() => systemPorts.files.removeFolder(folder))

    const kept = () => openKeptReplies({ folder: `${folder}/replies`, keyFile: `${folder}/key` }, systemPorts)
    const waiting = async () => (await systemPorts.files.list(`${folder}/replies`)).length
    const gone = () => until(async () => (await waiting()) === 0, 'no file is left')
    const toAll = () => true

    /** One answer that nobody takes before the service ends. */
    async function left() {
      const played1 = played(Array(100).fill(503), {}, await kept())
      const place = played1.replies.reserve('ward')
      const { outgoing } = reply()
      const keeping = (await place?.keep(outgoing)) as OutgoingReply
      await played1.replies.close(0)
      place?.send(keeping)
      await until(() => played1.calls.length > 0)
      await settled()
      expect(played1.lost).to.deep.equal([])
      expect(await waiting()).to.equal(1)
    }

    it('an answer is sent by the next start, once, and its file is gone', async () => {
      await left()
      const next = played([503, 200], {}, await kept(), 5_000)
      await next.replies.resume(toAll)
      await until(() => next.calls.length === 2)
      await gone()
      await next.replies.close(0)
      expect(next.calls.map(({ url, body }) => `${url} ${body}`)).to.deep.equal(
        Array(2).fill('https://ward.test/replies answer'),
      )
      const third = played([], {}, await kept())
      await third.replies.resume(toAll)
      await third.replies.close(0)
      expect(third.calls).to.deep.equal([])
    })

    it('is not sent to an address that is not listed any more, nor when its time is over', async () => {
      for (const [mayBeSent, startMs, why] of [
        [() => false, 0, 'not listed for ward any more'],
        [toAll, 11 * 60_000, 'its time was over'],
      ] as const) {
        await left()
        const next = played([], {}, await kept(), startMs)
        await next.replies.resume(mayBeSent)
        await next.replies.close(0)
        expect(next.calls).to.deep.equal([])
        expect(next.lost).to.have.length(1)
        expect(next.lost[0]).to.contain(why)
        await gone()
      }
    })

    it('counts among those of its partner after the start too', async () => {
      await left()
      const next = played([new Promise<number>(() => {})], { waiting: 1 }, await kept())
      await next.replies.resume(toAll)
      expect(next.replies.reserve('ward')).to.equal(undefined)
      expect(next.replies.reserve('clinic')).not.to.equal(undefined)
    })

    it('can be tried again though its document could be read only once', async () => {
      let opened = 0
      const once = () => ({
        contentType: 'x/y',
        contentLength: undefined,
        pieces: (async function* () {
          opened += 1
          if (opened > 1) throw new Error('it is gone')
          yield Buffer.from('made on demand')
        })(),
      })
      const { replies, calls, lost } = played([503, 200], {}, await kept())
      const place = replies.reserve('ward')
      place?.send((await place.keep(reply('', { write: once }).outgoing)) as OutgoingReply)
      await until(() => calls.length === 2)
      expect(calls.map(({ body }) => body)).to.deep.equal(['made on demand', 'made on demand'])
      expect(lost).to.deep.equal([])
    })

    it('waits in memory where the disk does not take it', async () => {
      const full = { keep: async () => Promise.reject(new Error('ENOSPC')), left: async () => [] }
      const { replies, calls } = played([503, 200], {}, full)
      const place = replies.reserve('ward')
      place?.send((await place.keep(reply().outgoing)) as OutgoingReply)
      await until(() => calls.length === 2)
      expect(calls.map(({ body }) => body)).to.deep.equal(['answer', 'answer'])
    })
  })
})
