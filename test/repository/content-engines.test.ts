import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { contentEngines } from '../../repository/content-engines.js'
import type { ContentStore, NewContent } from '../../repository/content-store.js'
import { theRows } from './a-content-store.js'

/** Remembers ids only. */
function anEngine(name: string, fails = false): ContentStore & { holds: Set<string> } {
  const holds = new Set<string>()
  return {
    holds,
    async put(contents) {
      if (fails) throw new Error(`${name} is full`)
      for (const { id } of contents) holds.add(id)
      return new Map(contents.map(({ id }) => [id, `${name}:${id}`]))
    },
    final() {},
    open: async () => undefined,
    sizeBytes: async ({ id }) => (holds.has(id) ? name.length : undefined),
    remove: async ({ id }) => void holds.delete(id),
    erase: async ({ id }) => void holds.delete(id),
    sweep: async () => holds.size,
    async close() {},
  }
}

const ofSize = (sizeBytes: number) => ({ id: randomUUID(), content: { sizeBytes } }) as NewContent

describe('several engines for documents', () => {
  const engineFor = ({ content }: NewContent) => (content.sizeBytes < 10 ? 'little' : 'big')

  it('put each document where it belongs and find it by its place', async () => {
    const [little, big, old] = [anEngine('little'), anEngine('big'), anEngine('old')]
    old.holds.add('from before')
    const store = contentEngines({ engines: { little, big, old }, engineFor })
    const [one, two] = [ofSize(1), ofSize(100)]
    const places = await store.put([one!, two!])
    expect([...places.values()]).to.deep.equal([`little:${one!.id}`, `big:${two!.id}`])
    expect(await store.sizeBytes({ id: two!.id, place: places.get(two!.id)! })).to.equal(3)
    expect(await store.sizeBytes({ id: 'from before', place: 'old' })).to.equal(3)
    await store.erase({ id: one!.id, place: places.get(one!.id)! })
    expect(await store.sweep(theRows())).to.equal(2)
  })

  it('keep none where one of them cannot', async () => {
    const [little, big] = [anEngine('little'), anEngine('big', true)]
    const store = contentEngines({ engines: { little, big }, engineFor })
    const problem = await store.put([ofSize(1), ofSize(100)]).catch((failure: unknown) => failure)
    expect((problem as Error).message).to.equal('big is full')
    expect(little.holds.size).to.equal(0)
  })

  it('say so when a document is kept by one that is not there', async () => {
    const store = contentEngines({ engines: {}, engineFor })
    const problem = await store.open({ id: 'a', place: 's3:key' }).catch((failure: unknown) => failure)
    expect((problem as Error).message).to.contain('documents kept by "s3" cannot be reached')
  })
})
