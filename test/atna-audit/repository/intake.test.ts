// The one way in of the audit repository: how much of a burst is kept in one go.
import { expect } from 'chai'
import type { Arrival } from '../../../atna-audit/repository/arrival.js'
import { openIntake } from '../../../atna-audit/repository/intake.js'
import { auditRepositoryMigrations } from '../../../atna-audit/repository/migrations.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'
import type { Store } from '../../../store/store.js'

describe('the intake', () => {
  let store: Store
  beforeEach(async () => {
    store = await openStore({ path: ':memory:', migrations: auditRepositoryMigrations }, ports.clock, ports.files)
  })
  afterEach(() => store.close())

  const arrivals = (name: string, count: number, bytes = 0): Arrival[] =>
    Array.from({ length: count }, (_, index) => ({
      frame: Buffer.from(`${name} ${index} ${'x'.repeat(bytes)}`),
      origin: 'test',
      receivedMs: 1,
      repeatable: false,
    }))

  /** As the store, and the most takes that it had to keep at once. */
  function watched(): Store & { most: number } {
    let now = 0
    const seen = {
      ...store,
      most: 0,
      write<Result>(work: () => Result): Promise<Result> {
        now += 1
        seen.most = Math.max(seen.most, now)
        return store.write(work).finally(() => {
          now -= 1
        })
      },
    }
    return seen
  }

  it('keeps a burst in portions, in the order in which it came, and the last of it too', async () => {
    const seen = watched()
    const intake = openIntake(seen, ports.clock)
    const taken = Array.from({ length: 20 }, (_, index) => intake.take(arrivals(`t${index}`, 100)))
    const last = intake.take(arrivals('last', 1))
    await intake.settle()
    const ids = (await Promise.all([...taken, last])).flat()
    expect(ids).to.deep.equal(Array.from({ length: 2_001 }, (_, index) => index + 1))
    expect(seen.most).to.equal(3)
  })

  it('keeps fewer at once where they are long', async () => {
    const seen = watched()
    const intake = openIntake(seen, ports.clock)
    const taken = Array.from({ length: 5 }, (_, index) => intake.take(arrivals(`t${index}`, 1, 1_500_000)))
    await intake.settle()
    await Promise.all(taken)
    expect(seen.most).to.equal(2)
  })

  it('refuses what cannot be described, and keeps what came with it and after it', async () => {
    const intake = openIntake(store, ports.clock)
    const [odd] = arrivals('odd', 1)
    const unheardOf = () => {
      throw new Error('nobody has thought of this')
    }
    Object.assign(odd!.frame, { toString: unheardOf })
    const outcomes = Promise.allSettled([intake.take([odd!]), intake.take(arrivals('beside', 1))])
    await intake.settle()
    expect((await outcomes).map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled'])
    const later = intake.take(arrivals('later', 1))
    await intake.settle()
    expect(await later).to.deep.equal([2])
  })
})
