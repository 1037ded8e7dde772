// A peer that answers what it is given to answer, one after another, over plain HTTP on the loopback address.
import { systemPorts } from '../../../ports/ports.js'

export interface PlayedAnswer {
  /** 200 unless given. */
  status?: number
  contentType: string
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface PlayedPeer {
  url: string
  close(): Promise<void>
}

export async function playedPeer(answers: readonly PlayedAnswer[]): Promise<PlayedPeer> {
  const left = [...answers]
  const door = await systemPorts.network.serveHttp({ host: '127.0.0.1', port: 0 }, (request, reply) => {
    void (async () => {
      for await (const _ of request.body);
      const answer = left.shift()
      reply.start(answer === undefined ? 500 : (answer.status ?? 200), {
        'content-type': answer?.contentType ?? 'text/plain',
      })
      for await (const piece of answer?.pieces ?? []) reply.stream.write(piece)
      reply.stream.end()
    })().catch(() => reply.abort())
  })
  return { url: `http://127.0.0.1:${door.port}/gateway`, close: () => door.close(0) }
}
