import { createSocket } from 'node:dgram'
import { expect } from 'chai'
import type { Arrival } from '../../../atna-audit/repository/arrival.js'
import { openIntake } from '../../../atna-audit/repository/intake.js'
import { searchAudit } from '../../../atna-audit/repository/search.js'
import { startUdpListener } from '../../../atna-audit/repository/udp-listener.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { until } from '../../house/waiting.js'
import { openMemory, silent } from '../loopback.js'
import { withToken } from './messages.js'

const { clock, network } = ports
const local = { host: '127.0.0.1', port: 0, network, clock }

function send(port: number, messages: Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  const sent = messages.map(
    message =>
      new Promise<void>((resolve, reject) =>
        socket.send(message, port, '127.0.0.1', problem => (problem ? reject(problem) : resolve())),
      ),
  )
  return Promise.all(sent).then(() => void socket.close())
}

describe('the syslog port for datagrams', () => {
  it('keeps each as it came, whole, cut or garbage, and who sent it [TF-2:3.20.4.1.2.1, RFC 5426 §3.1]', async () => {
    const store = await openMemory()
    const listener = await startUdpListener({ ...local, intake: openIntake(store, clock), log: silent })
    const whole = Buffer.from(`<85>1 - h a 7 IHE+RFC-3881 - \ufeff${withToken}`)
    const messages = [whole, whole.subarray(0, 500), Buffer.from([0xff, 0x00, 0x0a]), Buffer.from('<85>Jan 1 h a: x')]
    await send(listener.port, messages)
    const found = () => searchAudit(store, { limit: 10 })
    await until(() => found().length === 4, 'four datagrams are kept')
    expect(found().map(({ frame }) => frame.toString('hex'))).to.have.members(messages.map(one => one.toString('hex')))
    expect(found().map(({ problem }) => problem !== null)).to.have.members([false, true, true, true])
    expect(found()[0]?.origin).to.equal('udp at 127.0.0.1')
    await listener.close()
    await store.close()
  })

  it('counts what it cannot keep, and goes on', async () => {
    let broken = true
    const taken: Arrival[] = []
    const intake = {
      take: (arrivals: Arrival[]) =>
        broken ? Promise.reject(new Error('the disk is full')) : Promise.resolve(arrivals.map(one => taken.push(one))),
      settle: async () => undefined,
    }
    const listener = await startUdpListener({ ...local, intake, log: silent })
    await send(listener.port, [Buffer.from('one')])
    await until(() => listener.lost === 1, 'one is counted')
    broken = false
    await send(listener.port, [Buffer.from('two')])
    await until(() => taken.length === 1, 'the next is taken')
    await listener.close()
  })

  it('stays bounded while nothing gets to the disk', async () => {
    let held = 0
    const intake = {
      take: ([arrival]: Arrival[]) => {
        held += arrival?.frame.length ?? 0
        return new Promise<number[]>(() => undefined)
      },
      settle: async () => undefined,
    }
    const played = {
      receiveUdp: async ({ hear }: Parameters<typeof network.receiveUdp>[0]) => {
        for (let count = 0; count < 1_000; count += 1) hear(Buffer.alloc(60_000), '10.0.0.7')
        return { port: 1, close: async () => undefined }
      },
    }
    const listener = await startUdpListener({ ...local, network: played, intake, log: silent })
    expect(held).to.be.at.most(32 * 1024 * 1024)
    expect(listener.lost).to.equal(1_000 - held / 60_000)
    await listener.close()
  })
})
