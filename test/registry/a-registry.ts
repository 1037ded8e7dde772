// A Document Registry over a real database in memory, whose handlers a test calls as an exchange would.
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import type { PeerRole } from '../../config/peer-roles.js'
import { type RegistryConfig, registryConfig } from '../../config/registry-config.js'
import { decodeRegistryObjectList, type RegistryObjects } from '../../metadata/fragment.js'
import type { RegistryObjectValue, Slot, Submission } from '../../metadata/model.js'
import { type Ports, systemPorts } from '../../ports/ports.js'
import { documentRegistry } from '../../registry/actor.js'
import type { RegistryContext } from '../../registry/context.js'
import { feedProfileOf } from '../../registry/feed-profiles.js'
import { multiPatientQueries } from '../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../registry/queries/stored-queries.js'
import { domainRules } from '../../registry/rules/domain-rules.js'
import type { Exchange } from '../../server/actor.js'
import { namespaces } from '../../soap/namespaces.js'
import { parseXml } from '../../soap/xml.js'
import { interactions } from '../../transactions/hl7v3/patient-feed-codec.js'
import type {
  AdhocQueryResponse,
  FeedAcknowledgement,
  FeedEvent,
  PatientRecord,
  RegistryResponse,
  RemoveMetadataRequest,
  RemoveMetadataResponse,
} from '../../transactions/xds-messages.js'
import type { Claims } from '../../xua/claims.js'
import { aSection } from '../samples/section.js'
import { samplePatientId } from '../samples/submission.js'
import { anExchange, answerTo, type Sending } from '../server/an-exchange.js'
import { type Engine, engineUnderTest, openEmbedded, openOnPostgres } from './engines.js'

export const sampleEprSpid = '761337610000000002^^^&2.16.756.5.30.1.127.3.10.3&ISO'

export const startMs = Date.UTC(2026, 10, 23, 6, 0, 0)

/** Absent ones are not sent. */
export type QueryParameters = Readonly<Record<string, string | string[] | string[][] | undefined>>

export interface Asking {
  returnType?: string
  home?: string
  roles?: readonly PeerRole[]
  claims?: Claims
}

export interface TestRegistry {
  engine: Engine
  context: RegistryContext
  /** Records that were committed. */
  audited(): Promise<number>
  /** A statement that looks into the tables or changes them behind the registry's back. */
  sql: Engine['sql']
  clock: { nowMs: number }
  register(submission: Submission, sending?: Sending): Promise<RegistryResponse>
  registerOnDemand(submission: Submission, sending?: Sending): Promise<RegistryResponse>
  update(submission: Submission, sending?: Sending): Promise<RegistryResponse>
  restrictedUpdate(submission: Submission, sending?: Sending): Promise<RegistryResponse>
  remove(...entryUUIDs: string[]): Promise<RemoveMetadataResponse>
  removing(request: RemoveMetadataRequest, sending?: Sending): Promise<RemoveMetadataResponse>
  addPatient(...patientIds: string[]): Promise<FeedAcknowledgement>
  merge(subsumed: string, survivor: string): Promise<FeedAcknowledgement>
  /** ITI-44. */
  feed(event: FeedEvent, record: Omit<PatientRecord, 'messageId'>): Promise<FeedAcknowledgement>
  /** The query by its name; values as they stand in rim:Value, several in a list; a repeated Slot as a list of lists. */
  query(name: string, parameters: QueryParameters, asking?: Asking): Promise<AdhocQueryResponse>
  /** ITI-51, by the name of the query. */
  queryMany(name: string, parameters: QueryParameters, asking?: Asking): Promise<AdhocQueryResponse>
  /** As query(), decoded as a consumer would. */
  found(name: string, parameters: QueryParameters, asking?: Asking): Promise<RegistryObjects>
  /** Rows in all tables: for whether anything was changed. */
  contents(): Promise<Record<string, unknown[]>>
  close(): Promise<void>
}

export const ihe = await openDomain('ihe', systemPorts.files)
export const swiss = await openDomain('ch-epr', systemPorts.files)
const builtIn = { ihe, 'ch-epr': swiss }

export async function aRegistry(
  config: Partial<RegistryConfig> = {},
  profile: keyof typeof builtIn | AffinityDomain = 'ihe',
  /** In memory, unless a test wants to see the files. */
  path = ':memory:',
): Promise<TestRegistry> {
  const domain = typeof profile === 'string' ? builtIn[profile] : profile
  const clock = { nowMs: startMs }
  const ports = { ...systemPorts, clock: { ...systemPorts.clock, now: () => clock.nowMs } }
  // Files are what the embedded engine has.
  const open = engineUnderTest === 'postgres' && path === ':memory:' ? openOnPostgres : openEmbedded
  const engine = await open(domain, ports, path)
  const registry = registryOver(engine, { config, domain, ports, clock })
  await registry.addPatient(samplePatientId, ...(domain.nationalAuthority === undefined ? [] : [sampleEprSpid]))
  await engine.sql('DELETE FROM test_outbox')
  return registry
}

