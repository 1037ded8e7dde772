// A log of some hundred records with signed roots, and the store behind it, for whoever wants to do it harm.
import { described } from '../../../../atna-audit/repository/arrival.js'
import { type Chain, openChain } from '../../../../atna-audit/repository/chain/chain.js'
import type { VerifyOptions, VerifyReport } from '../../../../atna-audit/repository/chain/report.js'
import { verify } from '../../../../atna-audit/repository/chain/verify.js'
import { auditRepositoryMigrations } from '../../../../atna-audit/repository/migrations.js'
import { keep } from '../../../../atna-audit/repository/records.js'
import { systemPorts as ports } from '../../../../ports/ports.js'
import { openStore } from '../../../../store/open-store.js'
import type { Store } from '../../../../store/store.js'
import { silent } from '../../loopback.js'
import { withToken } from '../messages.js'

export interface ALog {
  store: Store
  chain: Chain
  rootsFile: string
  add(count: number): Promise<void>
  verified(options?: VerifyOptions): VerifyReport
  close(): Promise<void>
}

export async function aLog(folder?: string): Promise<ALog> {
  const path = folder === undefined ? ':memory:' : `${folder}/audit.sqlite`
  const store = await openStore({ path, migrations: auditRepositoryMigrations }, ports.clock, ports.files)
  const rootsFile = `${folder}/audit-roots.jsonl`
  const chain = await openChain({
    store,
    keyFile: folder && `${folder}/audit-signing.key`,
    rootsFile: folder && rootsFile,
    everyRecords: 1_000_000,
    everyMs: 1_000_000,
    clock: ports.clock,
    files: ports.files,
    log: silent,
  })
  return {
    store,
    chain,
    rootsFile,
    async add(count) {
      await store.write(() => {
        for (let at = 0; at < count; at += 1) {
          const frame = Buffer.from(`<85>1 - h${at} a p m - ${withToken}`)
          const arrival = { frame, origin: 'test', receivedMs: Date.UTC(2026, 5, 1), repeatable: false }
          keep(store, arrival, described(arrival))
        }
      })
    },
    verified(options = {}) {
      const steps = verify(store, options, ports.clock)
      for (;;) {
        const { value, done } = steps.next()
        if (done === true) return value
      }
    },
    async close() {
      await chain.close()
      await store.close()
    },
  }
}
