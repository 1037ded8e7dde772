import { expect } from 'chai'
import fc from 'fast-check'
import { again, anEntry, aRepository, aRequest, closeRepositories, large, sha1, small } from './a-repository.js'
import type { Mishap } from './fake-registry.js'

afterEach(closeRepositories)

const contents = [small(), small(), large()]
const shortMs = 250

const submission = fc.record({
  content: fc.nat(contents.length - 1),
  partner: fc.constantFrom('hospital', 'clinic'),
  /** Sent a second time by its source, at once or later. */
  twice: fc.boolean(),
  delayMs: fc.nat(4),
})
const mishap = fc.constantFrom<Mishap>('none', 'none', 'lost', 'swallowed', 'unreachable', 'hang')

describe('whatever happens to submissions of one uniqueId', () => {
  for (const resubmission of ['strict', 'replay'] as const) {
    it(`there is one content under it, here and in the registry (${resubmission})`, async () => {
      const repository = await aRepository({ timeoutMs: shortMs, config: { resubmission } })
      const { registry, spool } = repository
      // What is settled in the end has time to be; what hangs before has little.
      const timed = repository.context.config.registry
      await fc.assert(
        fc.asyncProperty(
          fc.array(submission, { minLength: 2, maxLength: 6 }),
          fc.array(mishap, { maxLength: 8 }),
          fc.boolean(),
          async (submissions, mishaps, remembers) => {
            const uniqueId = anEntry().uniqueId!
            registry.mishaps = [...mishaps]
            registry.remembers = remembers
            registry.onArrival = () => new Promise(resolve => setTimeout(resolve, Math.random() * 3))
            const send = async ({ content, partner, twice, delayMs }: (typeof submissions)[number]) => {
              const bytes = contents[content]!
              const request = await aRequest(spool, bytes, { documentEntry: { uniqueId } })
              await new Promise(resolve => setTimeout(resolve, delayMs))
              const resent = twice ? await again(spool, request, bytes) : undefined
              const all = [request, ...(resent === undefined ? [] : [resent])].map(each =>
                repository.submit(each, { partner }),
              )
              return (await Promise.all(all)).map(({ status }) => ({ status, bytes }))
            }
            const answers = (await Promise.all(submissions.map(send))).flat()
            registry.mishaps = []
            timed.timeoutMs = 20_000
            await repository.resolve()
            timed.timeoutMs = shortMs

            expect(await repository.context.documents.pending(10)).to.deep.equal([])
            const kept = await repository.content(uniqueId)
            const registered = registry.entries.filter(entry => entry.uniqueId === uniqueId)
            const copies = await repository.context.documents.documents(uniqueId)
            expect(new Set(registered.map(entry => entry.hash)).size, 'contents in the registry').to.be.at.most(1)
            expect(new Set(copies.map(copy => copy.sha256)).size, 'contents in the repository').to.be.at.most(1)
            expect(kept === undefined, 'both have it or none').to.equal(registered.length === 0)
            for (const entry of registered) expect(entry.hash).to.equal(sha1(kept!))
            for (const { status, bytes } of answers) if (status === 'Success') expect(kept).to.deep.equal(bytes)
          },
        ),
        { numRuns: 15 },
      )
    }).timeout(120_000)
  }
})
