// Connections to a server that does what servers do when they die.
import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { openPool } from '../../../store/postgres/connections.js'
import { serverAt } from './a-cluster.js'

describe('connections to PostgreSQL', () => {
  let server: Server

  afterEach(() => void server.close())

  /** Says all of it at once to whoever connects, and hangs up. */
  async function serverThatSays(...messages: Buffer[]): Promise<number> {
    server = createServer(socket => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(Buffer.concat(messages)))
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    return (server.address() as { port: number }).port
  }

  function message(type: string, body: Buffer): Buffer {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }

  it('that end in the same breath in which they were made end nothing else', async () => {
    const authenticationOk = message('R', Buffer.alloc(4))
    const readyForQuery = message('Z', Buffer.from('I'))
    const dies = message(
      'E',
      Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
    )
    const port = await serverThatSays(authenticationOk, readyForQuery, dies)
    const pool = openPool(serverAt(port, 'any'), systemPorts.network, { connections: 1, waitMs: 5_000, settings: {} })
    const line = await pool.connect()
    const problem = await line.query({ text: 'SELECT 1' }).catch((failure: Error) => failure)
    expect(problem).to.be.instanceOf(Error)
    line.release(true)
    await pool.close()
  })
})
