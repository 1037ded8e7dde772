// A gateway among played registries, repositories and communities: what each is asked, and what it answers, is the test's.

import type { AuditRecord } from '../../atna-audit/message.js'
import { type GatewayConfig, gatewayConfig } from '../../config/gateway-config.js'
import type { PeerRole } from '../../config/peer-roles.js'
import { gateway } from '../../gateway/actor.js'
import { openCommunities } from '../../gateway/communities/communities.js'
import type { GatewayContext } from '../../gateway/context.js'
import { type AwaitedAnswers, openAwaitedAnswers } from '../../gateway/later/awaited-answers.js'
import { openDeferredDiscoveries } from '../../gateway/later/deferred-discoveries.js'
import type { DeferredQuestions, KeptQuestion } from '../../gateway/later/deferred-questions.js'
import type { Onward, OpenOnward } from '../../gateway/onward.js'
import { openCorrelations } from '../../gateway/patients/correlations.js'
import { openLocations } from '../../gateway/patients/locations.js'
import { openToldDocuments } from '../../gateway/truth/told-documents.js'
import { systemPorts } from '../../ports/ports.js'
import type { Exchange } from '../../server/actor.js'
import { parseXml } from '../../soap/xml.js'
import type { FetchedDocument, FetchResponse } from '../../transactions/communities/fetch-codec.js'
import {
  type ForeignObject,
  type ForeignQueryResponse,
  foreignQueryResponse,
} from '../../transactions/communities/foreign-objects-codec.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type {
  AdhocQueryRequest,
  DocumentRequest,
  FeedAcknowledgement,
  ProvideToCommunityRequest,
  RegistryResponse,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
  RetrieveImagingDocumentSetRequest,
} from '../../transactions/xds-messages.js'
import { aSection } from '../samples/section.js'
import { aSubmission, type SubmissionChanges } from '../samples/submission.js'
import { anExchange, answerTo } from '../server/an-exchange.js'

export const ours = 'urn:oid:2.999.9'
export const [bern, vaud] = ['urn:oid:2.999.80', 'urn:oid:2.999.81']
export const id = (extension: string, root = '2.999.1') => `${extension}^^^&${root}&ISO`

export interface Asked {
  id: string
  url: string
  request: unknown
  timeoutMs: number
  messageID?: string | undefined
}

export interface TestGateway {
  asked: Asked[]
  audited: AuditRecord[]
  context: GatewayContext
  clock: { ms: number }
  query(request: Partial<AdhocQueryRequest>, exchange?: Partial<Exchange<never>>): Promise<ForeignQueryResponse>
  /** As another community asks, or a consumer of our own. */
  crossQuery(request: Partial<AdhocQueryRequest>, role?: PeerRole): Promise<ForeignQueryResponse>
  retrieve(...documents: DocumentRequest[]): Promise<RetrieveDocumentSetResponse>
  crossRetrieve(...documents: DocumentRequest[]): Promise<RetrieveDocumentSetResponse>
  ownCrossRetrieve(...documents: DocumentRequest[]): Promise<RetrieveDocumentSetResponse>
  /** As a consumer of our own asks, or another community. */
  fetch(request: Partial<AdhocQueryRequest>, role?: PeerRole): Promise<FetchResponse>
  /** ITI-41, as a source of our own sends it. */
  provide(request: ProvideToCommunityRequest): Promise<RegistryResponse>
  /** ITI-80, as another community sends it, or a source of our own. */
  crossProvide(request: ProvideToCommunityRequest, role?: PeerRole): Promise<RegistryResponse>
  /** What a community answers later to the message, by whose certificate. */
  answerLater(relatesTo: string | undefined, answer: DemographicsAnswer, partner?: string): Promise<FeedAcknowledgement>
  images(request: RetrieveImagingDocumentSetRequest): Promise<RetrieveDocumentSetResponse>
  crossImages(request: RetrieveImagingDocumentSetRequest): Promise<RetrieveDocumentSetResponse>
}

/** By the URL: what is answered, or thrown. */
export type Answers = Record<string, (request: never) => unknown>

