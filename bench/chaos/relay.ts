// A wire between a client and a service that breaks after so many bytes of what the service says, counted from a moment on.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Relay {
  port: number
  /** From here on so many bytes pass to the client; with the next one both sides are cut off. */
  breakAfter(bytes: number): void
  /** Bytes since then, passed or not. */
  readonly said: number
  close(): void
}

/** For one connection. */
export async function openRelay(servicePort: number): Promise<Relay> {
  let left: number | undefined
  let said = 0
  const sockets: Socket[] = []
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const server = createServer(client => {
    const service = connect(servicePort, '127.0.0.1')
    sockets.push(client, service)
    client.on('error', cut).on('close', cut)
    service.on('error', () => {}).on('close', () => client.end())
    client.on('data', piece => service.write(piece))
    service.on('data', piece => {
      if (left === undefined) return void client.write(piece)
      said += piece.length
      const passed = piece.subarray(0, left)
      left -= passed.length
      if (passed.length === piece.length) return void client.write(passed)
      // What was passed reaches the client, where a reset might overtake it.
      client.end(passed)
      service.resetAndDestroy()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    breakAfter(bytes) {
      left = bytes
      said = 0
    },
    get said() {
      return said
    },
    close() {
      cut()
      server.close()
    },
  }
}
