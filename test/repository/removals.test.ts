// What is done with a document whose bytes could not be removed: whether it comes back in reach.
import { expect } from 'chai'
import { ContentUnreachable } from '../../repository/content-store.js'
import type { RemovableCopy } from '../../repository/document-store.js'
import { openRemovals } from '../../repository/removals.js'

const copy: RemovableCopy = {
  ...{ id: 'a', uniqueId: '2.999.1', state: 'registered', patientId: undefined, place: 's3://bucket/documents' },
}

describe('a document whose bytes could not be removed [ITI TF-2:3.86.4.1.3]', () => {
  const away = () =>
    Promise.reject(new ContentUnreachable('the object storage did not erase it: it does not answer in time'))

  async function afterwards(sizeBytes: () => Promise<number | undefined>) {
    const ended: { gone: string[]; kept: string[] }[] = []
    const documents = {
      beginRemoval: async () => [copy],
      endRemoval: async ({ gone, kept }: { gone: Iterable<string>; kept: Iterable<string> }) =>
        void ended.push({ gone: [...gone], kept: [...kept] }),
    }
    const alarms: string[] = []
    const removals = openRemovals({
      ...{ documents: documents as never, contents: { erase: away, sizeBytes }, outbox: { insert: () => {} } as never },
      alarm: ({ kind }) => void alarms.push(kind),
    })
    const outcomes = await removals.remove(['2.999.1'], () => [])
    expect(alarms).to.deep.equal(['document not removed'])
    expect(outcomes.get('2.999.1')?.kind).to.equal('stuck')
    return ended
  }

  it('is in reach again where they are there', async () => {
    expect(await afterwards(async () => 5)).to.deep.equal([{ gone: [], kept: ['a'] }])
  })

  it('stays out of reach where they are not, or nobody can tell, until a start has removed it for good', async () => {
    expect(await afterwards(async () => undefined)).to.deep.equal([{ gone: [], kept: [] }])
    expect(await afterwards(away)).to.deep.equal([{ gone: [], kept: [] }])
  })
})