/** `across` asks whoever no answer is given for; else nobody is there. What `kept` has was asked by a gateway before it. */
export function aGateway(
  answers: Answers,
  config: Partial<GatewayConfig> = {},
  across?: (outbox: OpenOnward['outbox'], awaited: AwaitedAnswers) => Onward,
  kept = new Map<string, KeptQuestion>(),
): TestGateway {
  const asked: Asked[] = []
  const audited: AuditRecord[] = []
  const time = { ms: 0 }
  const ports = { ...systemPorts, clock: { ...systemPorts.clock, monotonicMs: () => time.ms } }
  const played: Onward = {
    async ask(contract, request, { url, timeoutMs, messageID }) {
      asked.push({ id: contract.id, url, request, timeoutMs, messageID })
      const answer = answers[url]
      if (answer === undefined) throw new Error(`nobody is at ${url}`)
      return (await answer(request as never)) as never
    },
    askForObjects: (contract, request, to, because) => played.ask(contract, request, to, because),
    async receive(contract, request, to, because) {
      const response = await played.ask(contract, request, to, because)
      const { documents } = response as unknown as RetrieveDocumentSetResponse
      const discard = async () => {
        for (const each of documents) await each.discard?.()
      }
      const ended = Promise.resolve()
      return { response, ended, keep: () => ended, discard }
    },
    close: () => {},
  }
  const section = { ...defaults, ...config }
  const outbox = { append: async (records: AuditRecord[]) => void audited.push(...records) }
  const awaited = openAwaitedAnswers(`${section.answersAt ?? 'https://us/gateway'}/answers`, ports.randomness)
  const there = across?.(outbox, awaited)
  const at = (url: string) => (there === undefined || answers[url] !== undefined ? played : there)
  const onward: Onward = {
    ask: (contract, request, to, because) => at(to.url).ask(contract, request, to, because),
    askForObjects: (contract, request, to, because) => at(to.url).askForObjects(contract, request, to, because),
    receive: (contract, request, to, because) => at(to.url).receive(contract, request, to, because),
    close: () => there?.close(),
  }
  const communities = openCommunities(section.communities, ports.clock)
  const deferred = openDeferredDiscoveries({
    ...{ config: section, clock: ports.clock, questions: questionsIn(kept) },
    notForgotten(problem) {
      throw problem
    },
  })
  const correlations = openCorrelations({
    ...{ config: section, nationalAuthority: '2.999.3', onward, deferred, respondTo: 'https://us/gateway', ports },
  })
  const locations = openLocations({ communities, correlations, onward, clock: ports.clock, config: section })
  const log = { error: () => {} } as unknown as GatewayContext['log']
  const told = openToldDocuments()
  const context: GatewayContext = {
    ...{ config: section, onward, communities, correlations, deferred, awaited, locations, told, ports, log, outbox },
    keptBack: { of: () => 0, took: () => {} },
  }
  const send = async <Response>(
    action: string,
    request: unknown,
    role: PeerRole = 'consumer',
    exchange: Partial<Exchange<never>> = {},
  ): Promise<Response> => {
    const whole = action.startsWith('urn:') ? action : `urn:ihe:iti:2007:${action}`
    return answerTo(gateway, whole, request, context, { ...fromHospital(role), ...exchange })
  }
  const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots: [] }
  const fetchQuery = {
    ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem', slots: [] },
  }
  return {
    ...{ asked, audited, context, clock: time },
    query: (request, exchange) => send('RegistryStoredQuery', { ...query, ...request }, 'consumer', exchange),
    crossQuery: (request, role = 'gateway') => send('CrossGatewayQuery', { ...query, ...request }, role),
    retrieve: (...documents) => send('RetrieveDocumentSet', { documents }),
    crossRetrieve: (...documents) => send('CrossGatewayRetrieve', { documents }, 'gateway'),
    ownCrossRetrieve: (...documents) => send('CrossGatewayRetrieve', { documents }),
    fetch: (request, role) => send('urn:ihe:iti:2011:CrossGatewayFetch', { ...fetchQuery, ...request }, role),
    provide: request => send('ProvideAndRegisterDocumentSet-b', request, 'source'),
    crossProvide: (request, role = 'gateway') => send('urn:ihe:iti:2015:CrossGatewayDocumentProvide', request, role),
    answerLater: (relatesTo, answer, partner = 'bern') =>
      send('urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery', answer, 'gateway', {
        ...{ relatesTo, partner: { ...fromHospital('gateway').partner, name: partner } },
      }),
    images: request => send('urn:ihe:rad:2009:RetrieveImagingDocumentSet', request),
    crossImages: request => send('urn:ihe:rad:2011:CrossGatewayRetrieveImagingDocumentSet', request, 'gateway'),
  }
}

function questionsIn(kept: Map<string, KeptQuestion>): DeferredQuestions {
  return {
    keep: async question => void kept.set(question.messageID, question),
    forget: async messageID => void kept.delete(messageID),
    left: async () => [...kept.values()],
  }
}

