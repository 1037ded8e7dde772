import { expect } from 'chai'
import { documentRegistry } from '../../../registry/actor.js'
import { fragmentsAtOnce } from '../../../registry/store/reader.js'
import type { StreamedXml, XmlPiece } from '../../../soap/xml.js'
import type { AdhocQueryResponse } from '../../../transactions/xds-messages.js'
import { aDocumentEntry, aSubmission, samplePatientId } from '../../samples/submission.js'
import { approved, aRegistry, decodedList, fromRepository, idsOf, quote, type TestRegistry } from '../a-registry.js'
import { patience } from '../engines.js'

describe('an answer with more than is held at once', () => {
  let registry: TestRegistry
  const documentEntries = Array.from({ length: fragmentsAtOnce + 100 }, () => aDocumentEntry())
  const submission = aSubmission({ documentEntries })
  const parameters = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved }

  before(async () => {
    registry = await aRegistry()
    expect((await registry.register(submission)).status).to.equal('Success')
  })
  after(() => registry.close())

  it('has its objects read while it is sent, each once and whole [ITI TF-2:3.18.4.1.3]', async () => {
    const streamed = streamedIn(await findDocuments())
    expect(streamed).to.have.length(1)
    const inPortions = await piecesOf(streamed[0] as StreamedXml)
    expect(inPortions.length).to.be.greaterThan(4)
    expect(idsOf(decodedList(inPortions).documentEntries)).to.deep.equal(idsOf(documentEntries))
    // The message may have to be written once more.
    expect(await piecesOf(streamed[0] as StreamedXml)).to.deep.equal(inPortions)
  }).timeout(20_000 * patience)

  it('says of an object the same as an answer that holds it', async () => {
    const first = await registry.found('GetDocuments', {
      $XDSDocumentEntryEntryUUID: `(${quote(documentEntries[0]?.entryUUID ?? '')})`,
    })
    const all = await registry.found('FindDocuments', parameters)
    const same = all.documentEntries.find(({ entryUUID }) => entryUUID === documentEntries[0]?.entryUUID)
    expect(same).to.deep.equal(first.documentEntries[0])
  }).timeout(20_000 * patience)

  it('breaks off where an object is removed before its turn comes', async () => {
    const [streamed] = streamedIn(await findDocuments())
    const ids = [...documentEntries, ...submission.submissionSets, ...submission.associations].map(
      ({ entryUUID }) => entryUUID,
    )
    expect((await registry.remove(...ids)).status).to.equal('Success')
    const outcome = await piecesOf(streamed as StreamedXml).catch(problem => String(problem))
    expect(outcome).to.match(/was removed while it was being sent/)
  }).timeout(20_000 * patience)

  async function findDocuments(): Promise<AdhocQueryResponse> {
    const line = documentRegistry.served.get('urn:ihe:iti:2007:RegistryStoredQuery')
    const slots = Object.entries(parameters).map(([name, value]) => ({ name, values: [value] }))
    const request = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots }
    return (await line?.handle(request, registry.context, fromRepository())) as AdhocQueryResponse
  }
})

function streamedIn({ registryObjects }: AdhocQueryResponse): StreamedXml[] {
  return registryObjects.filter((piece: XmlPiece): piece is StreamedXml => typeof piece === 'object' && 'open' in piece)
}

async function piecesOf({ open }: StreamedXml): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for await (const piece of open()) pieces.push(Buffer.from(piece))
  return pieces
}
