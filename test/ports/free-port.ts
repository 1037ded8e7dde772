// Ports for servers that are started a moment later, some of them again and again.
import { createServer } from 'node:net'

/** Nobody else's now, and below those that outgoing connections are given: none of these takes it before the server does. */
export async function freePort(): Promise<number> {
  for (; next < firstPort + count; next += 1) {
    if (await isFree(next)) return next++
  }
  throw new Error('no free ports on this machine')
}

const firstPort = 11_000
const count = 9_000
/** Processes that begin one after another begin far from one another; none is given twice. */
let next = firstPort + ((process.pid * 37) % 200) * 40

export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
