// The other end of HL7 v2: sends a message to a partner's MLLP door and reads what is acknowledged. ITI TF-2 Appendix C.2.
import { acknowledgementIn } from '../../hl7v2/acknowledgement.js'
import type { AcknowledgementCode } from '../../hl7v2/errors.js'
import { mllpFramed, mllpReader } from '../../hl7v2/mllp.js'
import type { Connection, TlsIdentity } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'

export interface MllpCaller {
  /** @throws Error, in words, when there is no acknowledgement of this message. */
  send(message: Buffer, to: { url: string; controlId: string; timeoutMs: number }): Promise<Acknowledged>
  renewTls(identity: TlsIdentity): void
  close(): void
}

export interface Acknowledged {
  code: AcknowledgementCode
  /** MSA-3 and the conditions of its errors. */
  text: string
  conditions: string[]
}

const mostBytes = 1_048_576
const ends = 'the service ends'

/** One connection a message: what is told so is rare, and a connection that is kept may have died unheard. */
export function openMllpCaller({ tls, ports }: { tls: TlsIdentity; ports: Ports }): MllpCaller {
  let identity = tls
  const open = new Set<Connection>()
  let isClosed = false

  async function connected(url: string, timeoutMs: number): Promise<Connection> {
    const { host, port, isSecured } = mllpAddress(url)
    return isSecured
      ? ports.network.connectTls({ host, port, tls: identity, timeoutMs })
      : ports.network.connectTcp({ host, port, timeoutMs })
  }

  return {
    async send(message, { url, controlId, timeoutMs }) {
      const connection = await connected(url, timeoutMs)
      if (isClosed) {
        connection.stream.destroy()
        throw new Error(ends)
      }
      open.add(connection)
      const silent = ports.clock.after(timeoutMs, () =>
        connection.stream.destroy(new Error(`no acknowledgement came within ${timeoutMs} ms`)),
      )
      try {
        connection.stream.write(mllpFramed(message))
        return acknowledgedIn(await firstMessageOn(connection), controlId)
      } finally {
        silent.cancel()
        open.delete(connection)
        connection.stream.destroy()
      }
    },
    renewTls(renewed) {
      identity = renewed
    },
    close() {
      isClosed = true
      for (const { stream } of open) stream.destroy(new Error(ends))
    },
  }
}

/** `mllps://host:port`, or `mllp://` and the loopback address. */
export function mllpAddress(url: string): { host: string; port: number; isSecured: boolean } {
  const { protocol, hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), isSecured: protocol === 'mllps:' }
}

async function firstMessageOn({ stream }: Connection): Promise<Buffer> {
  const reader = mllpReader({ maxMessageBytes: mostBytes })
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const [frame] = reader.read(chunk)
    if (frame?.problem !== undefined) throw new Error(`what was answered is no acknowledgement: ${frame.problem}`)
    if (frame !== undefined) return frame.bytes
  }
  throw new Error('the connection was ended without an acknowledgement')
}

function acknowledgedIn(bytes: Buffer, controlId: string): Acknowledged {
  const { code, controlId: of, text, conditions } = acknowledgementIn(bytes.toString())
  if (code === undefined) throw new Error('what was answered is no acknowledgement')
  if (of !== controlId) throw new Error(`another message was acknowledged, ${of.slice(0, 60) || 'of no id'}`)
  return { code, text, conditions }
}
