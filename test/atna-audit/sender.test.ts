import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Outbox } from '../../atna-audit/outbox.js'
import { type Intake, openIntake } from '../../atna-audit/repository/intake.js'
import { searchAudit } from '../../atna-audit/repository/search.js'
import { type SyslogListener, startSyslogListener } from '../../atna-audit/repository/syslog-listener.js'
import { type Sender, type StartSender, startSender } from '../../atna-audit/sender.js'
import { frameReader } from '../../atna-audit/syslog-frames.js'
import type { Connection, HttpServer, RefusedHandshake } from '../../ports/network.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { StoreAway } from '../../store/failures.js'
import type { Store } from '../../store/store.js'
import { until } from '../house/waiting.js'
import { anOutbox, certificates, openMemory, quick, records, silent } from './loopback.js'

/** Presumes nothing before a busy machine has shown what became of a connection. */
const patient = { ...quick, presumeMs: 700 }

describe('the way from outbox to audit repository, over mutual TLS', () => {
  let store: Store
  let sink: Store
  let outbox: Outbox
  const closing: (() => Promise<void>)[] = []

  before(certificates)
  beforeEach(async () => {
    store = await openMemory()
    sink = await openMemory()
    outbox = anOutbox(store)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    await store.close()
    await sink.close()
  })

  async function send(port: number, options: Partial<StartSender> = {}): Promise<Sender> {
    const tls = (await certificates()).service
    const sender = startSender(outbox, { host: '127.0.0.1', port, tls, ports, log: silent, times: quick, ...options })
    closing.push(() => sender.close(0))
    return sender
  }

  async function listen(
    options: { port?: number; intake?: Intake; refused?: RefusedHandshake[] } = {},
  ): Promise<SyslogListener> {
    const listener = await startSyslogListener({
      host: '127.0.0.1',
      port: options.port ?? 0,
      tls: (await certificates()).service,
      maxMessageBytes: 1_000_000,
      network: ports.network,
      clock: ports.clock,
      intake: options.intake ?? openIntake(sink, ports.clock),
      log: silent,
      onRefusedHandshake: refused => options.refused?.push(refused),
    })
    closing.push(() => listener.close(0))
    return listener
  }

  /** A receiver of another maker: no acknowledgement, and `serve` does what it likes. */
  async function foreign(serve: (connection: Connection) => void): Promise<HttpServer> {
    const tls = (await certificates()).service
    const server = await ports.network.serveTls({ host: '127.0.0.1', port: 0, tls }, connection => {
      connection.stream.on('error', () => undefined)
      serve(connection)
    })
    closing.push(() => server.close(0))
    return server
  }

  const orWaits = (ended: Promise<void>) =>
    Promise.race([ended.then(() => 'ended'), ports.clock.sleep(15_000, { idle: true }).then(() => 'waits')])
  const stored = () => searchAudit(sink, { limit: 100_000 })
  const digestsOf = (frames: { frame: Uint8Array }[]) =>
    frames.map(({ frame }) => createHash('sha256').update(frame).digest('hex'))

  it('brings every record, byte for byte, and empties the outbox [TF-2:3.20.4.1.1]', async () => {
    const { port } = await listen()
    const sender = await send(port)
    await store.write(() => outbox.insert(records(300)))
    const sent = digestsOf(await outbox.waiting(0, 1_000))
    await until(() => outbox.depth() === 0, 'the outbox is empty')
    expect(digestsOf(stored())).to.deep.equal(sent)
    expect(sender.state).to.deep.equal({ connected: true, acknowledged: true, delivered: 300 })
    expect(stored()[0]?.origin).to.equal('carnet-test at 127.0.0.1')
  })

  it('keeps what is written while the repository is away, and sends it afterwards [TF-2:3.20.4.1.1]', async () => {
    const gone = await listen()
    await gone.close(0)
    const sender = await send(gone.port)
    await outbox.append(records(10_000))
    await until(() => sender.state.problem !== undefined, 'the sender notices')
    expect(outbox.depth()).to.equal(10_000)
    await listen({ port: gone.port })
    await until(() => outbox.depth() === 0, 'ten thousand records are delivered', 50_000)
    expect(stored().length).to.equal(10_000)
    expect(sender.state.problem).to.equal(undefined)
  })

  it('blames nobody who takes records while those that wait cannot be read, and goes on as soon as they can', async () => {
    const { port } = await listen()
    const said: string[] = []
    let isAway = true
    const { waiting } = outbox
    outbox.waiting = (...asked) => (isAway ? Promise.reject(new StoreAway('no database')) : waiting(...asked))
    await outbox.append(records(3))
    const sender = await send(port, {
      log: { info: (_, words) => said.push(words), warn: (_, words) => said.push(words) },
    })
    await ports.clock.sleep(150)
    isAway = false
    await until(() => outbox.depth() === 0, 'all are delivered')
    expect([said, sender.state.problem]).to.deep.equal([[], undefined])
  })

  it('loses nothing and keeps nothing twice when the repository dies between receipt and commit', async () => {
    let deaths = 0
    const real = openIntake(sink, ports.clock)
    // Every other time it stores the records and dies before it says so, or dies before it has stored them.
    const dying: Intake = {
      ...real,
      async take(arrivals) {
        deaths += 1
        if (deaths % 2 === 0) await real.take(arrivals)
        if (deaths <= 6) throw new Error('killed')
        return deaths % 2 === 1 ? real.take(arrivals) : []
      },
    }
    const { port } = await listen({ intake: dying })
    await send(port)
    const all: string[] = []
    for (let round = 0; round < 8; round += 1) {
      await outbox.append(records(20, `round ${round}`))
      all.push(...digestsOf(await outbox.waiting(0, 1_000)))
      await ports.clock.sleep(15)
    }
    await until(() => outbox.depth() === 0, 'the outbox is empty')
    const kept = digestsOf(stored())
    expect(kept.length).to.equal(160)
    expect(new Set(kept)).to.deep.equal(new Set(all))
    expect(deaths).to.be.greaterThan(6)
  })

  it('goes to a foreign repository too, and forgets a record only when the connection has lived on', async () => {
    const reader = frameReader({ maxMessageBytes: 1_000_000 })
    const got: string[] = []
    let keptOnArrival = 0
    const server = await foreign(({ stream }) => {
      stream.on('data', (bytes: Buffer) => {
        got.push(...reader.read(bytes).map(frame => frame.bytes.toString()))
        keptOnArrival = outbox.depth()
      })
    })
    const sender = await send(server.port, { times: patient })
    await outbox.append(records(5))
    await until(() => got.length === 5, 'the records arrive')
    expect([keptOnArrival, sender.state.acknowledged]).to.deep.equal([5, false])
    await until(() => outbox.depth() === 0, 'they are forgotten')
    expect(sender.state.delivered).to.equal(5)
  })

  it('sends again what a foreign repository may not have read', async () => {
    let connections = 0
    const got: string[] = []
    const server = await foreign(({ stream }) => {
      connections += 1
      const reader = frameReader({ maxMessageBytes: 1_000_000 })
      stream.on('data', (bytes: Buffer) => {
        if (connections === 1) stream.destroy()
        else got.push(...reader.read(bytes).map(frame => frame.bytes.toString()))
      })
    })
    await send(server.port, { times: patient })
    await outbox.append(records(5))
    await until(() => outbox.depth() === 0, 'the outbox is empty')
    expect(got.length).to.equal(5)
    expect(connections).to.equal(2)
  })

  it('gives up a repository that agreed to acknowledge and stays silent', async () => {
    const silentIntake: Intake = { take: () => new Promise(() => undefined), settle: async () => undefined }
    const { port } = await listen({ intake: silentIntake })
    const sender = await send(port, { times: { ...quick, acknowledgeMs: 60 } })
    await outbox.append(records(1))
    await until(() => sender.state.problem !== undefined, 'the sender loses patience')
    expect(sender.state.problem).to.match(/not acknowledged/)
    expect(outbox.depth()).to.equal(1)
  })

  it('is refused with another certificate; the repository hears of it, and nothing is lost [TF-2:3.19]', async () => {
    const refused: RefusedHandshake[] = []
    const { port } = await listen({ refused })
    const sender = await send(port, { tls: (await certificates()).stranger })
    await outbox.append(records(3))
    await until(() => refused.length > 0, 'the handshake is refused')
    expect(refused[0]?.remoteAddress).to.equal('127.0.0.1')
    expect(refused[0]?.reason).to.match(/not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/)
    await until(() => sender.state.problem !== undefined, 'the sender notices')
    expect(outbox.depth()).to.equal(3)
    sender.renewTls((await certificates()).service)
    await until(() => outbox.depth() === 0, 'with the right certificate all goes')
    expect(stored().length).to.equal(3)
  })

  it('sends what waits before it ends', async () => {
    const { port } = await listen()
    const sender = await send(port)
    await outbox.append(records(2_000))
    await sender.close(50_000)
    expect(outbox.depth()).to.equal(0)
    expect(stored().length).to.equal(2_000)
  })

  it('counts an orderly end of a foreign repository as having been read', async () => {
    const server = await foreign(({ stream }) => void stream.resume())
    const sender = await send(server.port, { times: { ...quick, presumeMs: 60_000 } })
    await outbox.append(records(5))
    await sender.close(50_000)
    expect(outbox.depth()).to.equal(0)
  })

  it('ends in time, with a repository away, silent, or not reading', async () => {
    const gone = await listen()
    await gone.close(0)
    const frozen = await foreign(({ stream }) => void stream.pause())
    let release = () => {}
    const forLong = new Promise<number[]>(resolve => {
      release = () => resolve([])
    })
    const quiet = await listen({ intake: { take: () => forLong, settle: async () => undefined } })
    await outbox.append(records(1_000))
    for (const port of [gone.port, frozen.port, quiet.port]) {
      const sender = await send(port, { times: { ...quick, presumeMs: 60_000 } })
      await ports.clock.sleep(50)
      const start = Date.now()
      await sender.close(200)
      // Otherwise it would wait for a minute.
      expect(Date.now() - start).to.be.lessThan(15_000)
    }
    release()
    expect(outbox.depth()).to.equal(1_000)
  })

  it('waits for no repository that is gone, and leaves its records for the next start', async () => {
    const gone = await listen()
    await gone.close(0)
    const times = { ...quick, firstRetryMs: 20_000, lastRetryMs: 20_000 }
    const sender = await send(gone.port, { times })
    await outbox.append(records(10))
    await until(() => sender.state.problem !== undefined, 'the sender notices')
    const ended = sender.close(60_000)
    expect(await orWaits(ended)).to.equal('ended')
    expect(outbox.depth()).to.equal(10)
  })

  it('keeps nothing of the connections that it has tried', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error) => void warnings.push(warning)
    process.on('warning', hear)
    try {
      let tries = 0
      const connectTls = () => {
        tries += 1
        return Promise.reject(new Error('nobody listens there'))
      }
      await outbox.append(records(1))
      const times = { ...quick, firstRetryMs: 1, lastRetryMs: 1 }
      await send(1, { ports: { ...ports, network: { ...ports.network, connectTls } }, times })
      // With eleven listeners at one signal Node warns.
      await until(() => tries > 12, 'a dozen tries')
      expect(warnings).to.deep.equal([])
    } finally {
      process.off('warning', hear)
    }
  })

  it('is not held up by a handshake that never ends', async () => {
    const deaf = await ports.network.serveTcp({ host: '127.0.0.1', port: 0 }, ({ stream }) => void stream.resume())
    closing.push(() => deaf.close(0))
    const sender = await send(deaf.port, { times: { ...quick, connectMs: 60_000 } })
    await outbox.append(records(10))
    await ports.clock.sleep(50)
    const ended = sender.close(100)
    expect(await orWaits(ended)).to.equal('ended')
    expect(outbox.depth()).to.equal(10)
  })
})
