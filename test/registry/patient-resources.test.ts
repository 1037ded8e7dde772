// What administrators see and undo of patients.
import { expect } from 'chai'
import { patientResources } from '../../registry/patient-resources.js'
import { AdminProblem } from '../../server/administration/resources.js'
import { aFolder, aSubmission } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote, type TestRegistry } from './a-registry.js'

const [A, B, C] = ['A', 'B', 'C'].map(name => `${name}^^^&2.999.1&ISO`) as [string, string, string]

describe('patients for administrators', () => {
  let registry: TestRegistry

  beforeEach(async () => {
    registry = await aRegistry()
    await registry.addPatient(A)
    await registry.addPatient(B)
    await registry.addPatient(C)
  })
  afterEach(() => registry.close())

  async function ask(path: string, asked: { rest?: string; query?: string; body?: unknown } = {}): Promise<unknown> {
    const resource = patientResources('Document Registry', registry.context).find(each => each.path === path)
    const { rest = '', query = '', body } = asked
    const partner = { name: 'admin', roles: new Set(['admin'] as const), address: '10.0.0.9' }
    return resource?.answer({ rest, query: new URLSearchParams(query), body, partner }).catch((problem: unknown) => {
      if (problem instanceof AdminProblem) return { status: problem.status, problem: problem.message }
      throw problem
    })
  }
  const unmerge = (patientId: unknown) => ask('/admin/patients/unmerge', { body: { patientId } })
  const show = (patientId: string) => ask('/admin/patients', { rest: patientId })
  const auditedLast = async (count: number) => {
    const rows = await registry.sql<{ record: string }>(
      'SELECT record FROM test_outbox ORDER BY number DESC LIMIT ?',
      count,
    )
    return rows.reverse().map(({ record }) => JSON.parse(record))
  }

  it('are listed in portions, with what stands for them after merges', async () => {
    await registry.merge(A, B)
    expect(await ask('/admin/patients', { query: 'limit=2' })).to.deep.equal({
      patients: [{ patientId: A, survivor: B }, { patientId: B }],
    })
    expect(await ask('/admin/patients', { query: `after=${encodeURIComponent(B)}&limit=1` })).to.deep.equal({
      patients: [{ patientId: C }],
    })
    for (const query of ['limit=0', 'limit=1001', 'limit=x']) {
      expect(await ask('/admin/patients', { query })).to.include({ status: 400 })
    }
  })

  it('are shown with their chain and how much is theirs', async () => {
    await registry.register(aSubmission({ patientId: A, folders: [aFolder({ patientId: A })] }))
    await registry.merge(A, B)
    await registry.merge(B, C)
    expect(await show(A)).to.deep.equal({
      patientId: A,
      survivor: C,
      mergedInto: B,
      mergedMs: registry.clock.nowMs,
      subsumed: [],
      nationalIds: [],
      objects: 3,
    })
    expect(await show(B))
      .to.include({ survivor: C, mergedInto: C, objects: 0 })
      .and.deep.include({ subsumed: [A] })
    expect(await show('nobody^^^&2.999.1&ISO')).to.include({ status: 404 })
  })

  it('come back whole when a merge is undone, with those merged into them before, and it is audited', async () => {
    for (const patientId of [A, B, C]) await registry.register(aSubmission({ patientId }))
    await registry.merge(A, B)
    await registry.merge(B, C)
    await registry.register(aSubmission({ patientId: C }))
    expect(await unmerge(B))
      .to.deep.include({ patientId: B, subsumed: [A] })
      .and.not.have.property('survivor')
    expect(await found(C)).to.deep.equal([C, C])
    expect(await found(B)).to.deep.equal([B, B])
    expect(codesOf(await registry.register(aSubmission({ patientId: A })))).to.deep.equal(['XDSUnknownPatientId'])
    const records = await auditedLast(2)
    expect(records.map(record => [record.eventID[0], record.action, record.objects[0].id])).to.deep.equal([
      ['110110', 'C', B],
      ['110110', 'U', C],
    ])
    expect(records[0].participants[0]).to.include({ userID: 'admin', networkAccessPointID: '10.0.0.9' })
    expect((await registry.merge(B, C)).typeCode).to.equal('CA')
  })

  it('are not separated when there is nothing to undo', async () => {
    const before = await registry.contents()
    expect(await unmerge(A)).to.include({ status: 409 })
    expect(await unmerge('nobody^^^&2.999.1&ISO')).to.include({ status: 404 })
    expect(await unmerge(undefined)).to.include({ status: 400 })
    expect(await ask('/admin/patients/unmerge', { body: null })).to.include({ status: 400 })
    expect(await registry.contents()).to.deep.equal(before)
  })

  async function found(patientId: string): Promise<(string | undefined)[]> {
    const query = { $XDSDocumentEntryPatientId: quote(patientId), $XDSDocumentEntryStatus: anyStatus }
    return (await registry.found('FindDocuments', query)).documentEntries.map(entry => entry.patientId)
  }
})
