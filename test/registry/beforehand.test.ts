// What of a long submission is done before it is held against the registry, and in how many steps.
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { encodeSubmission } from '../../metadata/submission.js'
import type { Steps } from '../../ports/turns.js'
import { looksAt, makesReady } from '../../registry/beforehand.js'
import { registration } from '../../registry/iti-42-register-document-set.js'
import { bytesOf, parseXml } from '../../soap/xml.js'
import type { Transaction } from '../../transactions/transaction.js'
import { registerDocumentSet } from '../../transactions/xds.js'
import { aCode, aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aRegistry, codesOf, type TestRegistry } from './a-registry.js'

describe('a long submission', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  const aLongOne = () => aSubmission({ documentEntries: Array.from({ length: 120 }, () => aDocumentEntry()) })
  const registering = { newUuid: () => 'urn:uuid:1', homeCommunityId: 'urn:oid:2.999.9' }

  function stepsOf<Result>(work: Steps<Result>): { steps: number; result: Result } {
    for (let steps = 0; ; steps += 1) {
      const { done, value } = work.next()
      if (done === true) return { steps, result: value }
    }
  }
  const ready = (submission: Submission, found = submission.findings) =>
    stepsOf(makesReady(submission, registration, { found, registering, domain: registry.context.domain }))

  it('is read, looked at and made ready object by object, so that others have turns', () => {
    const submission = aLongOne()
    const body = parseXml(bytesOf(encodeSubmission(submission)))
    const { request } = registerDocumentSet as Transaction<Submission, unknown>
    const read = stepsOf(request.decodeInSteps?.(body, undefined as never) as Steps<Submission>)
    expect(read.steps).to.equal(241)
    expect(read.result).to.deep.equal(request.decode(body, undefined as never))
    const looked = stepsOf(looksAt(submission, registration, registry.context))
    expect(looked.steps).to.equal(482)
    const made = ready(submission)
    expect(made.steps).to.equal(241)
    expect(made.result?.kept.documentEntries).to.have.length(120)
  })

  it('has as many steps as it has parts', () => {
    const eventCodeList = Array.from({ length: 2_000 }, (_, index) => aCode(String(index), 'A code'))
    const submission = aSubmission({ documentEntries: [aDocumentEntry({ eventCodeList })] })
    const body = parseXml(bytesOf(encodeSubmission(submission)))
    const { request } = registerDocumentSet as Transaction<Submission, unknown>
    expect(stepsOf(request.decodeInSteps?.(body, undefined as never) as Steps<Submission>).steps).to.be.within(10, 12)
  })

  it('is not made ready where that would be for nothing', () => {
    expect(ready(aSubmission()).result).to.equal(undefined)
    const refused = { code: 'XDSRegistryMetadataError', object: 'x', rule: 'y', expected: 'z', found: 'w' } as const
    expect(ready(aLongOne(), [refused]).result).to.equal(undefined)
    expect(ready(aLongOne(), [{ ...refused, severity: 'Warning' }]).result).to.not.equal(undefined)
  })

  it('is found as it was sent', async () => {
    const submission = aLongOne()
    expect(codesOf(await registry.register(submission))).to.deep.equal([])
    const { documentEntries } = await registry.found('GetSubmissionSetAndContents', {
      $XDSSubmissionSetUniqueId: `'${submission.submissionSets[0]?.uniqueId}'`,
    })
    expect(documentEntries.map(({ uniqueId }) => uniqueId)).to.have.members(
      submission.documentEntries.map(({ uniqueId }) => uniqueId),
    )
  })
})
