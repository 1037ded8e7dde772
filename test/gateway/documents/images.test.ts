// RAD-69 and RAD-75 at a gateway: each image from where it is, and none that is another.
import { expect } from 'chai'
import type {
  ImageRequest,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
  RetrieveImagingDocumentSetRequest,
} from '../../../transactions/xds-messages.js'
import { anImage } from '../../dicom/an-image.js'
import { aGateway, bern, document, named, ours } from '../a-gateway.js'

const image = (uid: string, homeCommunityId?: string): ImageRequest => ({
  ...{ studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72' },
  ...named(uid, homeCommunityId),
})

const asking = (...documents: ImageRequest[]): RetrieveImagingDocumentSetRequest => ({
  ...{ documents, transferSyntaxUIDs: ['1.2.840.10008.1.2.1'] },
})

/** As it comes from a partner: still on its way, or there whole. */
function sent(of: ImageRequest, bytes: Buffer, isWhole = false): RetrievedDocument {
  const { studyInstanceUID: _, seriesInstanceUID: __, ...name } = of
  const pieces = [bytes.subarray(0, 40_000), bytes.subarray(40_000)].filter(({ length }) => length > 0)
  return { ...document(name), mimeType: 'application/dicom', open: () => pieces, ...(isWhole ? { sha1: '0' } : {}) }
}

const given = (request: RetrieveImagingDocumentSetRequest): RetrieveDocumentSetResponse => ({
  ...{ status: 'Success', errors: [] },
  documents: request.documents.map(each => sent(each, anImage({ sop: each.documentUniqueId, pixels: 100_000 }))),
})
const answers = { 'https://repository': given, 'https://bern/retrieve': given }
const codesOf = ({ errors }: RetrieveDocumentSetResponse) => errors.map(({ errorCode }) => errorCode)

async function bytesOf(document: RetrievedDocument | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of document?.open() ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('images through the gateway', () => {
  it('come from the community that has them, by RAD-75 from others [IHE RAD TF-3: 4.75.4.1.2]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.images(asking(image('2.999.70.1'), image('2.999.70.2', bern)))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Success', []])
    expect(answer.documents.map(({ homeCommunityId }) => homeCommunityId)).to.deep.equal([ours, bern])
    expect(gateway.asked.map(({ id, url }) => [id, url])).to.deep.equal([
      ['RAD-69', 'https://repository'],
      ['RAD-75', 'https://bern/retrieve'],
    ])
    expect(gateway.asked[1]?.request).to.deep.equal(asking(image('2.999.70.2', bern)))
    const expected = anImage({ sop: '2.999.70.2', pixels: 100_000 })
    expect((await bytesOf(answer.documents[1])).equals(expected)).to.equal(true)
  })

  it('are asked for at an address of their own, where there is one', async () => {
    const { config } = aGateway({}).context
    const communities = config.communities.map(each => ({ ...each, imaging: 'https://bern/imaging' }))
    const repositories = config.repositories.map(each => ({ ...each, imaging: 'https://archive' }))
    const gateway = aGateway({ 'https://archive': given, 'https://bern/imaging': given }, { communities, repositories })
    const answer = await gateway.images(asking(image('2.999.70.1', ours), image('2.999.70.2', bern)))
    expect([answer.status, answer.documents.length]).to.deep.equal(['Success', 2])
  })

  it('go to other communities from our own sources alone [IHE RAD TF-3: 4.75.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const wanted = [image('2.999.70.1', ours), image('2.999.70.2', bern), image('2.999.70.3')]
    const answer = await gateway.crossImages(asking(...wanted))
    expect([answer.status, answer.documents.length]).to.deep.equal(['PartialSuccess', 1])
    expect(codesOf(answer)).to.have.members(['XDSUnknownCommunity', 'XDSMissingHomeCommunityId'])
    expect(gateway.asked.map(({ id, url }) => [id, url])).to.deep.equal([['RAD-69', 'https://repository']])
  })

  it('are not asked for by a request that is none [IHE RAD TF-2: 4.69.4.1.2]', async () => {
    const gateway = aGateway(answers)
    const hollow = { ...asking(image('2.999.70.1')), transferSyntaxUIDs: [] }
    for (const answer of [await gateway.images(hollow), await gateway.crossImages(hollow)]) {
      expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', ['XDSIRequestError']])
    }
    expect(gateway.asked).to.deep.equal([])
  })

  it('pass only as the instance that was asked for: another one breaks off before its first byte, and is audited', async () => {
    const lies = [anImage({ sop: '2.999.70.9', pixels: 100_000 }), Buffer.alloc(100_000), Buffer.from('none')]
    for (const bytes of lies) {
      const wanted = image('2.999.70.1', bern)
      const gateway = aGateway({
        'https://bern/retrieve': () => ({ status: 'Success', errors: [], documents: [sent(wanted, bytes)] }),
      })
      const answer = await gateway.images(asking(wanted))
      let came = 0
      const problem = await (async () => {
        for await (const piece of answer.documents[0]?.open() ?? []) came += piece.byteLength
      })().catch(String)
      expect([came, problem]).to.satisfy(([, why]: [number, string]) => came === 0 && why.includes('lied'))
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })

  it('that are there whole and are others, or that nobody asked for, are an error, and audited', async () => {
    const wanted = image('2.999.70.1', bern)
    const lies = [
      sent(wanted, anImage({ sop: '2.999.70.9' }), true),
      sent(image('2.999.70.9', bern), anImage({ sop: '2.999.70.9' })),
    ]
    for (const lie of lies) {
      const gateway = aGateway({ 'https://bern/retrieve': () => ({ status: 'Success', errors: [], documents: [lie] }) })
      const answer = await gateway.images(asking(wanted))
      expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', ['XDSUnavailableCommunity']])
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })
})