const communityAt = (name: string, homeCommunityId: string) => ({
  ...{ name, homeCommunityId, query: `https://${name}/query`, retrieve: `https://${name}/retrieve` },
  discovery: `https://${name}/discovery`,
})

const defaults = gatewayConfig.parse({
  ...aSection,
  homeCommunityId: ours,
  registries: [{ url: 'https://registry' }],
  repositories: [{ url: 'https://repository', repositoryUniqueId: '2.999.20' }],
  communities: [communityAt('bern', bern), communityAt('vaud', vaud)],
})

export const fromHospital = (role: PeerRole = 'consumer'): Exchange<never> => ({
  ...anExchange({ roles: [role] }),
  auditRecords: () => [],
})

/** What an entry tells of its document. */
interface ToldOf {
  uniqueId: string
  hash?: string
  size?: number
}

function documentXml({ uniqueId, hash, size }: ToldOf): string {
  const slot = (name: string, value: string | number | undefined) =>
    value === undefined ? '' : `<Slot name="${name}"><ValueList><Value>${value}</Value></ValueList></Slot>`
  return (
    `${slot('repositoryUniqueId', '2.999.20')}${slot('hash', hash)}${slot('size', size)}` +
    `<ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" value="${uniqueId}"/>`
  )
}

export function entry(
  name: string,
  { home, patientId = id('1'), document }: { home?: string; patientId?: string; document?: ToldOf } = {},
): ForeignObject {
  const community = home === undefined ? '' : ` home="${home}"`
  const list = parseXml(
    `<q:AdhocQueryResponse xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success">
      <RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><ExtrinsicObject id="urn:uuid:${name}"${community}>
      ${document === undefined ? '' : documentXml(document)}
      <ExternalIdentifier identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427" value="${patientId.replaceAll('&', '&amp;')}"/>
      </ExtrinsicObject></RegistryObjectList></q:AdhocQueryResponse>`,
  )
  const [object] = foreignQueryResponse.decode(list, {} as never).objects
  if (object === undefined) throw new Error('there is no object')
  return object
}

export function told(...objects: ForeignObject[]): ForeignQueryResponse {
  return { status: 'Success', errors: [], registryObjects: [], objects }
}

/** Whoever is asked for a patient knows this one. */
export function known(...patientIds: string[]): Partial<DemographicsAnswer> {
  const patients = patientIds.map(each => ({
    patientIds: [each],
    otherIds: [],
    person: { names: [], addresses: [], telecoms: [] },
    degree: 100,
  }))
  return { acknowledgement: 'AA', responseCode: 'OK', problems: [], patients }
}

export const aboutPatient = (patientId: string) => ({
  slots: [{ name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] }],
})

/** Of one patient and one class. */
export const classOf = (patientId: string) => ({
  slots: [
    ...aboutPatient(patientId).slots,
    { name: '$XDSDocumentEntryClassCode', values: ["('57833-6^^2.16.840.1.113883.6.1')"] },
  ],
})

export const named = (
  documentUniqueId: string,
  homeCommunityId?: string,
  repositoryUniqueId = '2.999.20',
): DocumentRequest => ({
  ...(homeCommunityId === undefined ? {} : { homeCommunityId }),
  ...{ repositoryUniqueId, documentUniqueId },
})

export function document(
  of: DocumentRequest,
  text = of.documentUniqueId,
  discard?: () => Promise<void>,
): RetrievedDocument {
  const bytes = Buffer.from(text)
  return {
    ...of,
    mimeType: 'text/plain',
    sizeBytes: bytes.length,
    open: () => [bytes],
    ...(discard === undefined ? {} : { discard }),
  }
}

/** One document of the patient, for these communities. */
export function documentsFor(
  homes: string[],
  changes: SubmissionChanges = {},
  text = 'one',
): ProvideToCommunityRequest {
  const submission = aSubmission({ patientId: id('1'), ...changes })
  const documents = submission.documentEntries.map(({ entryUUID }) => ({
    ...{ id: entryUUID, content: { inline: Buffer.from(text) } },
  }))
  return { submission, documents, homes }
}

/** As a community answers a fetch: each entry with its document. */
export function fetchedWith(...entries: [ForeignObject, RetrievedDocument][]): FetchResponse {
  const documents = entries.map(([{ id: entryUUID }, each]): FetchedDocument => ({ ...each, entryUUID }))
  return { ...told(...entries.map(([entry]) => entry)), documents }
}
