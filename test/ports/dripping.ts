import type { HttpReply } from '../../ports/network.js'

/** A byte, and another one, as long as somebody listens. */
export function drip(reply: HttpReply, headers: Record<string, string> = {}): void {
  reply.start(200, headers)
  const drops = setInterval(() => reply.stream.write(' '), 5)
  reply.stream.on('close', () => clearInterval(drops))
}
