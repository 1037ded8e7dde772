// A patient index over a real database in memory, whose handlers a test calls as an exchange would.
import { openDomain } from '../../affinity/affinity-domain.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import { type PatientIndexConfig, patientIndexConfig } from '../../config/patient-index-config.js'
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import { patientIndex } from '../../patient-index/actor.js'
import { personResources } from '../../patient-index/admin-resources.js'
import type { PatientIndexContext } from '../../patient-index/context.js'
import { openDeferredStore } from '../../patient-index/deferred-store.js'
import { feedRulesFor } from '../../patient-index/feed-faults.js'
import { openLocatedStore } from '../../patient-index/located.js'
import { patientIndexMigrations } from '../../patient-index/migrations.js'
import { openPersonStore } from '../../patient-index/person-store.js'
import { openPages } from '../../patient-index/result-pages.js'
import { NotUndone } from '../../patient-index/undone-elsewhere.js'
import { nationalNumberResources } from '../../patient-index/upi/resources.js'
import type { Upi } from '../../patient-index/upi/upi.js'
import { systemPorts } from '../../ports/ports.js'
import { openStore } from '../../store/open-store.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery, Wanted } from '../../transactions/hl7v3/demographics-query-codec.js'
import { interactions } from '../../transactions/hl7v3/patient-feed-codec.js'
import type { LocationAnswer } from '../../transactions/hl7v3/patient-location.js'
import type { PixAnswer } from '../../transactions/hl7v3/pix-query-codec.js'
import type { Continuation } from '../../transactions/hl7v3/query-continuation-codec.js'
import type { Person } from '../../transactions/person.js'
import type { FeedAcknowledgement, FeedEvent, PatientRecord } from '../../transactions/xds-messages.js'
import { aSection } from '../samples/section.js'
import { anExchange, answerTo } from '../server/an-exchange.js'

const startMs = Date.UTC(2026, 10, 23, 6, 0, 0)
/** Domains of two hospitals, of the community and of the nation. */
export const [north, south, ours, nation] = ['2.999.1', '2.999.2', '2.999.7', '2.16.756.5.30.1.127.3.10.3']
export const id = (extension: string, root: string = north) => `${extension}^^^&${root}&ISO`

export const maja: Person = {
  names: [{ kind: 'current', family: 'Müller', given: ['Maja', 'Anna'] }],
  gender: 'F',
  birthTime: '19600618',
  addresses: [{ lines: ['Imfeldstrasse 24b'], postalCode: '5430', city: 'Wettingen', country: 'CH' }],
  telecoms: ['tel:+41561234567'],
}

export type Told = Partial<PatientRecord> & { patientIds: string[] }

export interface TestPatientIndex {
  context: PatientIndexContext
  clock: { nowMs: number }
  feed(event: FeedEvent, record: Told): Promise<FeedAcknowledgement>
  /** Adds a record, and says whose it is: by the id that the index has given. */
  add(patientId: string, person?: Person, ...further: string[]): Promise<string>
  merge(subsumed: string, survivor: string): Promise<FeedAcknowledgement>
  pix(patientId: string, ...dataSources: string[]): Promise<PixAnswer>
  demographics(wanted: Partial<Wanted>, more?: Partial<DemographicsQuery>): Promise<DemographicsAnswer>
  discover(wanted: Partial<Wanted>, more?: Partial<DemographicsQuery>): Promise<DemographicsAnswer>
  /** ITI-56. */
  locate(patientId: string): Promise<LocationAnswer>
  more(continuation: Partial<Continuation>, partner?: string): Promise<DemographicsAnswer>
  /** The id of our own that somebody has. */
  own(patientId: string): string | undefined
  /** What waits for the one who follows us. */
  notices(): { event: string; body: unknown }[]
  ask(path: string, request?: { rest?: string; body?: unknown }): Promise<unknown>
  audited(): number
  records: readonly AuditRecord[]
  /** Ids whose merge registries were asked to undo; while there is a reason, they do not. */
  elsewhere: { undone: string[]; why?: string }
  close(): Promise<void>
}

