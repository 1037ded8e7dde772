// What is between a process and its server, as far as it can be told from here.
import { expect } from 'chai'
import type { Line, Pool } from '../../../store/postgres/connections.js'
import { demandSessions } from '../../../store/postgres/session.js'

describe('a session of PostgreSQL', () => {
  /** Every connection is served by the backend that `turn` says; each remembers what was set on it. */
  function pooler(turn: (connection: number, request: number) => number): Pool & { released: boolean[] } {
    const backends = new Map<number, string>()
    const released: boolean[] = []
    let requests = 0
    let connections = 0
    return {
      released,
      async connect() {
        const connection = connections++
        return {
          async query({ text }: { text: string }) {
            const backend = turn(connection, requests++)
            const set = /SET carnet\.session = '(.*)'/.exec(text)?.[1]
            if (set !== undefined) backends.set(backend, set)
            return { rows: [{ session: backends.get(backend) ?? null }], command: '', rowCount: 1 }
          },
          life: async () => 'first',
          hear: () => undefined,
          ended: () => undefined,
          release: (broken = false) => void released.push(broken),
        } satisfies Line
      },
      close: async () => {},
    }
  }

  it('is kept by a server, and by a pooler that keeps sessions', async () => {
    const pool = pooler(connection => connection)
    await demandSessions(pool, 'registry at db:5432')
    expect(pool.released).to.deep.equal([true, true])
  })

  for (const [how, turn] of [
    ['the one last used', () => 0],
    ['one after the other', (_: number, request: number) => request],
  ] as const) {
    it(`is not kept by a pooler that gives each transaction a connection: ${how}`, async () => {
      const refusal = await demandSessions(pooler(turn), 'registry at db:5432').catch(
        (problem: Error) => problem.message,
      )
      expect(refusal).to.match(/registry at db:5432 is a pooler that does not keep a session .* pool_mode of session/)
    })
  }
})
