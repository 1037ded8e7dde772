// What became of a transaction whose answer was lost: believed of the server that gave its number, and of no later life of it.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import type { Line, Pool } from '../../../store/postgres/connections.js'
import { OutcomeUnknown } from '../../../store/postgres/failures.js'
import { transactionsOver } from '../../../store/postgres/transactions.js'

type Answer = Record<string, unknown> | Error

describe('a transaction on PostgreSQL whose answer was lost', () => {
  const cut = new Error('Connection terminated unexpectedly')
  const patience = { attempts: 3, awayMs: 300, pauseMs: 1 }
  let told: string[]
  let tries: number

  beforeEach(() => {
    told = []
    tries = 0
  })

  /** The first connection ends between COMMIT and its answer; `says` is what those after it tell of the transaction. */
  function serverThat(
    says: Answer,
    { life = 'first', lost = cut, hasRow = false }: { life?: string; lost?: Error; hasRow?: boolean } = {},
  ): Pool {
    let made = 0
    const answer = async (text: string, isFirst: boolean): Promise<Answer> => {
      if (text.includes('pg_current_xact_id')) return { xid: '7' }
      if (text.includes('pg_xact_status')) return says
      return text === 'COMMIT' && isFirst ? lost : {}
    }
    return {
      async connect(): Promise<Line> {
        const isFirst = made++ === 0
        return {
          async query({ text }) {
            const row = await answer(text, isFirst)
            if (row instanceof Error) throw row
            const rows = text === 'PROOF $1' && !hasRow ? [] : [row]
            return { rows, command: text, rowCount: rows.length }
          },
          life: async () => (isFirst ? 'first' : life),
          hear: () => undefined,
          ended: () => undefined,
          release: () => {},
        }
      },
      close: async () => {},
    }
  }

  const run = (pool: Pool) => {
    const store = transactionsOver(pool, systemPorts, patience)
    return store
      .run(async transaction => {
        tries += 1
        transaction.alongside(() =>
          store.enlist({
            ...{ sql: 'INSERT', values: [], proof: { sql: 'PROOF ?', values: [1] } },
            ended: outcome => void told.push(outcome),
          }),
        )
        return 'done'
      })
      .catch(problem => problem)
  }

  it('is done where the same server says that it committed', async () => {
    expect([await run(serverThat({ status: 'committed' })), tries, told]).to.deep.equal(['done', 1, ['committed']])
  })

  it('is not taken for another one that got its number after a crash, and is in doubt', async () => {
    const ended = await run(serverThat({ status: 'committed' }, { life: 'second' }))
    expect(ended).to.be.instanceOf(OutcomeUnknown)
    expect([tries, told]).to.deep.equal([1, ['unknown']])
  })

  it('is done after a crash where what it wrote is there', async () => {
    const crashed = serverThat({ status: 'committed' }, { life: 'second', hasRow: true })
    expect([await run(crashed), tries, told]).to.deep.equal(['done', 1, ['committed']])
  })

  it('is run again where it was undone, also when its number was lost in a crash', async () => {
    expect(await run(serverThat({ status: 'aborted' }, { life: 'second' }))).to.equal('done')
    const unheard = Object.assign(new Error('transaction ID 7 is in the future'), { code: '22023' })
    expect(await run(serverThat(unheard, { life: 'second' }))).to.equal('done')
    expect(told).to.deep.equal(['undone', 'committed', 'undone', 'committed'])
  })

  it('is in doubt while somebody is at work under its number', async () => {
    expect(await run(serverThat({ status: 'in progress' }))).to.be.instanceOf(OutcomeUnknown)
    expect(told).to.deep.equal(['unknown'])
  })

  it('is asked for whatever breaks the connection, and believed undone of the server’s word alone', async () => {
    const lost = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    expect([await run(serverThat({ status: 'committed' }, { lost })), told]).to.deep.equal(['done', ['committed']])
    const refused = Object.assign(new Error('the disk is full'), { code: '53100' })
    await run(serverThat({ status: 'committed' }, { lost: refused }))
    expect(told).to.deep.equal(['committed', 'undone'])
  })
})
