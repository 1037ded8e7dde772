import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Administration } from '../../../cli/administration.js'
import { Failure } from '../../../cli/failure.js'
import { type SweepOptions, sweepBy, type Work } from '../../../cli/removal/sweep.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet sweep', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-sweep-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** A repository with documents of these uniqueIds, a registry that knows some of them, and what is removed. */
  function played(kept: string[], known: (uniqueId: string) => boolean) {
    const removed: string[] = []
    const terminal = playedTerminal()
    const administration = {
      described: async (uniqueIds: string[]) => uniqueIds.filter(known),
      documentEntries: async () => [],
      folders: async () => [],
      submissionSet: async () => undefined,
      associations: async () => [],
      async removeDocuments(documents: { documentUniqueId: string }[]) {
        removed.push(...documents.map(({ documentUniqueId }) => documentUniqueId))
        return { response: { status: 'Success', errors: [] }, traceId: '' }
      },
      async resource(_: string, path: string) {
        const query = new URLSearchParams(path.split('?')[1])
        const rest = kept.filter(id => id > (query.get('after') ?? ''))
        return { documents: rest.slice(0, Number(query.get('limit'))).map(uniqueId => ({ id: uniqueId, uniqueId })) }
      },
    } as unknown as Administration
    const options: SweepOptions = { limit: '1000', patient: [], repair: true, yes: true }
    const config = { repository: { repositoryUniqueId: '2.999.1' } }
    const deployment = { folder, config, urls: { registry: 'https://r', repository: '', audit: '' } }
    const work = { administration, deployment, options, context: { ports: systemPorts, terminal } } as unknown as Work
    return { work, terminal, removed, options }
  }

  async function failureOf(work: Work): Promise<Failure> {
    try {
      await sweepBy(work)
    } catch (problem) {
      return problem as Failure
    }
    throw new Error('it did not fail')
  }

  const some = ['1', '2', '3', '4', '5', '6']

  it('removes what the registry knows nothing of, and nothing else', async () => {
    const { work, removed } = played(some, uniqueId => uniqueId !== '4')
    await sweepBy(work)
    expect(removed).to.deep.equal(['4'])
  })

  it('removes nothing without --repair and --yes', async () => {
    for (const left of ['repair', 'yes'] as const) {
      const { work, removed, options, terminal } = played(some, uniqueId => uniqueId !== '4')
      options[left] = false
      await sweepBy(work)
      expect(removed).to.deep.equal([])
      expect(terminal.printed.join('\n')).to.contain('no metadata   document 4')
    }
  })

  it('takes nothing for gone because a question failed', async () => {
    const { work, removed } = played(some, uniqueId => {
      if (uniqueId === '5') throw new Failure('refused', 'XDSRegistryBusy')
      return uniqueId !== '4'
    })
    expect((await failureOf(work)).message).to.equal('XDSRegistryBusy')
    expect(removed).to.deep.equal([])
  })

  it('removes nothing when the registry knows not one document: it is the wrong one', async () => {
    const { work, removed } = played(some, () => false)
    expect((await failureOf(work)).message).to.contain('can hardly be the one they were registered in')
    expect(removed).to.deep.equal([])
  })

  it('asks once more before it removes: what has come to be registered meanwhile stays', async () => {
    let asked = 0
    const { work, removed } = played(some, uniqueId => {
      if (uniqueId !== '4') return true
      asked += 1
      return asked > 1
    })
    expect((await failureOf(work)).message).to.contain('4: the registry has an entry for it')
    expect(removed).to.deep.equal([])
  })

  it('stops at its limit, and says where to go on', async () => {
    const { work, terminal, options } = played(some, () => true)
    options.limit = '4'
    await sweepBy(work)
    expect(terminal.printed[0]).to.equal('4 document(s) looked at, 0 without metadata; go on with --after 4')
    options.after = '4'
    await sweepBy(work)
    expect(terminal.printed.at(-2)).to.equal('2 document(s) looked at, 0 without metadata')
  })
})
