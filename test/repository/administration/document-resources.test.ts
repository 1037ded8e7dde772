import { expect } from 'chai'
import { documentResources } from '../../../repository/administration/document-resources.js'
import { AdminProblem, type AdminResource } from '../../../server/administration/resources.js'
import { aRepository, aRequest, closeRepositories, small, type TestRepository, uniqueIdOf } from '../a-repository.js'

afterEach(closeRepositories)

const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }

function answer(repository: TestRepository, path: string, given: { query?: string; body?: unknown }): Promise<unknown> {
  const resource = documentResources(repository.context).find(each => each.path === path) as AdminResource
  return resource.answer({ rest: '', query: new URLSearchParams(given.query), body: given.body, partner })
}

async function submitted(repository: TestRepository): Promise<string> {
  const request = await aRequest(repository.spool, small())
  await repository.submit(request)
  return uniqueIdOf(request)
}

describe('the documents that administrators list', () => {
  it('come in pages, each once, and say nothing of patients', async () => {
    const repository = await aRepository()
    const uniqueIds = [await submitted(repository), await submitted(repository), await submitted(repository)]
    const listed: string[] = []
    for (let after = ''; ; ) {
      const page = (await answer(repository, '/admin/documents', { query: `limit=2&after=${after}` })) as {
        documents: { id: string; uniqueId: string }[]
      }
      if (page.documents.length === 0) break
      for (const document of page.documents) {
        expect(Object.keys(document)).to.have.members(['id', 'uniqueId', 'sizeBytes', 'receivedMs'])
        listed.push(document.uniqueId)
        after = document.id
      }
    }
    expect(listed).to.have.members(uniqueIds)
  })

  it('are not those that were removed', async () => {
    const repository = await aRepository()
    const [first, second] = [await submitted(repository), await submitted(repository)]
    await repository.remove(first)
    expect(await answer(repository, '/admin/documents/kept', { body: { uniqueIds: [first, second] } })).to.deep.equal({
      kept: [second],
    })
  })

  it('are asked for in bounds', async () => {
    const repository = await aRepository()
    const tooMany = Array.from({ length: 1_001 }, () => '2.25.1')
    const wrong: [string, { query?: string; body?: unknown }][] = [
      ['/admin/documents', { query: 'limit=1001' }],
      ['/admin/documents', { query: 'limit=many' }],
      ['/admin/documents/kept', { body: { uniqueIds: tooMany } }],
      ['/admin/documents/kept', { body: { uniqueIds: [1] } }],
      ['/admin/documents/kept', {}],
    ]
    for (const [path, given] of wrong) {
      const problem = await answer(repository, path, given).catch(failure => failure)
      expect(problem).to.be.instanceOf(AdminProblem)
    }
  })
})