export function registryOver(
  engine: Engine,
  {
    config = {},
    domain = ihe,
    ports = systemPorts,
    clock = { nowMs: startMs },
  }: { config?: Partial<RegistryConfig>; domain?: AffinityDomain; ports?: Ports; clock?: { nowMs: number } } = {},
): TestRegistry {
  const context: RegistryContext = {
    store: engine.store,
    outbox: { insert: engine.insert },
    config: { ...defaults, ...config },
    domain,
    domainRules: domainRules(domain),
    feedProfile: feedProfileOf(domain),
    ports,
  }

  async function send<Response>(action: string, request: unknown, sending: Sending = {}): Promise<Response> {
    return answerTo(documentRegistry, action, request, context, fromRepository(sending))
  }

  const registry: TestRegistry = {
    engine,
    context,
    clock,
    audited: async () => (await engine.sql<{ n: number }>('SELECT count(*) AS n FROM test_outbox'))[0]?.n ?? 0,
    sql: engine.sql,
    register: (submission, sending) => send('urn:ihe:iti:2007:RegisterDocumentSet-b', submission, sending),
    registerOnDemand: (submission, sending) =>
      send('urn:ihe:iti:2010:RegisterOnDemandDocumentEntry', submission, sending),
    update: (submission, sending) => send('urn:ihe:iti:2010:UpdateDocumentSet', submission, sending),
    restrictedUpdate: (submission, sending) =>
      send('urn:ihe:iti:2018:RestrictedUpdateDocumentSet', submission, sending),
    remove: (...entryUUIDs) => registry.removing({ entryUUIDs }),
    removing: (request, sending) => send('urn:ihe:iti:2010:DeleteDocumentSet', request, sending),
    addPatient: (...patientIds) => registry.feed('add', { patientIds }),
    merge: (subsumed, survivor) => registry.feed('merge', { patientIds: [survivor], subsumedIds: [subsumed] }),
    feed: (event, record) =>
      send<FeedAcknowledgement>(`urn:hl7-org:v3:${interactions[event].name}`, {
        messageId: { root: '2.999.5', extension: '1' },
        ...record,
      } satisfies PatientRecord),
    query(name, parameters, { returnType = 'LeafClass', home, roles, claims } = {}) {
      const id = [...storedQueries.values()].find(query => query.name === name)?.id ?? name
      const request = { id, returnType, home, slots: slotsOf(parameters) }
      return asSent(send('urn:ihe:iti:2007:RegistryStoredQuery', request, { roles, claims }))
    },
    queryMany(name, parameters, { returnType = 'LeafClass', home, roles, claims } = {}) {
      const id = [...multiPatientQueries.values()].find(query => query.name === name)?.id ?? name
      const request = { id, returnType, home, slots: slotsOf(parameters) }
      return asSent(send('urn:ihe:iti:2009:MultiPatientStoredQuery', request, { roles, claims }))
    },
    async found(name, parameters, asking) {
      const { status, errors, registryObjects } = await registry.query(name, parameters, asking)
      if (status !== 'Success') throw new Error(JSON.stringify(errors))
      return decodedList(registryObjects)
    },
    async contents() {
      const contents: Record<string, unknown[]> = {}
      for (const name of (await engine.tables()).sort()) {
        const rows = await engine.sql(`SELECT * FROM ${name}`)
        contents[name] = rows.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
      }
      return contents
    },
    close: () => engine.close(),
  }
  return registry
}

const defaults = registryConfig.parse({
  ...aSection,
  homeCommunityId: 'urn:oid:2.999.9',
})

export function fromRepository({ partner = 'repository', roles = ['repository'], ...more }: Sending = {}): Exchange {
  return anExchange({ partner, roles, ...more })
}

function slotsOf(parameters: QueryParameters): Slot[] {
  return Object.entries(parameters).flatMap(([name, values]): Slot[] => {
    if (values === undefined) return []
    if (typeof values === 'string') return [{ name, values: [values] }]
    if (values.every(value => typeof value === 'string')) return [{ name, values: values as string[] }]
    return (values as string[][]).map(group => ({ name, values: group }))
  })
}

/** With what is read while it is sent. */
async function asSent(answer: Promise<AdhocQueryResponse>): Promise<AdhocQueryResponse> {
  const response = await answer
  const registryObjects: AdhocQueryResponse['registryObjects'] = []
  for (const piece of response.registryObjects) {
    if (typeof piece === 'string' || !('open' in piece)) registryObjects.push(piece)
    else for await (const bytes of piece.open()) registryObjects.push(Buffer.from(bytes))
  }
  return { ...response, registryObjects }
}

export function decodedList(pieces: AdhocQueryResponse['registryObjects']): RegistryObjects {
  const xml = pieces.map(piece => (typeof piece === 'string' ? piece : piece.toString())).join('')
  return decodeRegistryObjectList(
    parseXml(`<rim:RegistryObjectList xmlns:rim="${namespaces.rim}">${xml}</rim:RegistryObjectList>`),
  )
}

export function idsOf(objects: readonly RegistryObjectValue[]): string[] {
  return objects.map(object => object.entryUUID).sort()
}

export function codesOf(response: RegistryResponse): string[] {
  return response.errors.map(error => error.errorCode)
}

export const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
export const approved = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
export const anyStatus =
  "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved','urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')"
