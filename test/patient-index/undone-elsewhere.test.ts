// What registries are asked when a merge is undone on a page, and what of their answers counts as undone.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { NotUndone, undoingElsewhere } from '../../patient-index/undone-elsewhere.js'
import type { HttpCall } from '../../ports/network.js'

const registry = { name: 'registry', url: 'https://localhost:8441/registry' }
const other = { name: 'other', url: 'https://localhost:9441/registry/' }
const patientId = 'x^^^&2.999.7&ISO'

describe('undoing a merge in registries', () => {
  const asked: HttpCall[] = []
  beforeEach(() => asked.splice(0))

  /** What each says, one after the other. */
  async function undo(...answers: [status: number, body: unknown][]): Promise<string | undefined> {
    const client = {
      async call(call: HttpCall) {
        asked.push(call)
        const [status = 0, said] = answers.shift() ?? []
        if (status === 0) throw new Error('connect ECONNREFUSED')
        const text = typeof said === 'string' ? said : JSON.stringify(said)
        return { status, headers: {}, body: Readable.from([Buffer.from(text)]) }
      },
    }
    const registries = answers.length > 1 ? [registry, other] : [registry]
    return undoingElsewhere(client, { registries })(patientId).then(
      () => undefined,
      problem => (problem instanceof NotUndone ? `${problem.registry}: ${problem.message}` : String(problem)),
    )
  }

  it('asks each at its door for administrators, and is done when each has [ITI TF-2:3.44.4.2.4]', async () => {
    expect(await undo([200, { patientId }], [200, { patientId }])).to.equal(undefined)
    expect(asked.map(({ url, method }) => [url, method])).to.deep.equal([
      ['https://localhost:8441/registry/admin/patients/unmerge', 'POST'],
      ['https://localhost:9441/registry/admin/patients/unmerge', 'POST'],
    ])
    const [sent] = asked.map(({ body = [] }) => Buffer.concat([...(body as Iterable<Uint8Array>)]).toString())
    expect(JSON.parse(sent ?? '')).to.deep.equal({ patientId })
  })

  it('takes it that one has nothing to undo that was never told, or has undone it before', async () => {
    for (const status of [404, 409]) expect(await undo([status, { problem: 'not merged' }])).to.equal(undefined)
  })

  it('says which has not and why, and asks no further', async () => {
    const cases: [answer: [status: number, body: unknown], why: string][] = [
      [[403, { problem: 'you may not' }], 'you may not'],
      [[503, { problem: 'the database is away' }], 'the database is away'],
      [[404, 'There is nothing at /registry/admin'], 'HTTP 404, and nothing that a registry of Carnet says'],
      [[405, ''], 'HTTP 405, and nothing that a registry of Carnet says'],
      [[200, '<html/>'], 'HTTP 200, and nothing that a registry of Carnet says'],
      [[200, { patientId: 'another' }], 'HTTP 200, and nothing that a registry of Carnet says'],
      [[200, null], 'HTTP 200, and nothing that a registry of Carnet says'],
      [[0, ''], 'connect ECONNREFUSED'],
      [[403, { problem: 'x'.repeat(1_000) }], 'x'.repeat(300)],
      [[200, 'x'.repeat(1_048_577)], 'its answer is too long'],
    ]
    for (const [answer, why] of cases) {
      asked.splice(0)
      expect([answer[0], await undo(answer, [200, { patientId }])]).to.deep.equal([answer[0], `registry: ${why}`])
      expect(asked).to.have.length(1)
    }
  })
})
