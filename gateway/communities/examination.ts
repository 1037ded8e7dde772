// One community looked at closely, for administrators: is its server who it should be, does it take our certificate, what time has it, and does
// it answer questions about a patient whom nobody has?
import { certificateFacts } from '../../certs/read.js'
import type { TlsIdentity } from '../../ports/network.js'
import { addressesOf, type Community } from './communities.js'
import { type Examined, tried } from './examined.js'
import { type Asking, testQuestions } from './test-questions.js'

export interface Examining extends Asking {
  identity: TlsIdentity
}

/**
 * Its servers first, each with TLS and clock; questions are asked only where none of that failed. Never rejects for what the community does: that
 * is a verdict.
 */
export async function examined(community: Community, examining: Examining): Promise<Examined[]> {
  const found: Examined[] = []
  for (const url of serversOf(community)) found.push(...(await server(url, community, examining)))
  // Where nobody lets us in no question is worth asking.
  if (found.some(({ verdict }) => verdict === 'failed')) return found
  return [...found, ...(await testQuestions(community, examining)), ...documentsFor(community)]
}

/** Nothing is sent to see what becomes of it: it would be kept there. [ITI TF-2:3.80.4.1] */
function documentsFor({ provide }: Community): Examined[] {
  if (provide === undefined) return []
  return [{ verdict: 'ok', what: 'documents by ITI-80', found: `they go to ${provide}; none was sent to try it` }]
}

/** One address of each of its servers. */
function serversOf(community: Community): string[] {
  return [...new Map(addressesOf(community).map(url => [new URL(url).origin, url])).values()]
}

const timeoutMs = 5_000
const mostSkewMs = 5_000
const fewDays = 60
const dayMs = 86_400_000

async function server(url: string, { quirks }: Community, { context, identity }: Examining): Promise<Examined[]> {
  const { network, clock } = context.ports
  const { origin, hostname, port } = new URL(url)
  const sha1 = quirks.sha1Certificates === 'taken'
  const certificate = await tried(`certificate of ${origin}`, async () => {
    const at = { host: hostname, port: Number(port || 443), timeoutMs }
    const { stream, peer } = await network.connectTls({ ...at, tls: { ...identity, sha1 } })
    stream.destroy()
    const days = Math.floor((Date.parse(peer?.validTo ?? '') - clock.now()) / dayMs)
    const words = `${peer?.subject} is trusted and is for ${hostname}, valid for ${days} more days`
    return { verdict: days > fewDays ? 'ok' : 'warning', found: words }
  })
  if (certificate.verdict === 'failed') return [certificate]
  const client = network.httpClient({ ...identity, sha1 })
  try {
    let date: string | undefined
    const ours = await tried(`our certificate at ${origin}`, async () => {
      const { status, headers, body } = await client.call({ url: `${url}?wsdl`, method: 'GET', headers: {}, timeoutMs })
      body.destroy()
      date = headers.date
      return { verdict: 'ok', found: `${subjectOf(identity)} is taken there (HTTP ${status})` }
    })
    return [certificate, ours, ...(ours.verdict === 'failed' ? [] : [clockOf(origin, date, clock.now())])]
  } finally {
    client.close()
  }
}

const subjectOf = ({ cert }: TlsIdentity) => certificateFacts(cert).subject

/** What it writes down is compared with what we do. [ITI TF-2:3.1] */
function clockOf(origin: string, date: string | undefined, nowMs: number): Examined {
  const what = `clock of ${origin}`
  const skewMs = Date.parse(date ?? '') - nowMs
  if (Number.isNaN(skewMs)) return { verdict: 'warning', what, found: 'it does not tell the time' }
  if (Math.abs(skewMs) <= mostSkewMs) return { verdict: 'ok', what, found: 'it agrees with ours' }
  const found = `it differs from ours by ${Math.round(skewMs / 1000)} s; keep both on network time`
  return { verdict: 'warning', what, found }
}
