// An address of the suite's own at which answers may come later: HTTPS with both certificates. ITI TF-2 Appendix V.3.
import type { HttpRequest, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import type { SoapMessage } from '../soap/message.js'
import { readMessage } from '../soap/read-message.js'
import { openSpool } from '../soap/spool.js'

export interface ReplyDoor {
  url: string
  /** @throws when none has come after a while */
  answerTo(messageID: string): Promise<SoapMessage>
  close(): Promise<void>
}

const waitMs = 15_000
const mostBytes = 16 * 1024 * 1024
const limits = {
  ...{ envelopeBytes: mostBytes, inlineDocumentBytes: mostBytes, attachmentBytes: mostBytes },
  attachments: 100,
}

export async function openReplyDoor(
  url: string,
  { tls, ports }: { tls: TlsIdentity; ports: Ports },
): Promise<ReplyDoor> {
  const { files, randomness, network, clock } = ports
  const { hostname, port, pathname } = new URL(url)
  const spool = openSpool({ files, randomness, folder: '', inMemoryBytes: Number.MAX_SAFE_INTEGER })
  const arrived = new Map<string, SoapMessage>()
  let heard = () => {}

  async function take({ url: path, headers, body }: HttpRequest): Promise<number> {
    if (path.split('?')[0] !== pathname) return 404
    const message = await readMessage({ headers, body }, { limits, spool })
    arrived.set(message.addressing.relatesTo ?? '', message)
    heard()
    return 202
  }

  const host = hostname.replace(/^\[|\]$/g, '')
  const server = await network.serveHttps({ host, port: Number(port || 443), tls }, (request, reply) => {
    take(request)
      .catch(() => 400)
      .then(status => {
        reply.start(status, { 'content-length': '0' })
        reply.stream.end()
      })
  })
  return {
    url,
    async answerTo(messageID) {
      const deadlineMs = clock.monotonicMs() + waitMs
      while (!arrived.has(messageID)) {
        const leftMs = deadlineMs - clock.monotonicMs()
        if (leftMs <= 0) throw new Error(`no answer to ${messageID} came to ${url} in ${waitMs} ms`)
        await Promise.race([new Promise<void>(resolve => (heard = resolve)), clock.sleep(leftMs, { idle: true })])
      }
      return arrived.get(messageID)!
    },
    close: () => server.close(0),
  }
}
