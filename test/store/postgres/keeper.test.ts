// The connection that is kept: what it knows of the server when that ends, and when it is back.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import type { Line, Pool } from '../../../store/postgres/connections.js'
import { type Keeper, keeperOver } from '../../../store/postgres/keeper.js'

describe('the connection that is kept', () => {
  let isAway: boolean
  let connected: number
  let end: () => void
  let nowMs: number
  let tick: () => void
  let keeper: Keeper
  let rows: Record<string, unknown>[]

  const pool: Pool = {
    async connect(): Promise<Line> {
      if (isAway) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      const mine = ++connected
      let hasEnded = false
      return {
        async query() {
          if (hasEnded || isAway) throw new Error('Connection terminated unexpectedly')
          return { rows, command: 'SELECT', rowCount: 0 }
        },
        life: async () => 'first',
        hear: () => undefined,
        ended(hear) {
          end = () => {
            if (mine === connected) hasEnded = true
            hear()
          }
        },
        release: () => undefined,
      }
    },
    close: async () => {},
  }
  const clock = Object.assign({}, systemPorts.clock, {
    monotonicMs: () => nowMs,
    every(_: number, work: () => void) {
      tick = work
      return { cancel: () => undefined }
    },
  })
  const settled = () => systemPorts.clock.sleep(5)

  beforeEach(async () => {
    isAway = false
    rows = []
    connected = 0
    nowMs = 1_000
    keeper = await keeperOver(pool, { clock, randomness: systemPorts.randomness })
  })
  afterEach(() => keeper.close())

  it('is made anew as soon as it ends, and tells that the server may have been away', async () => {
    let told = 0
    keeper.onBack(() => {
      told += 1
    })
    end()
    await settled()
    expect([connected, told, keeper.problem]).to.deep.equal([2, 1, undefined])
  })

  it('knows when the server was last there, and of no time before it has told that it was away', async () => {
    expect(keeper.livedMs()).to.equal(1_000)
    nowMs = 2_000
    tick()
    await settled()
    expect(keeper.livedMs()).to.equal(2_000)
    isAway = true
    nowMs = 3_000
    tick()
    await settled()
    expect([keeper.livedMs(), keeper.problem === undefined]).to.deep.equal([2_000, false])
    const seen: number[] = []
    keeper.onBack(() => void seen.push(keeper.livedMs()))
    isAway = false
    nowMs = 4_000
    tick()
    await settled()
    expect([seen, keeper.livedMs(), keeper.problem]).to.deep.equal([[2_000], 4_000, undefined])
  })
  it('calls it a problem that nothing is written, and holds what it has meanwhile', async () => {
    const seen: number[] = []
    keeper.onBack(() => void seen.push(nowMs))
    const look = async (readOnly: boolean) => {
      rows = [{ begun: '1', steps: 1, readOnly }]
      nowMs += 1_000
      tick()
      await settled()
    }
    await look(false)
    expect(keeper.problem).to.equal(undefined)
    await look(true)
    nowMs += 5_000
    expect([keeper.problem?.slice(0, 41), keeper.awayMs(), keeper.isAnother, connected]).to.deep.equal([
      'the database refuses: it writes nothing (',
      5_000,
      false,
      1,
    ])
    await look(false)
    expect([keeper.problem, keeper.awayMs(), seen]).to.deep.equal([undefined, 0, [9_000]])
  })

  it('names the tables that are gone or may not be used any more, until they are back', async () => {
    const look = async (steps: number, usable: string[] | null) => {
      rows = [{ begun: '1', steps, readOnly: false, usable }]
      tick()
      await settled()
      return keeper.problem
    }
    expect(await look(1, ['one', 'two', 'three'])).to.equal(undefined)
    expect(await look(1, ['two', 'of somebody else'])).to.contain('lost a right to one, three (SELECT')
    expect(await look(1, null)).to.contain('one, two, three')
    expect(keeper.awayMs()).to.equal(0)
    expect(await look(1, ['one', 'three', 'two'])).to.equal(undefined)
    // A newer version knows what it drops.
    expect(await look(2, ['one', 'two'])).to.equal(undefined)
    expect(await look(2, ['one'])).to.contain('lost a right to two (')
  })
})
