// A patient index in this process, fed and asked by its own code; what a network and a signature cost is measured elsewhere.
import { patientIndexConfig } from '../../config/patient-index-config.js'
import { patientIndex } from '../../patient-index/actor.js'
import type { PatientIndexContext } from '../../patient-index/context.js'
import { openDeferredStore } from '../../patient-index/deferred-store.js'
import { take } from '../../patient-index/linking.js'
import { openLocatedStore } from '../../patient-index/located.js'
import { patientIndexMigrations } from '../../patient-index/migrations.js'
import { openPersonStore } from '../../patient-index/person-store.js'
import { openPages } from '../../patient-index/result-pages.js'
import { systemPorts as ports } from '../../ports/ports.js'
import type { Exchange } from '../../server/actor.js'
import { openStore } from '../../store/open-store.js'
import type { SourceRecord } from './population.js'

export interface MeasuredIndex {
  context: PatientIndexContext
  /** Many in one commit; else as a feed brings them. */
  feed(records: readonly SourceRecord[]): Promise<void>
  /** As an exchange would. */
  ask(action: string, request: object): Promise<unknown>
  close(): Promise<void>
}

export const ownDomain = '2.999.7'

export async function anIndex(path: string): Promise<MeasuredIndex> {
  const store = await openStore({ path, migrations: patientIndexMigrations }, ports.clock, ports.files)
  const context: PatientIndexContext = {
    ...{ store, ports, persons: openPersonStore(store), pages: openPages(ports.clock) },
    outbox: { insert: () => undefined, append: async () => undefined },
    config,
    nationalAuthority: '2.16.756.5.30.1.127.3.10.3',
    undoElsewhere: async () => {},
    ...{ feedRules: [], upi: undefined, deferred: openDeferredStore(store), located: openLocatedStore(store) },
  }
  return {
    context,
    feed: records =>
      store.writeSoon(() => {
        for (const { patientId, person } of records) {
          const problems = take({ records: [patientId], national: [], person, by: 'bench' }, context)
          if (problems[0] !== undefined) throw new Error(problems[0].text)
        }
      }),
    async ask(action, request) {
      const line = patientIndex.served.get(action)
      if (line === undefined) throw new Error(`nobody answers ${action}`)
      return line.handle(request, context, exchange)
    },
    close: () => store.close(),
  }
}

const config = patientIndexConfig.parse({
  listen: { port: 0 },
  tls: { key: 'key.pem', cert: 'cert.pem', ca: 'ca.pem' },
  health: { port: 0 },
  database: ':memory:',
  audit: { port: 0 },
  homeCommunityId: 'urn:oid:2.999.9',
  assigningAuthority: ownDomain,
  registries: [],
})

const exchange = {
  partner: { name: 'bench', roles: new Set(['feed']), address: '127.0.0.1' },
  messageID: undefined,
  trace: { traceId: '0'.repeat(32), traceparent: '', next: () => '' },
  claims: undefined,
  auditRecords: () => [],
} as unknown as Exchange
