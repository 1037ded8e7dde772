// One community looked at closely, for administrators: is its server who it should be, does it take our certificate, what time has it, and does
// it answer a question about a patient whom nobody has?
import { certificateFacts } from '../certs/read.js'
import { statusTypes } from '../metadata/uuids.js'
import { dtmOf } from '../ports/clock.js'
import type { TlsIdentity } from '../ports/network.js'
import { traceOf } from '../server/trace.js'
import { crossGatewayPatientDiscovery } from '../transactions/patient-discovery.js'
import { listValue, textValue } from '../transactions/query-values.js'
import { crossGatewayQuery } from '../transactions/xca.js'
import { addressesOf, type Community } from './communities.js'
import type { GatewayContext } from './context.js'

export interface Examined {
  verdict: 'ok' | 'warning' | 'failed'
  what: string
  found: string
  /** Of what failed, as the system names it. */
  code?: string
}

export interface Examining {
  context: GatewayContext
  identity: TlsIdentity
  /** Whose ids communities know people by, where there is one. */
  nationalAuthority: string | undefined
  /** wsse:Security of a user, for communities that answer nobody without. */
  security: string | undefined
}

export async function examined(community: Community, examining: Examining): Promise<Examined[]> {
  const found: Examined[] = []
  for (const url of serversOf(community)) found.push(...(await server(url, community, examining)))
  // Where nobody lets us in no question is worth asking.
  if (found.some(({ verdict }) => verdict === 'failed')) return found
  return [
    ...found,
    ...(await discovery(community, examining)),
    await query(community, examining),
    ...documentsFor(community),
  ]
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

const nobody = 'carnet-doctor-nobody'

/** [ITI TF-2:3.55.4.1] */
async function discovery(
  { homeCommunityId, discovery: url, patientDomain, deferredDiscovery }: Community,
  { context, security, nationalAuthority }: Examining,
): Promise<Examined[]> {
  if (url === undefined) return []
  if (deferredDiscovery) {
    return [{ verdict: 'ok', what: 'a test question by ITI-55', found: 'not tried: it would be answered later' }]
  }
  const { ports, onward, config } = context
  const [oid, there] = [config.homeCommunityId, homeCommunityId].map(home => home.replace(/^urn:oid:/, ''))
  const id = () => ({ root: oid ?? '', extension: ports.randomness.uuid() })
  const patientIds = [`${nobody}^^^&${nationalAuthority ?? patientDomain ?? '2.999'}&ISO`]
  const asked = {
    ...{ messageId: id(), queryId: id(), queryXml: '', creationTime: dtmOf(ports.clock.now()), domains: [] },
    ...{ sender: oid, receiver: there, senderCommunity: oid, receiverCommunity: there },
    wanted: { names: [], addresses: [], telecoms: [], patientIds },
  }
  const examination = await tried('a test question by ITI-55', async () => {
    const to = { url, timeoutMs }
    const { acknowledgement, problems } = await onward.ask(
      crossGatewayPatientDiscovery,
      asked,
      to,
      because(context, security),
    )
    if (acknowledgement === 'AA') return { verdict: 'ok', found: 'it knows nobody of that id, as it should be' }
    // It has let us in and understood us: an id that cannot be anybody's may be refused for that.
    const why = problems.map(({ text }) => text).join('; ')
    return { verdict: 'warning', found: `it answers, and refuses the question (${acknowledgement}): ${why}` }
  })
  return [examination]
}

/** [ITI TF-2:3.38.4.1] */
async function query(
  { homeCommunityId: home, query: url, form, patientDomain }: Community,
  { context, security }: Examining,
): Promise<Examined> {
  const asked = {
    ...{ id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', home },
    slots: [
      { name: '$XDSDocumentEntryPatientId', values: [textValue(`${nobody}^^^&${patientDomain ?? '2.999'}&ISO`)] },
      { name: '$XDSDocumentEntryStatus', values: [listValue([statusTypes.Approved])] },
    ],
  }
  return tried('a test query by ITI-38', async () => {
    const to = { url, timeoutMs, form }
    const { status, errors } = await context.onward.ask(crossGatewayQuery, asked, to, because(context, security))
    const isUnknown = errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')
    if (status === 'Success' || isUnknown)
      return { verdict: 'ok', found: 'it has nothing of that patient, as it should be' }
    const why = errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('; ')
    return { verdict: 'failed', found: `it says ${status}: ${why}` }
  })
}

function because({ ports }: GatewayContext, security: string | undefined) {
  return { trace: traceOf(undefined, ports.randomness), claims: undefined, security: () => security }
}

async function tried(what: string, step: () => Promise<Pick<Examined, 'verdict' | 'found'>>): Promise<Examined> {
  try {
    return { what, ...(await step()) }
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    return { verdict: 'failed', what, found: message, ...(code === undefined ? {} : { code }) }
  }
}
