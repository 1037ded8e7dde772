import { expect } from 'chai'
import { entryResources } from '../../registry/entry-resources.js'
import { AdminProblem } from '../../server/administration/resources.js'
import { aDomainOf } from '../affinity/a-domain-folder.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aRegistry, quote, type TestRegistry } from './a-registry.js'

const partner = { name: 'admin', roles: new Set(['admin'] as const), address: '10.0.0.9' }

describe('the documents that have entries, for administrators', () => {
  let registry: TestRegistry
  afterEach(() => registry.close())

  async function described(body: unknown): Promise<unknown> {
    const [resource] = entryResources(registry.context)
    return resource?.answer({ rest: '', query: new URLSearchParams(), body, partner })
  }

  it('are those too whose entries the affinity domain hides from queries [CH-EPR deletionStatus]', async () => {
    const name = 'urn:e-health-suisse:2019:deletionStatus'
    const hiddenFromQueries = { attribute: `DocumentEntry.${name}`, values: ['gone'], clause: 'Own 1' }
    registry = await aRegistry({}, await aDomainOf({ 'domain.json': { name: 'hiding', hiddenFromQueries } }))
    const documentEntries = [aDocumentEntry({ extraMetadata: [{ name, values: ['gone'] }] }), aDocumentEntry()]
    await registry.register(aSubmission({ documentEntries }))
    const [hidden, shown] = documentEntries.map(({ uniqueId }) => uniqueId ?? '') as [string, string]
    const asked = { $XDSDocumentEntryUniqueId: `(${quote(hidden)})` }
    expect((await registry.found('GetDocuments', asked)).documentEntries).to.deep.equal([])
    expect(await described({ uniqueIds: ['2.999.404', hidden, shown] })).to.deep.equal({ described: [hidden, shown] })
  })

  it('are asked for in bounds', async () => {
    registry = await aRegistry()
    for (const body of [undefined, null, { uniqueIds: [1] }, { uniqueIds: Array.from({ length: 1_001 }, () => '1') }]) {
      const problem = await described(body).catch((failure: unknown) => failure)
      expect(problem).to.be.instanceOf(AdminProblem).and.include({ status: 400 })
    }
  })
})
