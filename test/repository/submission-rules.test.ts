import { expect } from 'chai'
import type { ErrorCode } from '../../metadata/model.js'
import { systemClock } from '../../ports/clock.js'
import { survivesForwarding } from '../../repository/registration/forwarded-submission.js'
import type { ProvideAndRegisterRequest } from '../../transactions/xds-messages.js'
import { aDocumentEntry, aFolder, aSubmission } from '../samples/submission.js'
import {
  anAttachment,
  anEntry,
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  sha1,
  small,
  type TestRepository,
} from './a-repository.js'
import { patience } from './engines.js'

afterEach(closeRepositories)

/** A sound request of two documents, and what makes it wrong. */
const cases: {
  title: string
  spoil(request: ProvideAndRegisterRequest, repository: TestRepository): Promise<void> | void
  expected: ErrorCode[]
  says?: string
}[] = [
  {
    title: 'a DocumentEntry without its Document [TF-2:3.41.4.1.3]',
    spoil: request => void request.documents.pop(),
    expected: ['XDSMissingDocument'],
  },
  {
    title: 'no Document at all [TF-2:3.41.4.1.3]',
    spoil: request => void request.documents.splice(0),
    expected: ['XDSMissingDocument', 'XDSMissingDocument'],
  },
  {
    title: 'a Document without its DocumentEntry [TF-2:3.41.4.1.3]',
    spoil: request => void request.submission.documentEntries.pop(),
    expected: ['XDSMissingDocumentMetadata'],
  },
  {
    title: 'a Document whose id is another [TF-2:3.41.4.1.3]',
    spoil(request) {
      request.documents[1]!.id = 'Document99'
    },
    expected: ['XDSMissingDocument', 'XDSMissingDocumentMetadata'],
    says: 'Document99',
  },
  {
    title: 'two Documents for one DocumentEntry [TF-2:3.41.4.1.2]',
    async spoil(request, { spool }) {
      const id = request.documents[0]!.id
      request.documents.push({ id, content: { attachment: await anAttachment(spool, small()) } })
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'more than one Document',
  },
  {
    title: 'one MIME part for two Documents [TF-2:3.41.4.1.2]',
    spoil(request) {
      request.documents[1]!.content = request.documents[0]!.content
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'MIME part of its own',
  },
  {
    title: 'the same uniqueId on two DocumentEntries [TF-2:3.41.4.1.3.2]',
    spoil({ submission: { documentEntries } }) {
      documentEntries[1]!.uniqueId = documentEntries[0]!.uniqueId
    },
    expected: ['XDSRepositoryDuplicateUniqueIdInMessage'],
  },
  {
    title: 'the uniqueId of the SubmissionSet on a DocumentEntry [TF-2:3.41.4.1.3.2]',
    spoil({ submission: { documentEntries, submissionSets } }) {
      documentEntries[1]!.uniqueId = submissionSets[0]!.uniqueId
    },
    expected: ['XDSRepositoryDuplicateUniqueIdInMessage'],
  },
  {
    title: 'the uniqueId of a Folder on a DocumentEntry [TF-2:3.41.4.1.3.2]',
    spoil({ submission: { documentEntries, folders } }) {
      folders.push(aFolder({ uniqueId: documentEntries[0]!.uniqueId }))
    },
    expected: ['XDSRepositoryDuplicateUniqueIdInMessage'],
  },
  {
    title: 'a DocumentEntry without uniqueId [TF-3:4.2.3.2.26]',
    spoil({ submission: { documentEntries } }) {
      documentEntries[0]!.uniqueId = undefined
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'uniqueId',
  },
  {
    title: 'a DocumentEntry without mimeType [TF-3:4.2.3.2.15]',
    spoil({ submission: { documentEntries } }) {
      documentEntries[0]!.mimeType = ''
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'mimeType',
  },
  {
    title: 'a hash that is not that of the bytes [TF-2:3.41.4.1.3]',
    spoil({ submission: { documentEntries } }) {
      documentEntries[0]!.hash = sha1(Buffer.from('something else'))
    },
    expected: ['XDSRepositoryMetadataError'],
    says: sha1(Buffer.from('something else')),
  },
  {
    title: 'an empty hash [TF-2:3.41.4.1.3]',
    spoil({ submission: { documentEntries } }) {
      documentEntries[0]!.hash = ''
    },
    expected: ['XDSRepositoryMetadataError'],
  },
  ...['1999', '-2000', '2e3', '2000.0', '', '9'.repeat(400)].map(size => ({
    title: `the size "${size.slice(0, 10)}" for 2000 bytes [TF-2:3.41.4.1.3]`,
    spoil({ submission: { documentEntries } }: ProvideAndRegisterRequest) {
      documentEntries[0]!.size = size
    },
    expected: ['XDSRepositoryMetadataError'] as ErrorCode[],
    says: '2000',
  })),
  {
    title: 'an empty Document whose entry says that it has bytes [TF-2:3.41.4.1.3]',
    spoil(request) {
      request.submission.documentEntries[0]!.size = '2000'
      request.documents[0]!.content = { inline: Buffer.alloc(0) }
    },
    expected: ['XDSMissingDocument'],
    says: 'expected 2000 bytes, found a Document of no bytes',
  },
  {
    title: 'an empty Document whose entry has the hash of something [TF-2:3.41.4.1.3]',
    spoil(request) {
      request.submission.documentEntries[0]!.hash = sha1(small())
      request.documents[0]!.content = { inline: Buffer.alloc(0) }
    },
    expected: ['XDSMissingDocument'],
  },
  {
    title: 'two DocumentEntries for one Document [TF-2:3.41.4.1.2]',
    spoil(request) {
      request.submission.documentEntries[1]!.entryUUID = request.submission.documentEntries[0]!.entryUUID
      request.documents.pop()
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'more than one DocumentEntry with this id',
  },
  {
    title: 'a Folder without an id, which would get one on its way [TF-3:4.2.3.4.4]',
    spoil: ({ submission: { folders } }) => void folders.push(aFolder({ entryUUID: '' })),
    expected: ['XDSRepositoryMetadataError'],
    says: 'an id, by which others can name it',
  },
  {
    title: 'metadata that could not be read without loss [TF-2:3.41.4.1.3]',
    spoil({ submission: { findings } }) {
      const { object, rule, expected, found } = {
        object: 'DocumentEntry a',
        rule: 'r',
        expected: 'one Slot',
        found: 'two',
      }
      findings.push({ code: 'XDSRegistryMetadataError', object, rule, expected, found })
    },
    expected: ['XDSRepositoryMetadataError'],
    says: 'one Slot',
  },
]

describe('what the repository checks of an ITI-41', () => {
  for (const { title, spoil, expected, says } of cases) {
    it(`refuses ${title}`, async () => {
      const repository = await aRepository()
      const request = await aRequest(repository.spool, [small(), small()])
      await spoil(request, repository)
      const response = await repository.submit(request)
      expect(response.status).to.equal('Failure')
      expect(codesOf(response)).to.deep.equal(expected)
      if (says !== undefined) expect(response.errors.map(each => each.codeContext).join()).to.contain(says)
      expect(repository.registry.sent).to.deep.equal([])
      expect([await repository.rows('document'), await repository.files()]).to.deep.equal([0, []])
    })
  }

  it('reports all that is wrong in one answer [TF-3:4.2.4]', async () => {
    const repository = await aRepository()
    const known = await aRequest(repository.spool, small())
    await repository.submit(known)
    const request = await aRequest(repository.spool, [small(), small()], {
      documentEntries: [
        anEntry({ uniqueId: known.submission.documentEntries[0]?.uniqueId }),
        anEntry({ hash: 'f'.repeat(40), size: '7' }),
        anEntry(),
      ],
    })
    expect(
      codesOf(await repository.submit({ ...request, documents: request.documents.slice(0, 2) })).sort(),
    ).to.deep.equal([
      'XDSMissingDocument',
      'XDSNonIdenticalHash',
      'XDSRepositoryMetadataError',
      'XDSRepositoryMetadataError',
    ])
  })

  it('takes a size with leading zeros, and leaves every other attribute to the registry [TF-2:3.41.4.1.3.2]', async () => {
    const repository = await aRepository()
    const request = await aRequest(repository.spool, small(), {
      documentEntry: { size: '002000', languageCode: undefined, creationTime: 'yesterday' },
    })
    expect((await repository.submit(request)).status).to.equal('Success')
  })

  it('stays quick and answers in bounds when everything is wrong many thousand times', async () => {
    const repository = await aRepository()
    const request = await aRequest(repository.spool, small())
    const entry = request.submission.documentEntries[0]!
    request.submission.documentEntries = Array.from({ length: 20_000 }, (_, at) => ({
      ...entry,
      entryUUID: `Document${at}`,
    }))
    const response = await repository.submit(request)
    expect(response.status).to.equal('Failure')
    expect(response.errors.length).to.be.lessThan(1_000)
  }).timeout(15_000 * patience)
})

describe('findings of a long submission', () => {
  it('are looked for again in slices: others have their turns meanwhile', async () => {
    const submission = aSubmission({ documentEntries: Array.from({ length: 400 }, () => aDocumentEntry()) })
    const finding = { code: 'XDSRegistryMetadataError', object: 'a', rule: 'b', expected: 'c', found: 'd' } as const
    submission.findings.push(finding)
    let turns = 0
    const clock = {
      ...systemClock,
      endOfTurn(work: () => void) {
        turns += 1
        systemClock.endOfTurn(work)
      },
    }
    expect(await survivesForwarding(submission, clock)).to.equal(false)
    expect(turns).to.be.greaterThan(3)
  })
})
