// Images: taken in once, handed out as they were received to whoever takes their transfer syntax.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { imagingResources, type RemovedInstances } from '../../repository/imaging/imaging-resources.js'
import type { TakenInstance } from '../../repository/imaging/take-instance.js'
import { serveRetrieveImagingDocumentSet } from '../../repository/rad-69-retrieve-imaging-document-set.js'
import { AdminProblem } from '../../server/administration/resources.js'
import type {
  ImageRequest,
  RetrieveDocumentSetResponse,
  RetrieveImagingDocumentSetRequest,
} from '../../transactions/xds-messages.js'
import { anImage } from '../dicom/an-image.js'
import {
  anExchange,
  aRepository,
  aRequest,
  bytesFrom,
  closeRepositories,
  codesOf,
  repositoryUniqueId,
  type TestRepository,
  uniqueIdOf,
} from './a-repository.js'

afterEach(closeRepositories)

const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }
const patient = 'P1^^^&2.999.1&ISO'
const explicitLittle = '1.2.840.10008.1.2.1'

async function add(
  repository: TestRepository,
  bytes: Buffer,
  whose = patient,
  manifest?: string,
): Promise<TakenInstance> {
  const [adding] = imagingResources(repository.context)
  const query = new URLSearchParams({ patient: whose, ...(manifest === undefined ? {} : { manifest }) })
  const given = { rest: '', query, body: undefined, bytes: Readable.from([bytes]), partner }
  return (await adding!.answer(given)) as TakenInstance
}

async function remove(repository: TestRepository, ...sopInstanceUIDs: string[]): Promise<RemovedInstances> {
  const [, removing] = imagingResources(repository.context)
  const given = { rest: '', query: new URLSearchParams(), body: { sopInstanceUIDs }, partner }
  return (await removing!.answer(given)) as RemovedInstances
}

