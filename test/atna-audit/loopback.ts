// What the tests of sender and receiver share: throw-away certificates, records, stores in memory.
import { applicationStarted } from '../../atna-audit/events.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import { type Outbox, openOutbox, outboxMigrations } from '../../atna-audit/outbox.js'
import { auditRepositoryMigrations } from '../../atna-audit/repository/records.js'
import type { SenderTimes } from '../../atna-audit/sender.js'
import { issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import type { TlsIdentity } from '../../ports/network.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { openStore } from '../../store/open-store.js'
import type { Store } from '../../store/store.js'

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Quick enough for tests. */
export const quick: Partial<SenderTimes> = {
  gatherMs: 2,
  lookMs: 50,
  firstRetryMs: 10,
  lastRetryMs: 40,
  presumeMs: 150,
  forgetMs: 5,
}

let made: Promise<{ service: TlsIdentity; stranger: TlsIdentity }> | undefined

/** A service of our CA, and one of another CA that trusts ours. */
export function certificates(): Promise<{ service: TlsIdentity; stranger: TlsIdentity }> {
  made ??= make()
  return made
}

async function make() {
  const validity = { fromMs: Date.now() - 86_400_000, toMs: Date.now() + 86_400_000 }
  const [key, otherKey, leafKey] = await Promise.all([newKey(), newKey(), newKey()])
  const ca = issueCa(key, 'Test CA', validity, ports.randomness)
  const otherCa = issueCa(otherKey, 'Other CA', validity, ports.randomness)
  const request = {
    commonName: 'carnet-test',
    names: ['localhost', '127.0.0.1'],
    usages: ['serverAuth', 'clientAuth'] as const,
  }
  const service = issueLeaf(leafKey, request, ca, validity, ports.randomness)
  const stranger = issueLeaf(leafKey, { ...request, commonName: 'stranger' }, otherCa, validity, ports.randomness)
  return { service: { ...service, ca: ca.cert }, stranger: { ...stranger, ca: ca.cert } }
}

export function openMemory(): Promise<Store> {
  return openStore(
    { path: ':memory:', migrations: [...outboxMigrations, ...auditRepositoryMigrations] },
    ports.clock,
    ports.files,
  )
}

export function anOutbox(store: Store): Outbox {
  return openOutbox(store, { source: { auditSourceID: 'carnet-test', appName: 'carnet-test' }, ports })
}

/** Records that tell themselves apart by the name of the actor. */
export function records(count: number, name = 'record'): AuditRecord[] {
  return Array.from({ length: count }, (_, index) =>
    applicationStarted({ actor: `${name} ${index}`, processId: 1, hostName: 'localhost', dateTimeMs: 1_000 }),
  )
}
