import { readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import {
  type ExaminedDocument,
  examinationResources,
  type ScrubAnswer,
  type UnsettledAnswer,
} from '../../../repository/administration/examination-resources.js'
import { readParcels } from '../../../server/administration/parcels.js'
import { AdminProblem, Parcels } from '../../../server/administration/resources.js'
import {
  aRepository,
  aRequest,
  closeRepositories,
  keepInRow,
  large,
  small,
  type TestRepository,
  uniqueIdOf,
} from '../a-repository.js'

afterEach(closeRepositories)

const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }

interface Given {
  rest?: string
  query?: string
  body?: unknown
  bytes?: Buffer
}

async function ask<Answer>(repository: TestRepository, path: string, { rest = '', query, body, bytes }: Given = {}) {
  const resources = examinationResources(repository.context, { run: () => repository.resolve() })
  const resource = resources.find(each => each.path === `/admin/examine/${path}`)
  const answer = await resource!.answer({
    rest,
    query: new URLSearchParams(query),
    body,
    partner,
    ...(bytes === undefined ? {} : { bytes: Readable.from([bytes]) }),
  })
  if (!(answer instanceof Parcels)) return answer as Answer
  const pieces: Buffer[] = []
  for await (const parcel of readParcels(answer.bytes)) if (parcel.kind === 'piece') pieces.push(parcel.bytes)
  return JSON.parse(String(Buffer.concat(pieces))) as Answer
}

async function submitted(repository: TestRepository, bytes: Buffer): Promise<ExaminedDocument> {
  const request = await aRequest(repository.spool, bytes)
  await repository.submit(request)
  const { kept } = await ask<{ kept: ExaminedDocument[] }>(repository, 'kept', {
    body: { uniqueIds: [uniqueIdOf(request)] },
  })
  return kept[0]!
}

async function fileOf(repository: TestRepository, id: string): Promise<string> {
  return (await repository.files()).find(path => path.endsWith(id))!
}

async function problemOf(work: Promise<unknown>): Promise<AdminProblem> {
  const problem = await work.catch(failure => failure)
  expect(problem).to.be.instanceOf(AdminProblem)
  return problem as AdminProblem
}

describe('the examination of what is kept', () => {
  it('reads documents no faster than it is told to', async () => {
    const repository = await aRepository()
    const { id } = await submitted(repository, large())
    const startedMs = systemPorts.clock.monotonicMs()
    const answer = await ask<ScrubAnswer>(repository, 'bytes', {
      body: { ids: [id, 'unknown'], bytesPerSecond: 500_000 },
    })
    expect(answer).to.deep.equal({ bytes: 200_000, damaged: [] })
    expect(systemPorts.clock.monotonicMs() - startedMs).to.be.greaterThan(350)
  })

  it('tells which are damaged, and goes on', async () => {
    const repository = await aRepository()
    const documents = [await submitted(repository, large()), await submitted(repository, large())]
    const path = await fileOf(repository, documents[0]!.id)
    writeFileSync(path, readFileSync(path).subarray(1))
    const ids = documents.map(({ id }) => id)
    const answer = await ask<ScrubAnswer>(repository, 'bytes', { body: { ids, bytesPerSecond: 1e9 } })
    expect(answer.damaged.map(({ id }) => id)).to.deep.equal([ids[0]])
    expect(answer.bytes).to.equal(200_000)
  })

  it('tells bytes that somebody has changed together with the digests of their chunks', async () => {
    const repository = await aRepository()
    const { id } = await submitted(repository, large())
    const forged = Buffer.alloc(large().length, 'other bytes ')
    const other = await submitted(repository, forged)
    writeFileSync(await fileOf(repository, id), forged)
    await repository.sql(`UPDATE document SET chunk_digests = (SELECT chunk_digests FROM document WHERE id = '${other.id}')
      WHERE id = '${id}'`)
    const { damaged } = await ask<ScrubAnswer>(repository, 'bytes', { body: { ids: [id], bytesPerSecond: 1e9 } })
    expect(damaged).to.have.length(1)
    expect(damaged[0]?.why).to.equal('as a whole it is not as it was received')
  })

  it('tells which submissions are without the registry, and has them settled', async () => {
    const repository = await aRepository({ timeoutMs: 50 })
    repository.registry.mishaps.push(...Array.from({ length: 10 }, () => 'swallowed' as const))
    await repository.submit(await aRequest(repository.spool, small()))
    const before = await ask<UnsettledAnswer>(repository, 'unsettled')
    expect(before.pending).to.have.length(1)
    repository.registry.mishaps = []
    repository.context.config.registry.timeoutMs = 20_000
    expect((await ask<UnsettledAnswer>(repository, 'settle', { body: {} })).pending).to.deep.equal([])
  })

  it('takes a rate above zero', async () => {
    const repository = await aRepository()
    for (const bytesPerSecond of [0, -1, 'fast', undefined]) {
      await problemOf(ask(repository, 'bytes', { body: { ids: [], bytesPerSecond } }))
    }
  })
})

describe('mending', () => {
  it('puts the bytes back that were received, where they are damaged or missing', async () => {
    const repository = await aRepository()
    const bytes = large()
    const { id, uniqueId } = await submitted(repository, bytes)
    writeFileSync(await fileOf(repository, id), 'not this')
    expect(await ask(repository, 'mend', { rest: id, bytes })).to.deep.equal({ mended: id })
    expect((await repository.content(uniqueId))?.equals(bytes)).to.equal(true)
  })

  it('puts back small ones too: those in a segment and those that an earlier version kept in the database', async () => {
    const repository = await aRepository()
    const [bytes, older] = [small(), small()]
    const [one, inRow] = [await submitted(repository, bytes), await submitted(repository, older)]
    keepInRow(repository, inRow.uniqueId, Buffer.from('not this'))
    const [segment] = await repository.segments()
    writeFileSync(segment!, readFileSync(segment!).fill(1, 500, 600))
    expect(await ask(repository, 'mend', { rest: one.id, bytes })).to.deep.equal({ mended: one.id })
    expect(await ask(repository, 'mend', { rest: inRow.id, bytes: older })).to.deep.equal({ mended: inRow.id })
    expect(await repository.content(one.uniqueId)).to.deep.equal(bytes)
    expect(await repository.content(inRow.uniqueId)).to.deep.equal(older)
    expect(repository.store.prepare('SELECT id FROM document WHERE content IS NOT NULL').all()).to.deep.equal([])
  })

  it('changes nothing for other bytes, for a whole document and for an unknown one', async () => {
    const repository = await aRepository()
    const bytes = large()
    const whole = await submitted(repository, bytes)
    expect((await problemOf(ask(repository, 'mend', { rest: whole.id, bytes }))).message).to.contain('is whole')
    const path = await fileOf(repository, whole.id)
    writeFileSync(path, 'not this')
    expect((await problemOf(ask(repository, 'mend', { rest: whole.id, bytes: large() }))).status).to.equal(409)
    expect(String(readFileSync(path))).to.equal('not this')
    expect((await problemOf(ask(repository, 'mend', { rest: 'unknown', bytes }))).status).to.equal(404)
  })
})