const wanted = (sop: string, changes: Partial<ImageRequest> = {}): ImageRequest => ({
  ...{ studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72', repositoryUniqueId, documentUniqueId: sop },
  ...changes,
})

async function retrieve(
  repository: TestRepository,
  documents: ImageRequest[],
  changes: Partial<RetrieveImagingDocumentSetRequest> = {},
  claims?: { eprSpid: string },
): Promise<RetrieveDocumentSetResponse> {
  const request = { documents, transferSyntaxUIDs: ['1.2.840.10008.1.2.4.70', explicitLittle], ...changes }
  const exchange = { ...anExchange(), ...(claims === undefined ? {} : { claims }) } as never
  return (await serveRetrieveImagingDocumentSet.handle(request, repository.context, exchange)) as never
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    problem => (problem instanceof AdminProblem ? `${problem.status} ${problem.message}` : String(problem)),
  )

describe('RAD-69 Retrieve Imaging Document Set', () => {
  it('hands out images, small and large, as they were received [IHE RAD TF-2: 4.69.4.1.3]', async () => {
    const repository = await aRepository()
    const images = [anImage({ sop: '2.999.70.1' }), anImage({ sop: '2.999.70.2', pixels: 3_000_000 })]
    for (const image of images) expect((await add(repository, image)).isNew).to.equal(true)
    const response = await retrieve(repository, [wanted('2.999.70.1'), wanted('2.999.70.2')])
    expect([response.status, response.errors]).to.deep.equal(['Success', []])
    for (const [index, document] of response.documents.entries()) {
      expect(document).to.include({ mimeType: 'application/dicom', patientId: patient, repositoryUniqueId })
      expect(document.sizeBytes).to.equal(images[index]?.length)
      expect((await bytesFrom(document.open())).equals(images[index]!)).to.equal(true)
    }
  })

  it('names each that it does not have, by the code for it, and gives the rest [IHE RAD TF-2: 4.69.4.2.2]', async () => {
    const repository = await aRepository()
    await add(repository, anImage({ sop: '2.999.70.1' }))
    const response = await retrieve(repository, [
      wanted('2.999.70.1'),
      wanted('2.999.70.9'),
      wanted('2.999.70.1', { seriesInstanceUID: '2.999.73' }),
      wanted('2.999.70.1', { studyInstanceUID: '2.999.74' }),
      wanted('2.999.70.1', { repositoryUniqueId: '2.999.99' }),
    ])
    expect(response.status).to.equal('PartialSuccess')
    expect(response.documents).to.have.length(1)
    expect(codesOf(response)).to.deep.equal([
      'XDSDocumentUniqueIdError',
      'XDSDocumentUniqueIdError',
      'XDSDocumentUniqueIdError',
      'XDSUnknownRepositoryId',
    ])
  })

  it('encodes nothing anew: who takes another transfer syntax is told which there is [IHE RAD TF-2: 4.69.4.1.3]', async () => {
    const repository = await aRepository()
    for (const [sop, syntax] of [
      ['2.999.70.1', 'explicit big'],
      ['2.999.70.2', 'deflated'],
      ['2.999.70.3', 'implicit little'],
    ] as const) {
      const image = anImage({ sop, syntax })
      const { transferSyntaxUID } = await add(repository, image)
      const other = await retrieve(repository, [wanted(sop)])
      expect([other.status, codesOf(other)]).to.deep.equal(['Failure', ['XDSRepositoryError']])
      expect(other.errors[0]?.codeContext).to.contain(`expected ${transferSyntaxUID}`)
      const own = await retrieve(repository, [wanted(sop)], { transferSyntaxUIDs: ['1.2.3', transferSyntaxUID] })
      expect((await bytesFrom(own.documents[0]!.open())).equals(image)).to.equal(true)
    }
  })

  it('refuses a request that lacks what it is made of: XDSIRequestError [IHE RAD TF-2: 4.69.4.1.2]', async () => {
    const repository = await aRepository()
    await add(repository, anImage())
    const broken: [ImageRequest[], Partial<RetrieveImagingDocumentSetRequest>, string][] = [
      [[wanted('2.999.70.1', { studyInstanceUID: '' })], {}, 'studyInstanceUID'],
      [[wanted('2.999.70.1', { seriesInstanceUID: '' })], {}, 'seriesInstanceUID'],
      [[wanted('2.999.70.1')], { transferSyntaxUIDs: [] }, 'TransferSyntaxUIDList'],
      [[], { hollow: ['StudyRequest number 1 holds no SeriesRequest'] }, 'holds no SeriesRequest'],
      [Array(1_001).fill(wanted('2.999.70.1')), {}, 'at most 1000'],
    ]
    for (const [documents, changes, words] of broken) {
      const response = await retrieve(repository, documents, changes)
      expect([response.status, response.documents.length]).to.deep.equal(['Failure', 0])
      expect(codesOf(response)).to.deep.equal(['XDSIRequestError'])
      expect(response.errors[0]?.codeContext).to.contain(words)
    }
  })

  it('shows a user who may not see a manifest of the study no image of it', async () => {
    const repository = await aRepository()
    await add(repository, anImage())
    // The registry that is played here knows no such document.
    const claims = { eprSpid: '761337610000000002' }
    expect(codesOf(await retrieve(repository, [wanted('2.999.70.1')], {}, claims))).to.deep.equal([
      'XDSDocumentUniqueIdError',
    ])
    expect(repository.registry.queries).to.equal(1)
    // Of the manifest that they came with it knows, whatever has become of the patient's id.
    const request = await aRequest(repository.spool, Buffer.from('a manifest'))
    await repository.submit(request)
    await add(repository, anImage({ sop: '2.999.70.2' }), patient, uniqueIdOf(request))
    expect((await retrieve(repository, [wanted('2.999.70.2')], {}, claims)).status).to.equal('Success')
    repository.registry.away = true
    expect(codesOf(await retrieve(repository, [wanted('2.999.70.1')], {}, claims))).to.deep.equal([
      'XDSRegistryNotAvailable',
    ])
  })
})

describe('an instance at the door of the Imaging Document Source', () => {
  it('is kept once: the same again is there, another content under its UID is refused', async () => {
    const repository = await aRepository()
    expect((await add(repository, anImage())).isNew).to.equal(true)
    expect((await add(repository, anImage())).isNew).to.equal(false)
    expect(await refusal(add(repository, anImage({ modality: 'DX' })))).to.match(/^409 another content is kept/)
    expect(await refusal(add(repository, anImage(), 'P2^^^&2.999.1&ISO'))).to.match(/^409 .* another patient/)
    expect(await repository.rows('document')).to.equal(1)
    const several = await Promise.all([1, 2, 3, 4].map(() => add(repository, anImage({ sop: '2.999.70.5' }))))
    expect(several.filter(({ isNew }) => isNew)).to.have.length(1)
    expect(await repository.rows('document')).to.equal(2)
  })

  it('is refused with the element that is wrong, and leaves nothing [DICOM PS3.10: 7.1]', async () => {
    const repository = await aRepository()
    for (const [bytes, words] of [
      [Buffer.from('no image'), 'no mark DICM'],
      [anImage({ study: '' }), 'Study Instance UID (0020,000D)'],
      [anImage().subarray(0, 250), 'this is no DICOM instance'],
    ] as const) {
      expect(await refusal(add(repository, bytes)))
        .to.contain('400')
        .and.to.contain(words)
    }
    expect(await refusal(add(repository, anImage(), 'somebody'))).to.match(/^400 say whose it is/)
    expect(await refusal(add(repository, anImage(), patient, 'x'))).to.match(/^400 manifest is/)
    expect(await repository.rows('document')).to.equal(0)
    expect(await repository.files()).to.deep.equal([])
  })

  it('is nothing to ITI-43, ITI-86 or a sweep, and survives a start', async () => {
    const repository = await aRepository()
    await add(repository, anImage({ pixels: 300_000 }))
    const uid = '2.999.70.1'
    expect(codesOf(await repository.retrieve(uid))).to.deep.equal(['XDSDocumentUniqueIdError'])
    expect(codesOf(await repository.remove(uid))).to.deep.equal(['XDSDocumentUniqueIdError'])
    expect(await repository.context.documents.listed('', 10, 'described')).to.deep.equal([])
    expect(await repository.context.documents.listed('', 10)).to.have.length(1)
    const again = await aRepository({ folder: repository.folder })
    expect(await again.swept).to.equal(0)
    await again.resolve()
    expect((await retrieve(again, [wanted(uid)])).status).to.equal('Success')
  })

  it('is removed for good, unless a legal hold on its patient keeps it', async () => {
    const repository = await aRepository()
    await add(repository, anImage())
    const hold = { id: 'h1', kind: 'patient' as const, values: [patient], reason: 'case', by: 'test', sinceMs: 0 }
    await repository.context.holds.put(hold, () => undefined)
    expect((await remove(repository, '2.999.70.1')).kept[0]?.why).to.contain('h1')
    await repository.context.holds.lift('h1', () => undefined)
    expect(await remove(repository, '2.999.70.1', '2.999.70.2')).to.deep.equal({
      removed: ['2.999.70.1'],
      kept: [{ sopInstanceUID: '2.999.70.2', why: 'there is none' }],
    })
    expect((await retrieve(repository, [wanted('2.999.70.1')])).status).to.equal('Failure')
    expect((await add(repository, anImage())).isNew).to.equal(true)
  })
})
