// Questions about a patient whom nobody has, asked of one community by each transaction that it has an address for: whoever lets us in and
// understands us has nothing to tell. ITI TF-2 §3.38, §3.55, §3.56, §3.63.
import { statusTypes } from '../../metadata/uuids.js'
import { dtmOf } from '../../ports/clock.js'
import { traceOf } from '../../server/trace.js'
import { SoapFault } from '../../soap/fault.js'
import type { ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import { crossGatewayQuery } from '../../transactions/communities/xca.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import { crossGatewayPatientDiscovery } from '../../transactions/hl7v3/patient-discovery.js'
import { patientLocationQuery } from '../../transactions/hl7v3/patient-location.js'
import { listValue, textValue } from '../../transactions/query-values.js'
import type { GatewayContext } from '../context.js'
import type { Community } from './communities.js'
import { type Examined, type Finding, tried } from './examined.js'

export interface Asking {
  context: Pick<GatewayContext, 'config' | 'onward' | 'ports'>
  /** Whose ids communities know people by, where there is one. */
  nationalAuthority: string | undefined
  /** wsse:Security of a user, for communities that answer nobody without. */
  security: string | undefined
}

/** One after the other, each with a verdict; what the community has no address for is not asked. Nobody's patient is named: the id is made up. */
export async function testQuestions(community: Community, asking: Asking): Promise<Examined[]> {
  const found: Examined[] = []
  for (const { what, url, ask } of questions) {
    const to = url(community)
    if (to !== undefined) found.push(await tried(what, () => ask(to, community, asking)))
  }
  return found
}

interface Question {
  what: string
  url(community: Community): string | undefined
  ask(url: string, community: Community, asking: Asking): Promise<Finding>
}

const questions: readonly Question[] = [
  { what: 'a test question by ITI-55', url: ({ discovery }) => discovery, ask: discovery },
  { what: 'a test question by ITI-56', url: ({ location }) => location, ask: location },
  { what: 'a test query by ITI-38', url: ({ query }) => query, ask: query },
  { what: 'a test fetch by ITI-63', url: ({ fetch }) => fetch, ask: fetch },
]

const timeoutMs = 5_000
const nobody = 'carnet-doctor-nobody'

/** [ITI TF-2:3.55.4.1] */
async function discovery(url: string, community: Community, asking: Asking): Promise<Finding> {
  const { homeCommunityId, patientDomain, deferredDiscovery } = community
  if (deferredDiscovery) return { verdict: 'ok', found: 'not tried: it would be answered later' }
  const { context, nationalAuthority } = asking
  const { ports, onward, config } = context
  const [oid, there] = [config.homeCommunityId, homeCommunityId].map(home => home.replace(/^urn:oid:/, ''))
  const id = () => ({ root: oid ?? '', extension: ports.randomness.uuid() })
  const patientIds = [`${nobody}^^^&${nationalAuthority ?? patientDomain ?? '2.999'}&ISO`]
  const asked = {
    ...{ messageId: id(), queryId: id(), queryXml: '', creationTime: dtmOf(ports.clock.now()), domains: [] },
    ...{ sender: oid, receiver: there, senderCommunity: oid, receiverCommunity: there },
    wanted: { names: [], addresses: [], telecoms: [], patientIds },
  }
  const to = { url, timeoutMs }
  const said = await onward.ask(crossGatewayPatientDiscovery, asked, to, because(asking))
  if (said.acknowledgement === 'AA') return { verdict: 'ok', found: 'it knows nobody of that id, as it should be' }
  // It has let us in and understood us: an id that cannot be anybody's may be refused for that.
  const why = said.problems.map(({ text }) => text).join('; ')
  return { verdict: 'warning', found: `it answers, and refuses the question (${said.acknowledgement}): ${why}` }
}

/** By a fault, for there is no other form for that. [ITI TF-2:3.56.4.1.3] */
async function location(url: string, { patientDomain }: Community, asking: Asking): Promise<Finding> {
  const asked = { patientId: `${nobody}^^^&${patientDomain ?? '2.999'}&ISO` }
  try {
    const { locations } = await asking.context.onward.ask(
      patientLocationQuery,
      asked,
      { url, timeoutMs },
      because(asking),
    )
    if (locations.length === 0) return { verdict: 'ok', found: 'it knows of nobody who has that patient' }
    return { verdict: 'failed', found: `it names ${locations.length} communities for a patient whom nobody has` }
  } catch (problem) {
    const { cause, message } = problem as Error
    const isRefusal = cause instanceof SoapFault && cause.code === 'Sender' && cause.subcode === undefined
    if (isRefusal) return { verdict: 'ok', found: `it answers, and has nobody of that id: ${message}` }
    throw problem
  }
}

const ofNobody = ({ patientDomain }: Community) => [
  { name: '$XDSDocumentEntryPatientId', values: [textValue(`${nobody}^^^&${patientDomain ?? '2.999'}&ISO`)] },
  { name: '$XDSDocumentEntryStatus', values: [listValue([statusTypes.Approved])] },
]

/** [ITI TF-2:3.38.4.1] */
async function query(url: string, community: Community, asking: Asking): Promise<Finding> {
  const { homeCommunityId: home, form } = community
  const findDocuments = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', home }
  const asked = { ...findDocuments, slots: ofNobody(community) }
  return nothingIn(await asking.context.onward.ask(crossGatewayQuery, asked, { url, timeoutMs, form }, because(asking)))
}

/** Some class has to be named. [ITI TF-2:3.63.4.1.2] */
async function fetch(url: string, community: Community, asking: Asking): Promise<Finding> {
  const { homeCommunityId: home, form } = community
  const asked = {
    ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem', home },
    slots: [...ofNobody(community), { name: '$XDSDocumentEntryClassCode', values: [listValue([someClass])] }],
  }
  return nothingIn(await asking.context.onward.ask(crossGatewayFetch, asked, { url, timeoutMs, form }, because(asking)))
}

/** LOINC: patient summary. */
const someClass = '60591-5^^2.16.840.1.113883.6.1'

function nothingIn({ status, errors }: Pick<ForeignQueryResponse, 'status' | 'errors'>): Finding {
  const isUnknown = errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')
  if (status === 'Success' || isUnknown)
    return { verdict: 'ok', found: 'it has nothing of that patient, as it should be' }
  const why = errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('; ')
  return { verdict: 'failed', found: `it says ${status}: ${why}` }
}

function because({ context, security }: Asking) {
  return { trace: traceOf(undefined, context.ports.randomness), claims: undefined, security: () => security }
}
