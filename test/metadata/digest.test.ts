// What makes two submissions the same, and what does not.
import { expect } from 'chai'
import fc from 'fast-check'
import { submissionDigest } from '../../metadata/digest.js'
import type { DocumentEntry, Submission, SubmissionSet } from '../../metadata/model.js'
import { decodeSubmission, encodeSubmission } from '../../metadata/submission.js'
import { bytesOf, parseXml } from '../../soap/xml.js'
import { arbitrarySubmission } from '../samples/arbitrary-submission.js'
import {
  aCode,
  aDocumentEntry,
  aFolder,
  anAssociation,
  anAuthor,
  aSubmissionSet,
  aUuid,
} from '../samples/submission.js'

const sample: Submission = {
  submissionSets: [aSubmissionSet({ entryUUID: 'Set', uniqueId: '2.25.1', intendedRecipient: ['A', 'B'] })],
  documentEntries: [
    aDocumentEntry({ entryUUID: 'Doc', uniqueId: '2.25.2', eventCodeList: [aCode('1', 'One'), aCode('2', 'Two')] }),
    aDocumentEntry({ entryUUID: 'Other', uniqueId: '2.25.3' }),
  ],
  folders: [aFolder({ entryUUID: 'Folder' })],
  associations: [
    anAssociation({ entryUUID: 'SetDoc', sourceObject: 'Set', targetObject: 'Doc', submissionSetStatus: 'Original' }),
    anAssociation({
      entryUUID: 'SetOther',
      sourceObject: 'Set',
      targetObject: 'Other',
      submissionSetStatus: 'Original',
    }),
    anAssociation({ entryUUID: 'FolderDoc', sourceObject: 'Folder', targetObject: 'Doc' }),
    anAssociation({ entryUUID: 'SetMember', sourceObject: 'Set', targetObject: 'FolderDoc' }),
  ],
  findings: [],
}

describe('the digest of a submission is blind to', () => {
  it('the order of objects and values', () => {
    const turned: Submission = {
      ...sample,
      documentEntries: sample.documentEntries
        .toReversed()
        .map(each => ({ ...each, eventCodeList: each.eventCodeList.toReversed() })),
      submissionSets: sample.submissionSets.map(each => ({ ...each, intendedRecipient: ['B', 'A'] })),
      associations: sample.associations.toReversed(),
    }
    expect(submissionDigest(turned)).to.equal(submissionDigest(sample))
  })

  it('symbolic ids, also where Associations refer to Associations', () => {
    expect(submissionDigest(renamed(sample, id => `${id}-renamed`))).to.equal(submissionDigest(sample))
  })

  it('ids of Classifications and ExternalIdentifiers, prefixes and layout', () => {
    fc.assert(
      fc.property(arbitrarySubmission, submission => {
        const xml = bytesOf(encodeSubmission(submission)).toString()
        const other = xml
          .replaceAll(/(<rim:(?:Classification|ExternalIdentifier)) id="[^"]*"/g, '$1')
          .replaceAll(/(<\/?)rim:/g, '$1x:')
          .replace('xmlns:rim', 'xmlns:x')
        expect(submissionDigest(decodeSubmission(parseXml(other)))).to.equal(submissionDigest(submission))
      }),
      { numRuns: 50 },
    )
  })

  const ignored: [string, Partial<DocumentEntry>][] = [
    ['hash', { hash: 'ff39a3ee5e6b4b0d3255bfef95601890afd80709' }],
    ['absence of hash and size', { hash: undefined, size: undefined }],
    ['size', { size: '17' }],
    ['repositoryUniqueId', { repositoryUniqueId: '2.999.77' }],
    ['availabilityStatus', { availabilityStatus: 'Deprecated' }],
    ['version', { version: 7 }],
    ['the spelling of a charset', { title: [{ value: 'Austrittsbericht', lang: 'de-CH', charset: 'UTF8' }] }],
  ]
  for (const [what, change] of ignored) {
    it(what, () => {
      expect(submissionDigest(withEntry(change))).to.equal(submissionDigest(sample))
    })
  }
})

