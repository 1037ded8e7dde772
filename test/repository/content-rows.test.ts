import { expect } from 'chai'
import { aRepository, aRequest, closeRepositories, keepInRow, small, uniqueIdOf } from './a-repository.js'

afterEach(closeRepositories)

async function keptInARow() {
  const before = await aRepository()
  const bytes = small()
  const request = await aRequest(before.spool, bytes)
  await before.submit(request)
  keepInRow(before, uniqueIdOf(request), bytes)
  const repository = await aRepository({ folder: before.folder, registry: before.registry })
  await repository.swept
  return { repository, bytes, uniqueId: uniqueIdOf(request) }
}

describe('documents in the rows of an earlier version', () => {
  it('are handed out as ever', async () => {
    const { repository, bytes, uniqueId } = await keptInARow()
    expect(await repository.content(uniqueId)).to.deep.equal(bytes)
  })

  it('are removed with their row', async () => {
    const { repository, uniqueId } = await keptInARow()
    expect((await repository.remove(uniqueId)).status).to.equal('Success')
    expect(await repository.rows('document')).to.equal(0)
    expect(await repository.content(uniqueId)).to.equal(undefined)
  })

  it('are found damaged when they are', async () => {
    const { repository, bytes, uniqueId } = await keptInARow()
    const damaged = Buffer.from(bytes)
    damaged[7]! ^= 1
    repository.store.prepare('UPDATE document SET content = ?').run(damaged)
    expect((await repository.retrieve(uniqueId)).status).to.equal('Failure')
    expect(repository.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt'])
  })
})
