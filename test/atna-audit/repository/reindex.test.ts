import { expect } from 'chai'
import { rootAt, treeSize } from '../../../atna-audit/repository/chain/leaves.js'
import { findRecords } from '../../../atna-audit/repository/find-records.js'
import { auditRepositoryMigrations } from '../../../atna-audit/repository/migrations.js'
import { formerRecords, reindex } from '../../../atna-audit/repository/reindex.js'
import { recordById } from '../../../atna-audit/repository/search.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'
import { silent } from '../loopback.js'
import { indented, withToken } from './messages.js'

describe('records of a former version', () => {
  it('become findable while the service runs, and stay what they are', async () => {
    const store = await openStore({ path: ':memory:', migrations: auditRepositoryMigrations }, ports.clock, ports.files)
    const frames = Array.from(
      { length: 120 },
      (_, at) => `<85>1 - h${at} a p m - ${at % 2 === 0 ? indented : withToken}`,
    )
    await store.write(() => {
      for (const frame of frames) {
        store
          .prepare(`INSERT INTO audit_record (received_ms, event_ms, origin, frame) VALUES (?, ?, 'test', ?)`)
          .run(1, Date.UTC(2026, 2, 4), Buffer.from(frame))
      }
      store.prepare(`INSERT INTO audit_reference VALUES ('A1', 2, 1)`).run()
    })
    await store.write(() => store.prepare(`UPDATE audit_record SET problem = 'no octet count' WHERE id = 5`).run())
    const found = () => findRecords(store, { patient: 'A1' }, { limit: 1_000 }, ports.clock).records.length
    expect([found(), formerRecords(store)]).to.deep.equal([0, 120])

    const begun = reindex(store, ports.clock, silent)
    begun.end()
    await begun.done
    expect(formerRecords(store)).to.equal(70)

    await reindex(store, ports.clock, silent).done
    expect([found(), formerRecords(store)]).to.deep.equal([60, 0])
    expect(
      findRecords(store, { unreadable: true }, { limit: 9 }, ports.clock).records.map(({ id }) => id),
    ).to.deep.equal([5])
    expect(store.prepare('SELECT count(*) AS count FROM audit_reference').get()?.count).to.equal(0)
    for (const [at, frame] of frames.entries()) expect(recordById(store, at + 1)?.frame.toString()).to.equal(frame)
    await store.close()
  })

  it('that were findable before there was a tree have their leaves in it, unless a root was signed', async () => {
    const store = await openStore({ path: ':memory:', migrations: auditRepositoryMigrations }, ports.clock, ports.files)
    await store.write(() => {
      for (let at = 0; at < 70; at += 1) {
        store
          .prepare(`INSERT INTO audit_record (received_ms, event_ms, origin, frame) VALUES (1, 1, 'test', ?)`)
          .run(Buffer.from(`<85>1 - h${at} a p m - ${indented}`))
      }
    })
    await reindex(store, ports.clock, silent).done
    const tree = rootAt(store, 70)
    await store.write(() => store.prepare('DELETE FROM audit_leaf WHERE id < 66').run())
    expect(treeSize(store)).to.equal(0)

    await reindex(store, ports.clock, silent).done
    expect(treeSize(store)).to.equal(70)
    expect(rootAt(store, 70).equals(tree)).to.equal(true)

    await store.write(() => {
      store.prepare(`INSERT INTO audit_root VALUES (1, 70, 1, '', x'00')`).run()
      store.prepare('DELETE FROM audit_leaf WHERE id < 66').run()
    })
    await reindex(store, ports.clock, silent).done
    expect(treeSize(store)).to.equal(0)
    await store.close()
  })
})