describe('the digest of a submission tells apart', () => {
  const entries: [string, Partial<DocumentEntry>][] = [
    ['uniqueId', { uniqueId: '2.25.99' }],
    ['patientId', { patientId: 'P-2^^^&2.999.1.2.3&ISO' }],
    ['title', { title: [{ value: 'Other' }] }],
    ['language of a title', { title: [{ value: 'Austrittsbericht', lang: 'fr', charset: 'UTF-8' }] }],
    ['typeCode', { typeCode: aCode('1', 'Discharge summary') }],
    ['codingScheme', { typeCode: aCode('373942005', 'Discharge summary', '2.999') }],
    ['author', { author: [anAuthor({ authorPerson: '^Other' })] }],
    ['one event code more', { eventCodeList: [aCode('1', 'One'), aCode('2', 'Two'), aCode('2', 'Two')] }],
    ['mimeType', { mimeType: 'text/plain' }],
    ['extra metadata', { extraMetadata: [{ name: 'urn:example:a', values: ['b'] }] }],
    ['the UUID that was given', { entryUUID: aUuid() }],
  ]
  for (const [what, change] of entries) {
    it(what, () => {
      expect(submissionDigest(withEntry(change))).to.not.equal(submissionDigest(sample))
    })
  }

  const sets: [string, Partial<SubmissionSet>][] = [
    ['submissionTime', { submissionTime: '20261123060601' }],
    ['sourceId', { sourceId: '2.999.3.2' }],
    ['uniqueId of the SubmissionSet', { uniqueId: '2.25.98' }],
  ]
  for (const [what, change] of sets) {
    it(what, () => {
      const submissionSets = sample.submissionSets.map(each => ({ ...each, ...change }))
      expect(submissionDigest({ ...sample, submissionSets })).to.not.equal(submissionDigest(sample))
    })
  }

  it('what is related to what', () => {
    const associations = sample.associations.map(each =>
      each.entryUUID === 'FolderDoc' ? { ...each, targetObject: 'Other' } : each,
    )
    expect(submissionDigest({ ...sample, associations })).to.not.equal(submissionDigest(sample))
  })

  it('the document outside that is replaced', () => {
    const replacing = (targetObject: string) => {
      const association = anAssociation({ entryUUID: 'R', associationType: 'RPLC', sourceObject: 'Doc', targetObject })
      return submissionDigest({ ...sample, associations: [...sample.associations, association] })
    }
    const target = aUuid()
    expect(replacing(target)).to.equal(replacing(target))
    expect(replacing(target)).to.not.equal(replacing(aUuid()))
  })

  it('the bytes of documents, where the caller says what stands for them', () => {
    const byHash = (submission: Submission) => submissionDigest(submission, entry => entry.hash)
    expect(byHash(withEntry({}))).to.equal(byHash(sample))
    expect(byHash(withEntry({ hash: 'ff39a3ee5e6b4b0d3255bfef95601890afd80709' }))).to.not.equal(byHash(sample))
  })
})

describe('the digest of a submission', () => {
  it('ends where Associations refer to one another in a circle', () => {
    const circle = [
      anAssociation({ entryUUID: 'A', sourceObject: 'B', targetObject: 'B' }),
      anAssociation({ entryUUID: 'B', sourceObject: 'A', targetObject: 'B' }),
    ]
    expect(submissionDigest({ ...sample, associations: circle })).to.match(/^[0-9a-f]{64}$/)
  })
})

function withEntry(change: Partial<DocumentEntry>): Submission {
  const [first, ...others] = sample.documentEntries
  const entry: DocumentEntry = { ...first!, ...change }
  return {
    ...renamed(sample, id => (id === first!.entryUUID ? entry.entryUUID : id)),
    documentEntries: [entry, ...others],
  }
}

function renamed(submission: Submission, rename: (id: string) => string): Submission {
  const named = <Value extends { entryUUID: string }>(each: Value) => ({ ...each, entryUUID: rename(each.entryUUID) })
  return {
    ...submission,
    submissionSets: submission.submissionSets.map(named),
    documentEntries: submission.documentEntries.map(named),
    folders: submission.folders.map(named),
    associations: submission.associations.map(each => ({
      ...named(each),
      sourceObject: rename(each.sourceObject),
      targetObject: rename(each.targetObject),
    })),
  }
}
