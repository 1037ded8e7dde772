// Replacements, removals and further versions of one document, all at once: one of them wins, and what is left is whole.
import { expect } from 'chai'
import { aDocumentEntry, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote } from './a-registry.js'

const many = Number(process.env.CARNET_RACERS ?? 400) / 5

function replacementOf(targetObject: string) {
  const entry = aDocumentEntry()
  const association = anAssociation({ associationType: 'RPLC', sourceObject: entry.entryUUID, targetObject })
  return aSubmission({ documentEntries: [entry], associations: [association] })
}

describe('replacements and removals at once', () => {
  it(`let one of ${many} replacements win: the old is Deprecated exactly if there is a new one [ITI TF-2:3.42.4.1.3.5]`, async () => {
    const registry = await aRegistry()
    try {
      await registry.addPatient(samplePatientId)
      const original = aDocumentEntry({ entryUUID: 'urn:uuid:5cbb4e6c-94b5-4f3a-9f0e-6d2b3a1c0001' })
      await registry.register(aSubmission({ documentEntries: [original] }))
      const answers = await Promise.all(
        Array.from({ length: many }, () => registry.register(replacementOf(original.entryUUID))),
      )
      expect(answers.filter(({ status }) => status === 'Success')).to.have.length(1)
      expect([...new Set(answers.flatMap(codesOf))]).to.deep.equal(['XDSRegistryDeprecatedDocumentError'])
      const { documentEntries } = await registry.found('FindDocuments', {
        $XDSDocumentEntryPatientId: quote(samplePatientId),
        $XDSDocumentEntryStatus: anyStatus,
      })
      expect(
        documentEntries.map(entry => [entry.entryUUID === original.entryUUID, entry.availabilityStatus]),
      ).to.deep.equal([
        [true, 'Deprecated'],
        [false, 'Approved'],
      ])
    } finally {
      await registry.close()
    }
  })

  it('go in turn with the removal of their target: it goes, or it is replaced and stays [ITI TF-2:3.62.4.1.3]', async () => {
    const registry = await aRegistry()
    try {
      await registry.addPatient(samplePatientId)
      for (let round = 0; round < 20; round++) {
        const submission = aSubmission({
          documentEntries: [
            aDocumentEntry({ entryUUID: `urn:uuid:5cbb4e6c-94b5-4f3a-9f0e-6d2b3a1d${String(round).padStart(4, '0')}` }),
          ],
        })
        await registry.register(submission)
        const target = submission.documentEntries[0]!.entryUUID
        const { submissionSets, associations } = await registry.found('GetSubmissionSets', {
          $uuid: `(${quote(target)})`,
        })
        const all = [target, ...submissionSets.map(set => set.entryUUID), ...associations.map(each => each.entryUUID)]
        const replace = () => registry.register(replacementOf(target))
        const works = [replace, replace]
        works.splice(round % 3, 0, () => registry.remove(...all))
        const answers = await Promise.all(works.map(work => work()))
        const [removed] = answers.splice(round % 3, 1)
        const replacements = answers.filter(({ status }) => status === 'Success').length
        // Either the target went, and nothing could refer to it, or it was replaced once, and could not go.
        const outcomes = [
          ['Success', 0],
          ['Failure', 1],
        ]
        expect(outcomes, `round ${round}`).to.deep.include([removed?.status, replacements])
      }
    } finally {
      await registry.close()
    }
  })
})
