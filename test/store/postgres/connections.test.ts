// Connections to a server that does what servers do when they die.
import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { openPool } from '../../../store/postgres/connections.js'
import { failureOf, kindOf } from '../../../store/postgres/failures.js'
import { serverAt } from './a-cluster.js'

describe('connections to PostgreSQL', () => {
  let server: Server

  afterEach(() => void server.close())

  /** Says all of it at once to whoever connects. */
  async function serverThatSays(messages: Buffer[], then: 'hangs up' | 'says nothing more'): Promise<number> {
    server = createServer(socket => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write(Buffer.concat(messages))
        if (then === 'hangs up') socket.end()
      })
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    return (server.address() as { port: number }).port
  }

  function message(type: string, body: Buffer): Buffer {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }

  const authenticationOk = message('R', Buffer.alloc(4))
  const readyForQuery = message('Z', Buffer.from('I'))

  it('that end in the same breath in which they were made end nothing else', async () => {
    const dies = message(
      'E',
      Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
    )
    const port = await serverThatSays([authenticationOk, readyForQuery, dies], 'hangs up')
    const pool = openPool(serverAt(port, 'any'), systemPorts.network, { connections: 1, waitMs: 5_000, settings: {} })
    const line = await pool.connect()
    const problem = await line.query({ text: 'SELECT 1' }).catch((failure: Error) => failure)
    expect(problem).to.be.instanceOf(Error)
    line.release(true)
    await pool.close()
  })
  it("on which no answer comes are cut, with all that was asked on them, and are nobody else's", async () => {
    const port = await serverThatSays([authenticationOk, readyForQuery], 'says nothing more')
    const options = { connections: 1, waitMs: 5_000, answerMs: 50, settings: {} }
    const pool = openPool(serverAt(port, 'any'), systemPorts.network, options)
    const line = await pool.connect()
    const asked = ['SELECT 1', 'SELECT 2'].map(text => line.query({ text }).catch(failureOf))
    const problems = (await Promise.all(asked)) as Error[]
    expect(problems.map(problem => problem.name)).to.deep.equal(['StoreAway', 'StoreAway'])
    line.release()
    const next = await pool.connect()
    expect(await next.query({ text: 'SELECT 3' }).catch(kindOf)).to.equal('away')
    next.release(true)
    await pool.close()
  })
})