export async function aPatientIndex(
  config: Partial<PatientIndexConfig> = {},
  profile: 'ihe' | 'ch-epr' = 'ihe',
  upi?: Upi,
): Promise<TestPatientIndex> {
  const clock = { nowMs: startMs }
  const ports = { ...systemPorts, clock: { ...systemPorts.clock, now: () => clock.nowMs } }
  const store = await openStore({ path: ':memory:', migrations: patientIndexMigrations }, ports.clock, ports.files)
  const records: AuditRecord[] = []
  const persons = openPersonStore(store)
  const domain = await openDomain(profile, systemPorts.files)
  const settings = { ...defaults, ...config }
  const elsewhere: TestPatientIndex['elsewhere'] = { undone: [] }
  const context: PatientIndexContext = {
    ...{ store, persons, ports },
    outbox: {
      insert: inserted => void records.push(...inserted),
      append: async appended => void records.push(...appended),
    },
    config: settings,
    nationalAuthority: domain.nationalAuthority,
    feedRules: feedRulesFor(domain, settings),
    pages: openPages(systemPorts.clock),
    deferred: openDeferredStore(store),
    located: openLocatedStore(store),
    upi,
    async undoElsewhere(patientId) {
      if (elsewhere.why !== undefined) throw new NotUndone('registry', elsewhere.why)
      elsewhere.undone.push(patientId)
    },
  }

  async function send<Response>(action: string, request: unknown, partner = 'hospital'): Promise<Response> {
    return answerTo(patientIndex, action, request, context, anExchange({ partner, roles: ['feed'] }))
  }

  const message = { messageId: { root: '2.999.5', extension: '1' } }
  const query = { ...message, queryId: { root: '2.999.5', extension: 'q' }, queryXml: '<queryByParameter/>' }
  const nothing: Wanted = { names: [], addresses: [], telecoms: [], patientIds: [] }
  const index: TestPatientIndex = {
    context,
    clock,
    feed: (event, record) => send(`urn:hl7-org:v3:${interactions[event].name}`, { ...message, ...record }),
    async add(patientId, person = maja, ...further) {
      const answer = await index.feed('add', { patientIds: [patientId, ...further], person })
      if (answer.typeCode !== 'CA') throw new Error(answer.detail)
      return index.own(patientId) ?? ''
    },
    merge: (subsumed, survivor) => index.feed('merge', { patientIds: [survivor], subsumedIds: [subsumed] }),
    pix: (patientId, ...dataSources) =>
      send('urn:hl7-org:v3:PRPA_IN201309UV02', { ...query, patientIds: [patientId], dataSources }),
    demographics: (wanted, more) =>
      send('urn:hl7-org:v3:PRPA_IN201305UV02', { ...query, wanted: { ...nothing, ...wanted }, domains: [], ...more }),
    discover: (wanted, more) =>
      send('urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery', {
        ...{ ...query, senderCommunity: '2.999.80', receiverCommunity: '2.999.9' },
        ...{ wanted: { ...nothing, ...wanted }, domains: [] },
        ...more,
      }),
    locate: patientId => send('urn:ihe:iti:2009:PatientLocationQuery', { patientId }),
    more: (continuation, partner) =>
      send(
        'urn:hl7-org:v3:QUQI_IN000003UV01_Continue',
        { ...query, statusCode: 'waitContinuedQueryResponse', ...continuation },
        partner,
      ),
    own(patientId) {
      const person = persons.personBy(patientId)
      return person === undefined ? undefined : persons.ownIdOf(person, ours)
    },
    notices: () =>
      store
        .prepare('SELECT event, body FROM notices ORDER BY notice')
        .all<{ event: string; body: string }>()
        .map(({ event, body }) => ({ event, body: JSON.parse(body) })),
    async ask(path, { rest = '', body } = {}) {
      const method = body === undefined ? 'GET' : 'POST'
      const resources = [...personResources(context), ...nationalNumberResources(context)]
      const resource = resources.find(each => each.path === path && each.method === method)
      if (resource === undefined) throw new Error(`there is no ${path}`)
      const partner = { name: 'admin', roles: new Set(['admin'] as const), address: '127.0.0.1' }
      return resource.answer({ rest, body, query: new URLSearchParams(), partner })
    },
    audited: () => records.length,
    records,
    elsewhere,
    close: () => store.close(),
  }
  return index
}

const defaults = patientIndexConfig.parse({
  ...aSection,
  homeCommunityId: 'urn:oid:2.999.9',
  assigningAuthority: ours,
  registries: [{ name: 'registry', url: 'https://localhost:8441/registry' }],
  // Most tests are about persons of whom some have a number and others do not.
  recordsWithoutNationalId: 'taken',
})

/** Those of one domain. */
export function of(root: string, ids: readonly string[]): string[] {
  return ids.filter(each => instanceIdentifierOf(each)?.root === root)
}
