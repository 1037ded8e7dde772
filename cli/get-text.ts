// A GET, or a POST of JSON, whose answer is text of bounded length.
import type { HttpAnswer, HttpCall, Network, TlsIdentity } from '../ports/network.js'
import { wholeBody } from '../ports/whole-body.js'

const mostBytes = 64 * 1024 * 1024
const timeoutMs = 10_000

export async function getText(
  url: string,
  tls: TlsIdentity | undefined,
  network: Pick<Network, 'httpClient'>,
  json?: unknown,
): Promise<{ status: number; headers: HttpAnswer['headers']; text: string }> {
  const client = network.httpClient(tls)
  try {
    const { status, headers, body } = await client.call({ url, ...askingWith(json), timeoutMs })
    return { status, headers, text: await textOf(body, mostBytes) }
  } finally {
    client.close()
  }
}

function askingWith(json: unknown): Pick<HttpCall, 'method' | 'headers' | 'body'> {
  if (json === undefined) return { method: 'GET', headers: {} }
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: [Buffer.from(JSON.stringify(json))] }
}

/** @throws Error in words, when it is longer */
export async function textOf(body: AsyncIterable<Buffer>, mostBytes: number): Promise<string> {
  const tooLong = () => new Error(`its answer is longer than ${mostBytes} bytes`)
  return (await wholeBody(body, mostBytes, tooLong)).toString()
}
