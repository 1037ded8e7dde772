// A TCP balancer as any is: each connection goes to the next process that takes it, and nobody remembers whose it was.
import { connect, createServer, type Socket } from 'node:net'

export interface Balancer {
  port: number
  /** How many connections each has been given. */
  given: number[]
  close(): Promise<void>
}

export function balancer(ports: readonly number[]): Promise<Balancer> {
  const given = ports.map(() => 0)
  const sockets = new Set<Socket>()
  let next = 0

  function pass(client: Socket, tries = ports.length): void {
    const at = next++ % ports.length
    const backend = connect(ports[at] ?? 0, '127.0.0.1')
    sockets.add(backend)
    backend.once('close', () => sockets.delete(backend))
    const refused = () => (tries > 1 ? pass(client, tries - 1) : client.destroy())
    backend.once('error', refused)
    backend.once('connect', () => {
      backend.off('error', refused)
      given[at] = (given[at] ?? 0) + 1
      const end = () => {
        client.destroy()
        backend.destroy()
      }
      for (const side of [client, backend]) side.on('error', end).on('close', end)
      client.pipe(backend).pipe(client)
    })
  }

  const server = createServer(client => {
    sockets.add(client)
    client.once('close', () => sockets.delete(client))
    client.on('error', () => client.destroy())
    pass(client)
  })
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        given,
        close: () =>
          new Promise(done => {
            server.close(() => done())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}
