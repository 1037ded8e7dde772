import { expect } from 'chai'
import { openSources } from '../../../atna-audit/pages/sources.js'
import { auditRepositoryMigrations } from '../../../atna-audit/repository/migrations.js'
import { systemPorts } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'

const { clock, files } = systemPorts

describe('the sources of records', () => {
  it('are followed record by record, with their clocks, silent ones too', async () => {
    const store = await openStore({ path: ':memory:', migrations: auditRepositoryMigrations }, clock, files)
    const keep = (source: string | null, count: number, receivedMs: number, eventMs: number) =>
      store.write(() => {
        for (let n = 0; n < count; n += 1)
          store
            .prepare(
              'INSERT INTO audit_record (received_ms, event_ms, origin, source, host, frame) VALUES (?, ?, ?, ?, ?, ?)',
            )
            .run(receivedMs, eventMs, 'o', source, 'h', Buffer.from('x'))
      })
    const sources = openSources({ store, clock }, problem => expect.fail(String(problem)))
    const seen = async () =>
      (await sources.all()).map(({ source, lastMs, records, aheadMs, delayMs }) => [
        source,
        lastMs,
        records,
        aheadMs,
        delayMs,
      ])
    expect(await seen()).to.deep.equal([])
    await keep('removed', 2_500, 1, 1)
    await store.write(() => store.prepare('DELETE FROM audit_record').run())
    await keep('silent', 3, 1_000, 900)
    await keep(null, 1, 1_000, 1_000)
    await keep('busy', 2_500, 5_000, 65_000)
    expect(await seen()).to.deep.equal([
      ['', 1_000, 1, 0, 0],
      ['busy', 5_000, 2_500, 60_000, 0],
      ['silent', 1_000, 3, 0, 100],
    ])
    await keep('busy', 1, 9_000, 8_000)
    expect((await seen())[1]).to.deep.equal(['busy', 9_000, 2_501, 0, 1_000])
    sources.close()
    await store.close()
  })
})
