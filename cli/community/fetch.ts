// A description by https: whom it comes from is told by the certificate of the server, which somebody has to compare; nothing else vouches
// for it.
import type { PeerCertificate } from '../../ports/network.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { textOf } from '../get-text.js'
import { handshakeInWords } from '../handshake-words.js'

const timeoutMs = 10_000
const mostBytes = 4 * 1024 * 1024

/** @throws Failure with the fingerprint to be compared, where none was given or it is another */
export async function fetchDescription(
  url: string,
  { fingerprint }: { fingerprint?: string },
  context: Context,
): Promise<string> {
  if (!URL.canParse(url)) throw new Failure('usage', `"${url}" is no URL.`)
  const shown = await shownAt(url, context)
  if (fingerprint === undefined) {
    throw new Failure(
      'refused',
      `${url} shows the certificate of ${shown.subject}, SHA-256 ${shown.fingerprint256}; compare that with what the other side says by telephone, then type the same with --fingerprint ${shown.fingerprint256}.`,
    )
  }
  if (fingerprint.toUpperCase() !== shown.fingerprint256) {
    throw new Failure(
      'refused',
      `${url} shows another certificate than the one you have compared: ${shown.subject}, SHA-256 ${shown.fingerprint256}; nothing was taken from there.`,
    )
  }
  return textAt(url, shown.fingerprint256, context)
}

async function shownAt(url: string, { ports }: Context): Promise<PeerCertificate> {
  const { hostname, port } = new URL(url)
  try {
    return await ports.network.shownCertificate({ host: hostname, port: Number(port || 443), timeoutMs })
  } catch (problem) {
    throw unreachable(url, problem)
  }
}

async function textAt(url: string, pinned: string, { ports }: Context): Promise<string> {
  const client = ports.network.httpClient({ pinned })
  try {
    const { status, body } = await client.call({ url, method: 'GET', headers: {}, timeoutMs })
    const text = await textOf(body, mostBytes)
    if (status === 200) return text
    throw new Error(`it answered HTTP ${status}`)
  } catch (problem) {
    throw unreachable(url, problem)
  } finally {
    client.close()
  }
}

function unreachable(url: string, problem: unknown): Failure {
  const { code, message } = problem as NodeJS.ErrnoException
  return new Failure(
    'unreachable',
    `${url} gave no description: ${handshakeInWords({ code, message })}; ask for the file and name it instead.`,
  )
}
