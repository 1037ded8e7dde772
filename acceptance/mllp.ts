// Messages of HL7 v2 to a target, over MLLP with TLS or without, and what it acknowledges. ITI TF-2 Appendix C.2.
import { mllpFramed, mllpReader } from '../hl7v2/mllp.js'
import type { Connection, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'

export interface MllpAddress {
  host: string
  port: number
  tls: boolean
}

/** MSH and MSA of an acknowledgement, field by field as HL7 counts them. */
export interface Acknowledgement {
  text: string
  /** MSA-1 */
  code: string
  /** MSA-2 */
  of: string
  /** MSH-9 */
  type: string
}

const timeoutMs = 15_000
const mostBytes = 1_048_576

/** One after another on one connection, each with its acknowledgement. */
export async function sendHl7(
  messages: readonly (string | Buffer)[],
  address: MllpAddress,
  { tls, ports }: { tls: TlsIdentity; ports: Ports },
): Promise<Acknowledgement[]> {
  const connection = await connected(address, tls, ports)
  const answers = acknowledgements(connection, ports)
  try {
    const received: Acknowledgement[] = []
    for (const message of messages) {
      connection.stream.write(mllpFramed(Buffer.from(message)))
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${address.host}:${address.port} ended the connection without an answer`)
      received.push(readAcknowledgement(value))
    }
    return received
  } finally {
    await answers.return()
    connection.stream.destroy()
  }
}

function connected({ host, port, tls }: MllpAddress, identity: TlsIdentity, { network }: Ports): Promise<Connection> {
  return tls
    ? network.connectTls({ host, port, tls: identity, timeoutMs })
    : network.connectTcp({ host, port, timeoutMs })
}

async function* acknowledgements({ stream }: Connection, { clock }: Ports): AsyncGenerator<string, void> {
  const silent = clock.after(timeoutMs, () => stream.destroy(new Error('no acknowledgement came in time')))
  const reader = mllpReader({ maxMessageBytes: mostBytes })
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const { bytes, problem } of reader.read(chunk)) {
        if (problem !== undefined) throw new Error(`what was answered is no acknowledgement: ${problem}`)
        yield bytes.toString()
      }
    }
  } finally {
    silent.cancel()
  }
}

function readAcknowledgement(text: string): Acknowledgement {
  const segments = text.split(/[\r\n]+/).map(line => line.split('|'))
  const segment = (name: string) => segments.find(([first]) => first === name) ?? []
  // MSH-1 is the separator itself, so that a field stands one place before its number.
  return { text, code: segment('MSA')[1] ?? 'no MSA', of: segment('MSA')[2] ?? '', type: segment('MSH')[8] ?? '' }
}
