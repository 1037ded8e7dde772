import { expect } from 'chai'
import type { Association } from '../../metadata/model.js'
import { operationsOf } from '../../registry/operations.js'
import type { Facts } from '../../registry/store/facts.js'
import { aDocumentEntry, anAssociation, aSubmission } from '../samples/submission.js'

describe('the operations of an update', () => {
  it('are told apart by a few looks at each Association, however many there are [ITI TF-2:3.57.4.1.3.2]', () => {
    const documentEntries = Array.from({ length: 200 }, () => aDocumentEntry())
    const { submissionSets } = aSubmission()
    const setId = submissionSets[0]?.entryUUID ?? ''
    let looks = 0
    const associations = documentEntries.map(({ entryUUID }): Association => {
      const { targetObject: _, ...rest } = anAssociation({ sourceObject: setId })
      return Object.defineProperty({ ...rest } as Association, 'targetObject', {
        get() {
          looks += 1
          return entryUUID
        },
      })
    })
    const submission = { submissionSets, documentEntries, folders: [], associations, findings: [] }
    const facts = { objects: new Map(), uniqueIds: new Map(), latestVersions: new Map() } as unknown as Facts
    const { newVersions, strays } = operationsOf(submission, facts)
    expect(newVersions.map(({ memberships }) => memberships.length)).to.deep.equal(documentEntries.map(() => 1))
    expect(strays).to.deep.equal([])
    expect(looks).to.be.lessThan(10 * associations.length)
  })
})
