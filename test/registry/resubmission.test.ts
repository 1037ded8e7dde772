// Sending again: the decision table, row by row.
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { serveRegisterDocumentSet } from '../../registry/iti-42-register-document-set.js'
import { objectsOf } from '../../registry/store/commit.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, fromRepository, quote, type TestRegistry } from './a-registry.js'
import { replacing } from './submissions.js'

const dayMs = 86_400_000

describe('sending a submission again', () => {
  let registry: TestRegistry
  let submission: Submission
  afterEach(() => registry.close())

  async function registered(resubmission: 'strict' | 'replay'): Promise<void> {
    registry = await aRegistry({ resubmission })
    submission = aSubmission()
    await registry.register(submission, { messageID: 'urn:uuid:first' })
  }

  const again = (messageID: string, changes: { partner?: string; submission?: Submission } = {}) =>
    registry.register(changes.submission ?? structuredClone(submission), { partner: changes.partner, messageID })

  const entries = async () =>
    (
      await registry.found('FindDocuments', {
        $XDSDocumentEntryPatientId: quote(samplePatientId),
        $XDSDocumentEntryStatus: anyStatus,
      })
    ).documentEntries.length

  it('is begun anew, audit included, where a database has the work run again', async () => {
    await registered('strict')
    const { store } = registry.context
    const runTwice: typeof store = {
      ...store,
      register: (wanted, options, decide) =>
        store.register(wanted, options, facts => {
          decide(facts).commit?.alongside()
          return decide(facts)
        }),
    }
    const said: string[] = []
    const exchange = {
      ...fromRepository(),
      auditRecords() {
        said.push('audited')
        return []
      },
      uncommitted: () => void said.push('uncommitted'),
    }
    await serveRegisterDocumentSet.handle(aSubmission(), { ...registry.context, store: runTwice }, exchange)
    expect(said).to.deep.equal(['uncommitted', 'audited', 'uncommitted', 'audited'])
  })

  describe('once its metadata were removed', () => {
    const remove = () => registry.remove(...objectsOf(submission).map(({ entryUUID }) => entryUUID))

    it('is a new submission with strict, even in the same message [ITI TF-2:3.62.4.1.3]', async () => {
      await registered('strict')
      await remove()
      expect((await again('urn:uuid:first')).status).to.equal('Success')
      expect(await entries()).to.equal(1)
    })

    it('is refused with replay inside the window, counted from the removal [ITI TF-2:3.62.4.1.3]', async () => {
      await registered('replay')
      registry.clock.nowMs += 6 * dayMs
      await remove()
      registry.clock.nowMs += 6 * dayMs
      const before = await registry.contents()
      for (const messageID of ['urn:uuid:first', 'urn:uuid:second']) {
        const response = await again(messageID)
        expect(codesOf(response)).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
        expect(response.errors[0]?.codeContext).to.contain('removed at 2026-11-29T06:00:00.000Z')
      }
      expect(await registry.contents()).to.deep.equal(before)
      registry.clock.nowMs += 2 * dayMs
      expect((await again('urn:uuid:third')).status).to.equal('Success')
    })

    it('is another submission when it says something else, or another partner does [ITI TF-2:3.62.4.1.3]', async () => {
      await registered('replay')
      await remove()
      const other = structuredClone(submission)
      other.documentEntries = other.documentEntries.map(entry => ({ ...entry, mimeType: 'text/plain' }))
      expect((await again('urn:uuid:second', { submission: other })).status).to.equal('Success')
      await remove()
      expect((await again('urn:uuid:third', { partner: 'another repository' })).status).to.equal('Success')
    })

    it('is remembered by digests, and no longer than the window lasts [ITI TF-2:3.62.4.1.3]', async () => {
      await registered('replay')
      await remove()
      const remembered = async () => (await registry.contents()).removed_submissions ?? []
      expect(await remembered()).to.have.length(1)
      expect(JSON.stringify(await remembered())).to.not.contain(submission.submissionSets[0]?.uniqueId)
      registry.clock.nowMs += 8 * dayMs
      submission = aSubmission()
      await registry.register(submission)
      await remove()
      expect(await remembered()).to.have.length(1)
    })
  })

  for (const resubmission of ['strict', 'replay'] as const) {
    describe(`with the setting ${resubmission}`, () => {
      beforeEach(() => registered(resubmission))

      it('gives the first answer to the same message, and keeps nothing twice', async () => {
        const before = await registry.contents()
        expect((await again('urn:uuid:first')).status).to.equal('Success')
        expect(await registry.contents()).to.deep.equal(before)
      })

      it('refuses the same uniqueId with other metadata, also in the same message [ITI TF-2:3.42.4.1.3.3.7]', async () => {
        const other = structuredClone(submission)
        other.documentEntries = other.documentEntries.map(entry => ({ ...entry, mimeType: 'text/plain' }))
        const response = await again('urn:uuid:first', { submission: other })
        expect(codesOf(response)).to.include('XDSDuplicateUniqueIdInRegistry')
        expect(await entries()).to.equal(1)
      })

      it('refuses the same metadata for another document [ITI TF-2:3.42.4.1.3.3.1]', async () => {
        const other = structuredClone(submission)
        other.documentEntries = other.documentEntries.map(entry => ({ ...entry, size: '17' }))
        expect(codesOf(await again('urn:uuid:first', { submission: other }))).to.include.members([
          'XDSDuplicateUniqueIdInRegistry',
          'XDSNonIdenticalSize',
        ])
      })

      it('refuses the same submission of another partner [ITI TF-2:3.42.4.1.3.3.7]', async () => {
        const response = await again('urn:uuid:first', { partner: 'somebody else' })
        expect(codesOf(response)).to.include('XDSDuplicateUniqueIdInRegistry')
      })

      it('takes the normal rules after a Failure', async () => {
        const faulty = aSubmission({ documentEntry: { hash: undefined } })
        expect((await again('urn:uuid:second', { submission: faulty })).status).to.equal('Failure')
        const mended = structuredClone(faulty)
        mended.documentEntries = mended.documentEntries.map(entry => ({
          ...entry,
          hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
        }))
        expect((await again('urn:uuid:second', { submission: mended })).status).to.equal('Success')
      })
    })
  }

  it('strict: refuses a new message with the same submission [ITI TF-2:3.42.4.1.3.3.7]', async () => {
    await registered('strict')
    expect(codesOf(await again('urn:uuid:second'))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
  })

  describe('with the setting replay', () => {
    beforeEach(() => registered('replay'))

    it('answers a new message as before while the window is open', async () => {
      registry.clock.nowMs += 7 * dayMs
      expect(await again('urn:uuid:second')).to.deep.equal({ status: 'Success', errors: [] })
      expect(await entries()).to.equal(1)
    })

    it('refuses it when the window is over [ITI TF-2:3.42.4.1.3.3.7]', async () => {
      registry.clock.nowMs += 7 * dayMs + 1
      expect(codesOf(await again('urn:uuid:second'))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
    })

    it('answers as before when the entries have been replaced since, and leaves them as they are', async () => {
      await registry.register(replacing(submission.documentEntries[0]?.entryUUID ?? ''))
      const before = await registry.contents()
      expect((await again('urn:uuid:second')).status).to.equal('Success')
      expect(await registry.contents()).to.deep.equal(before)
    })

    it('answers a replacement as before, although its target is deprecated by now', async () => {
      const replacement = replacing(submission.documentEntries[0]?.entryUUID ?? '')
      await registry.register(replacement, { messageID: 'urn:uuid:r1' })
      expect((await again('urn:uuid:r2', { submission: structuredClone(replacement) })).status).to.equal('Success')
      expect(await entries()).to.equal(2)
    })

    it('answers the same submission with other symbolic ids as before', async () => {
      const symbolic = aSubmission({ submissionSet: { entryUUID: 'S' }, documentEntry: { entryUUID: 'D' } })
      for (const association of symbolic.associations) association.entryUUID = ''
      await registry.register(symbolic)
      const renamed = structuredClone(symbolic)
      for (const set of renamed.submissionSets) set.entryUUID = 'SubmissionSet01'
      for (const association of renamed.associations) association.sourceObject = 'SubmissionSet01'
      expect((await again('urn:uuid:third', { submission: renamed })).status).to.equal('Success')
      expect(await entries()).to.equal(2)
    })

    it('names the attributes that differ to the partner who sent the first, and to nobody else', async () => {
      const other = structuredClone(submission)
      other.documentEntries = other.documentEntries.map(entry => ({ ...entry, languageCode: 'fr-CH' }))
      other.submissionSets = other.submissionSets.map(set => ({ ...set, submissionTime: '20261123070000' }))
      const onUniqueId = (response: RegistryResponse) =>
        response.errors.find(error => error.errorCode === 'XDSDuplicateUniqueIdInRegistry')
      const toSame = onUniqueId(await again('urn:uuid:second', { submission: other }))
      expect(toSame?.codeContext).to.contain('languageCode').and.to.contain('submissionTime')
      const toOther = onUniqueId(await again('urn:uuid:third', { submission: other, partner: 'somebody else' }))
      expect(toOther).to.not.equal(undefined)
      expect(toOther?.codeContext).to.not.contain('languageCode')
    })
  })
})
