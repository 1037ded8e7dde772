import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { described } from '../../../atna-audit/repository/arrival.js'
import { findRecords } from '../../../atna-audit/repository/find-records.js'
import { auditRepositoryMigrations } from '../../../atna-audit/repository/migrations.js'
import { keep } from '../../../atna-audit/repository/records.js'
import { copyAudit } from '../../../bench/audit/copies.js'
import { fillAudit } from '../../../bench/audit/fill.js'
import { origin } from '../../../bench/audit/rows.js'
import { recordAt, traceOf } from '../../../bench/audit-records.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'
import type { Store } from '../../../store/store.js'

const total = 300
const open = (path: string) => openStore({ path, migrations: auditRepositoryMigrations }, ports.clock, ports.files)
const inHex = (_: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)
const rowsIn = (store: Store) =>
  ['* FROM audit_record', '* FROM audit_leaf', 'CAST(term AS TEXT) AS key, at, record FROM audit_term'].flatMap(
    columns => [...store.prepare(`SELECT ${columns}`).iterate()].map(row => JSON.stringify(row, inHex)),
  )

describe('an audit database filled at once', () => {
  it('has the rows that arriving records leave', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carnet-audit-fill-'))
    const one = await open(':memory:')
    try {
      await one.write(() => {
        for (let n = 0; n < total; n += 1) {
          const { frame, eventMs } = recordAt(n, total)
          const arrival = { frame, origin, receivedMs: eventMs + 40, repeatable: true }
          keep(one, arrival, described(arrival))
        }
      })
      const path = join(folder, 'audit.sqlite')
      await (await open(path)).close()
      await fillAudit({ path, from: 0, to: 100, total, threads: 0 }, () => undefined)
      await fillAudit({ path, from: 100, to: total, total, threads: 1 }, () => undefined)
      const other = await open(path)
      expect(rowsIn(other)).to.deep.equal(rowsIn(one))
      await other.close()
    } finally {
      await one.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('has the same weeks as often as it is told, each found in its own time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carnet-audit-copies-'))
    const [from, path] = [join(folder, 'original.sqlite'), join(folder, 'audit.sqlite')]
    try {
      for (const file of [from, path]) await (await open(file)).close()
      await fillAudit({ path: from, from: 0, to: 40, total: 40, threads: 0 }, () => undefined)
      await copyAudit({ from, path, records: 40, copies: 3 }, () => undefined)
      const store = await open(path)
      const { records } = findRecords(store, { trace: traceOf(2) }, { limit: 100 }, ports.clock)
      expect(records.map(({ id }) => id)).to.deep.equal([92, 91, 90, 89, 52, 51, 50, 49, 12, 11, 10, 9])
      const times = records.map(({ receivedMs }) => receivedMs)
      expect(new Set(times)).to.have.property('size', 12)
      expect((times[0] ?? 0) - (times[4] ?? 0)).to.equal(2 ** 31)
      await store.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
