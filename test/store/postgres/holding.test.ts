import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { hold, holdEverything } from '../../../store/postgres/holding.js'
import { openPostgres, type PostgresStore } from '../../../store/postgres/open-postgres.js'
import type { Transaction } from '../../../store/postgres/transactions.js'
import { until } from '../../house/waiting.js'
import { needsPostgres, theCluster } from './a-cluster.js'

describe('holding names on PostgreSQL', function () {
  this.timeout(120_000)
  let store: PostgresStore
  before(async function () {
    needsPostgres(this)
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    store = await openPostgres({ server, migrations: [], connections: 8 }, systemPorts)
  })
  after(() => store?.close())

  const many = (prefix: string) => Array.from({ length: 100 }, (_, number) => `${prefix} ${number}`)
  const cases: [title: string, one: Hold, other: Hold, together: boolean][] = [
    ['the same name goes in turn', ['a', 'b'], ['b', 'c'], false],
    ['other names go side by side', ['a', 'b'], ['c', 'd'], true],
    ['everything goes alone', 'everything', ['c'], false],
    ['many names are everything', many('x'), many('y'), false],
  ]
  type Hold = string[] | 'everything'

  for (const [title, one, other, together] of cases) {
    it(title, async () => {
      let inside = 0
      let most = 0
      const work = (names: Hold) =>
        store.run(async (transaction: Transaction) => {
          await (names === 'everything' ? holdEverything(transaction) : hold(transaction, names))
          most = Math.max(most, ++inside)
          if (together) await until(() => most === 2, 'the other comes in beside it')
          else await systemPorts.clock.sleep(150)
          inside -= 1
        })
      await Promise.all([work(one), work(other)])
      expect(most).to.equal(together ? 2 : 1)
    })
  }

  it('of two who want the same in another order none waits for ever', async () => {
    const work = (names: string[]) =>
      store.run(async transaction => {
        for (const name of names) {
          await hold(transaction, [name])
          await systemPorts.clock.sleep(50)
        }
        return names
      })
    expect(await Promise.all([work(['p', 'q']), work(['q', 'p'])])).to.have.length(2)
  })
})
