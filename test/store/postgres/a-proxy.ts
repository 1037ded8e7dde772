// Between a store and its server: lets bytes through until a test wants them lost.
import { connect as connectTo, createServer, type Socket } from 'node:net'

export interface LossyProxy {
  port: number
  /** Cuts the connection on which a client next says this, once the server has it, before the server's answer comes back. */
  loseAnswerTo(words: string): void
  /** From now on everything is lost on its way and no connection breaks; or no more. */
  swallow(everything: boolean): void
  close(): void
}

export async function aProxy(serverPort: number): Promise<LossyProxy> {
  let losing: string | undefined
  let isSwallowing = false
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const behind = connectTo({ host: '127.0.0.1', port: serverPort })
    let isLosing = false
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', bytes => {
      if (isSwallowing) return
      if (losing !== undefined && bytes.includes(losing)) {
        losing = undefined
        isLosing = true
      }
      behind.write(bytes)
    })
    behind.on('data', bytes => {
      if (isLosing) client.destroy()
      else if (!isSwallowing) client.write(bytes)
    })
    client.on('close', () => behind.end())
    behind.on('close', () => client.destroy())
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    loseAnswerTo(words) {
      losing = words
    },
    swallow(everything) {
      isSwallowing = everything
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
