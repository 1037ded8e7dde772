// Random feeds, merges and submissions against a plain model: who is who, and what queries show.
import { expect } from 'chai'
import fc from 'fast-check'
import { aSubmission } from '../samples/submission.js'
import { anyStatus, aRegistry, quote } from './a-registry.js'
import { patience } from './engines.js'

const id = (number: number) => `p${number}^^^&2.999.1&ISO`
const someone = fc.nat({ max: 7 })
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('add' as const), one: someone }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('merge' as const), one: someone, other: someone }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('submit' as const), one: someone }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('separate' as const), one: someone }) },
)

/** Each id with the one it was merged into itself, and the documents registered under it. */
type Model = Map<number, { into: number | undefined; documents: string[] }>

function survivor(model: Model, one: number): number {
  const into = model.get(one)?.into
  return into === undefined ? one : survivor(model, into)
}

const isActive = (model: Model, one: number) => model.has(one) && model.get(one)?.into === undefined

describe('merges in a row', () => {
  it('show each survivor what all behind it had, and nobody else anything [ITI TF-2:3.44.4.2.4]', async function () {
    this.timeout(60_000 * patience)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
        const registry = await aRegistry()
        const model: Model = new Map()
        for (const now of steps) await taken(now)
        for (let one = 0; one <= 7; one++) {
          const query = { $XDSDocumentEntryPatientId: quote(id(one)), $XDSDocumentEntryStatus: anyStatus }
          const { documentEntries } = await registry.found('FindDocuments', query)
          const behind = [...model].filter(([other]) => survivor(model, other) === one)
          const expected = isActive(model, one) ? behind.flatMap(([, { documents }]) => documents) : []
          expect(documentEntries.map(({ uniqueId }) => uniqueId).sort()).to.deep.equal(expected.sort())
          expect(documentEntries.every(({ patientId }) => patientId === id(one))).to.equal(true)
        }
        await registry.close()

        async function taken(now: typeof step extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
          const { one } = now
          if (now.does === 'add') {
            const answer = await registry.addPatient(id(one))
            if (!model.has(one)) model.set(one, { into: undefined, documents: [] })
            expect(answer.typeCode).to.equal(isActive(model, one) ? 'CA' : 'CE')
          } else if (now.does === 'merge') {
            const { other } = now
            const survives = isActive(model, other) || !model.has(other)
            const may = isActive(model, one) && survives && one !== other
            // Sent again, exactly the merge that stands is acknowledged. docs/decisions/0205
            const stands = model.get(one)?.into === other && isActive(model, other)
            expect((await registry.merge(id(one), id(other))).typeCode).to.equal(may || stands ? 'CA' : 'CE')
            if (!may) return
            if (!model.has(other)) model.set(other, { into: undefined, documents: [] })
            model.get(one)!.into = other
          } else if (now.does === 'separate') {
            if (model.get(one)?.into === undefined) return
            const alongside = () => {}
            const change = { separated: [id(one)], nowMs: 0, alongside }
            await registry.context.store.patients.change([id(one)], () => ({ answer: undefined, change }))
            model.get(one)!.into = undefined
          } else {
            const submission = aSubmission({ patientId: id(one) })
            const { status } = await registry.register(submission)
            expect(status).to.equal(isActive(model, one) ? 'Success' : 'Failure')
            if (status === 'Success') model.get(one)!.documents.push(submission.documentEntries[0]?.uniqueId ?? '')
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
