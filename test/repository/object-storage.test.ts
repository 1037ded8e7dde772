import { expect } from 'chai'
import type { ClientTls, HttpAnswer } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { openObjectStorage } from '../../repository/object-storage.js'

describe('the object storage of a deployment', () => {
  const config = {
    ...{ endpoint: 'https://s3.example', region: 'us-east-1', pathStyle: true, credentials: 's3.json', ca: 'ca.pem' },
    ...{ encryption: 'none' as const, timeoutMs: 10, patienceMs: 10 },
  }

  function played(read: (path: string) => Promise<Buffer>) {
    const shown: ClientTls[] = []
    let tick = () => {}
    const ports = {
      ...systemPorts,
      files: { ...systemPorts.files, readFile: read },
      clock: {
        ...systemPorts.clock,
        every(_: number, work: () => void) {
          tick = work
          return { cancel() {} }
        },
      },
      network: {
        ...systemPorts.network,
        httpClient(tls: ClientTls = {}) {
          shown.push(tls)
          const call = () => Promise.reject<HttpAnswer>(new Error('not called'))
          const renewTls = (renewed: ClientTls) => {
            if (String(renewed.ca) === 'half of') throw new Error('no certificate')
            shown.push(renewed)
          }
          return { call, close() {}, renewTls }
        },
      },
    }
    return { ports, shown, tick: () => tick() }
  }

  it('is trusted by the CA in its file, and by another one once the file has that', async () => {
    let text = 'first'
    const { ports, shown, tick } = played(async () => {
      if (text === 'away') throw new Error('ENOENT')
      return Buffer.from(text)
    })
    const storage = await openObjectStorage({ config, target: undefined, ports, told() {} })
    const said = () => shown.map(({ ca }) => String(ca))
    for (const next of ['first', 'away', '', 'half of', 'half of', 'second', 'second']) {
      text = next
      await tick()
      await new Promise(setImmediate)
    }
    expect(said()).to.deep.equal(['first', 'second'])
    storage.close()
  })

  it('cannot be used without the file that is named', async () => {
    const { ports } = played(() => Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })))
    const problem = await openObjectStorage({ config, target: undefined, ports, told() {} }).catch(thrown => thrown)
    expect([problem.constructor.name, problem.message]).to.deep.equal([
      'CannotStart',
      'repository.objectStorage.ca: ca.pem cannot be read (ENOENT); put the CA there',
    ])
  })
})
