// A whole domain in one process: registry and repository with their real stores, everything above TLS and nothing played
// but the network between them.

import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openDomain } from '../../affinity/affinity-domain.js'
import { openOutbox, outboxMigrations } from '../../atna-audit/outbox.js'
import { type RegistryConfig, registryConfig } from '../../config/registry-config.js'
import { type RepositoryConfig, repositoryConfig } from '../../config/repository-config.js'
import type { HttpCall, HttpClient } from '../../ports/network.js'
import { type Ports, systemPorts } from '../../ports/ports.js'
import { documentRegistry } from '../../registry/actor.js'
import { feedProfileOf } from '../../registry/feed-profiles.js'
import { registryMigrations } from '../../registry/migrations.js'
import { domainRules } from '../../registry/rules/domain-rules.js'
import { openRegistryStore } from '../../registry/sqlite-store.js'
import { documentRepository } from '../../repository/actor.js'
import { openRepository } from '../../repository/context.js'
import { embeddedMemory } from '../../repository/memory.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { registryOverSoap } from '../../repository/registration/registry-over-soap.js'
import type { Actor, Partner } from '../../server/actor.js'
import { openCaller } from '../../server/caller.js'
import { exchange, type Surroundings } from '../../server/exchange.js'
import type { Log } from '../../server/log.js'
import { openMetrics } from '../../server/metrics.js'
import { openSpool } from '../../soap/spool.js'
import { openStore } from '../../store/open-store.js'
import type { Store } from '../../store/store.js'
import { silentLog } from '../server/silent-log.js'

export const repositoryUniqueId = '2.999.1.1'
const homeCommunityId = 'urn:oid:2.999.1'

export interface Sent {
  headers: Record<string, string>
  body: Buffer
}

export interface Received {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export type Endpoint = 'registry' | 'repository'

export interface Domain {
  send(to: Endpoint, message: Sent): Promise<Received>
  /** Audit records written so far, oldest first, as XML. */
  audited(of: Endpoint): string[]
  /** Failures that nobody foresaw. */
  unforeseen: object[]
  stores: Record<Endpoint, Store>
  folder: string
  close(): Promise<void>
}

const everything: Partner = {
  name: 'hospital',
  roles: new Set(['source', 'consumer', 'repository', 'feed', 'admin']),
  address: '127.0.0.1',
}

export async function aDomain(
  changes: { registry?: Partial<RegistryConfig>; repository?: Partial<RepositoryConfig>; profile?: string } = {},
): Promise<Domain> {
  const folder = await systemPorts.files.temporaryFolder('carnet-domain-')
  const unforeseen: object[] = []
  const log: Log = { ...silentLog, error: facts => void unforeseen.push(facts) }
  const ways = new Map<string, (message: Sent) => Promise<Received>>()
  const ports: Ports = { ...systemPorts, network: { ...systemPorts.network, httpClient: () => playedClient(ways) } }
  const sections = {
    listen: { port: 0 },
    tls: { key: 'k', cert: 'c', ca: 'a' },
    health: { port: 0 },
    audit: { port: 0 },
    homeCommunityId,
  }
  const metrics = openMetrics('test')

  async function opened(name: Endpoint, migrations: typeof registryMigrations) {
    const store = await openStore(
      { path: join(folder, `${name}.db`), migrations: [...outboxMigrations, ...migrations] },
      ports.clock,
      ports.files,
    )
    const outbox = openOutbox(store, { source: { auditSourceID: name, appName: name }, ports })
    const incoming = join(folder, name, 'incoming')
    await ports.files.makeFolder(incoming)
    return { store, outbox, spool: openSpool({ ...ports, folder: incoming }) }
  }

  const registry = await opened('registry', registryMigrations)
  const registrySettings = {
    ...registryConfig.parse({ ...sections, database: 'registry.db' }),
    acceptUnknownPatients: true,
    ...changes.registry,
  }
  const domain = await openDomain(changes.profile ?? 'ihe', ports.files)
  const registryContext = {
    store: openRegistryStore(registry.store, domain, ports.clock),
    outbox: registry.outbox,
    config: registrySettings,
    domain,
    domainRules: domainRules(domain),
    feedProfile: feedProfileOf(domain),
    ports,
  }

  const repository = await opened('repository', repositoryMigrations)
  const url = 'https://registry.test/registry'
  const repositorySettings: RepositoryConfig = {
    ...repositoryConfig.parse({
      ...sections,
      database: 'repository.db',
      repositoryUniqueId,
      documents: join(folder, 'repository'),
      registry: { url },
    }),
    ...changes.repository,
  }
  const caller = openCaller({ tls: { key: '', cert: '', ca: '' }, ports })
  const opening = await openRepository({
    ...repository,
    memory: embeddedMemory(repository.store),
    registry: registryOverSoap({ caller, url, ports }),
    config: repositorySettings,
    ports,
    alarm: alarm => void unforeseen.push(alarm),
  })

  function way<Context>(
    name: Endpoint,
    actor: Actor<Context>,
    context: Context,
    { spool, outbox }: Pick<Surroundings, 'spool' | 'outbox'>,
  ) {
    const around: Surroundings = {
      ports,
      log,
      metrics,
      limits: { ...registrySettings.limits, envelopeBytes: 4_000_000 },
      spool,
      outbox,
    }
    return async ({ headers, body }: Sent): Promise<Received> => {
      const answer = await exchange(
        { headers, body: Readable.from(inPieces(body)), partner: everything, endpoint: `https://${name}.test/${name}` },
        actor,
        context,
        around,
      )
      const pieces: Uint8Array[] = []
      for await (const piece of answer.pieces) pieces.push(Buffer.from(piece))
      return { status: answer.status, headers: answer.headers, body: Buffer.concat(pieces) }
    }
  }

  ways.set('registry.test', way('registry', documentRegistry, registryContext, registry))
  ways.set('repository.test', way('repository', documentRepository, opening.context, repository))
  const stores = { registry: registry.store, repository: repository.store }

  return {
    send: (to, message) => ways.get(`${to}.test`)!(message),
    audited: of =>
      stores[of]
        .prepare('SELECT frame FROM audit_outbox ORDER BY id')
        .all<{ frame: Uint8Array }>()
        .map(({ frame }) => Buffer.from(frame).toString()),
    unforeseen,
    stores,
    folder,
    async close() {
      opening.close()
      await opening.swept
      await opening.end()
      await Promise.all([registry.store.close(), repository.store.close()])
      await ports.files.removeFolder(folder)
    },
  }
}

/** Pieces as a socket might cut them. */
function* inPieces(body: Buffer): Iterable<Buffer> {
  for (let start = 0; start < body.length; start += 3_001) yield body.subarray(start, start + 3_001)
}

function playedClient(ways: Map<string, (message: Sent) => Promise<Received>>): HttpClient {
  return {
    async call({ url, headers, body }: HttpCall) {
      const pieces: Uint8Array[] = []
      for await (const piece of body ?? []) pieces.push(Buffer.from(piece))
      const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
      const answer = await ways.get(new URL(url).hostname)!({ headers: lowerCase, body: Buffer.concat(pieces) })
      return { ...answer, body: Readable.from([answer.body]) }
    },
    renewTls() {},
    close() {},
  }
}
