// The traffic with a peer, recorded and played again: nothing of it is real any more, and everything fits as it did.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { answeredElsewhere } from '../../../gateway/later/answered-elsewhere.js'
import type { PeerFixture } from '../../../gateway/recording/fixture.js'
import { openRecorder, type Recorder } from '../../../gateway/recording/recorder.js'
import type { HttpAnswer, HttpClient } from '../../../ports/network.js'
import { type Ports, systemPorts } from '../../../ports/ports.js'
import { deferred } from '../../../ports/promises.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { writeMessage } from '../../../soap/write-message.js'
import { crossGatewayQuery, crossGatewayRetrieve } from '../../../transactions/communities/xca.js'
import { registryStoredQuery } from '../../../transactions/xds.js'
import type { RetrievedDocument } from '../../../transactions/xds-messages.js'
import { type PlayedPeer, playedPeer } from './played-peer.js'

const { randomness } = systemPorts
const home = 'urn:oid:2.16.756.5.30.1.999'
const patientId = 'MUSTER-471108150^^^&2.16.756.5.30.1.999.1&ISO'
const text = Buffer.from('Frau Leandra Muster, geboren am 17. Januar 1980, klagt über Husten.')
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')
/** As long as no stand-in becomes one of them by chance. */
const real = [
  'Muster',
  'MUSTER',
  '471108150',
  'Leandra',
  'Husten',
  'Inselspital',
  '19800117',
  '2.16.756.5.30.1.999',
  sha1(text),
]

const entryXml = `<rim:ExtrinsicObject xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" id="urn:uuid:0b1c2d3e-1111-4222-8333-444455556666" home="${home}" lid="urn:uuid:0b1c2d3e-1111-4222-8333-444455556666" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved" mimeType="text/plain">
  <!-- of Leandra Muster -->
  <rim:Slot name="creationTime"><rim:ValueList><rim:Value>20261105083000</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="hash"><rim:ValueList><rim:Value>${sha1(text)}</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="size"><rim:ValueList><rim:Value>${text.length}</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="languageCode"><rim:ValueList><rim:Value>de-CH</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="repositoryUniqueId"><rim:ValueList><rim:Value>2.16.756.5.30.1.999.20</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="sourcePatientId"><rim:ValueList><rim:Value>${patientId.replaceAll('&', '&amp;')}</rim:Value></rim:ValueList></rim:Slot>
  <rim:Slot name="sourcePatientInfo"><rim:ValueList><rim:Value>PID-5|Muster^Leandra^^^</rim:Value><rim:Value>PID-7|19800117</rim:Value></rim:ValueList></rim:Slot>
  <rim:Name><rim:LocalizedString value="Austrittsbericht Leandra Muster"/></rim:Name>
  <rim:Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d" classifiedObject="urn:uuid:0b1c2d3e-1111-4222-8333-444455556666" nodeRepresentation="" id="urn:uuid:0b1c2d3e-1111-4222-8333-444455556667">
    <rim:Slot name="authorInstitution"><rim:ValueList><rim:Value>Inselspital Bern^^^^^^^^^2.16.756.5.30.1.999.7</rim:Value></rim:ValueList></rim:Slot>
  </rim:Classification>
  <rim:ExternalIdentifier identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427" value="${patientId.replaceAll('&', '&amp;')}" id="urn:uuid:0b1c2d3e-1111-4222-8333-444455556668" registryObject="urn:uuid:0b1c2d3e-1111-4222-8333-444455556666"/>
  <rim:ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" value="2.16.756.5.30.1.999.9.1" id="urn:uuid:0b1c2d3e-1111-4222-8333-444455556669" registryObject="urn:uuid:0b1c2d3e-1111-4222-8333-444455556666"/>
</rim:ExtrinsicObject>`

const named = {
  homeCommunityId: home,
  repositoryUniqueId: '2.16.756.5.30.1.999.20',
  documentUniqueId: '2.16.756.5.30.1.999.9.1',
}
const document: RetrievedDocument = { ...named, mimeType: 'text/plain', sizeBytes: text.length, open: () => [text] }

describe('a recording of a peer', () => {
  const recorder: Recorder = openRecorder(systemPorts)
  const ports: Ports = { ...systemPorts, network: recorder.tapped(systemPorts.network) }
  let peer: PlayedPeer
  let caller: Caller
  let fixture: PeerFixture
  let written: string

  before(async () => {
    const query = registryStoredQuery.response.encode({ status: 'Success', errors: [], registryObjects: [entryXml] })
    const retrieved = crossGatewayRetrieve.response.encode({ status: 'Success', errors: [], documents: [document] })
    const answer = (form: 'plain' | 'MTOM', action: string, body: typeof query) =>
      writeMessage({ form, action: `${action}Response`, relatesTo: 'urn:uuid:1', body }, randomness)
    peer = await playedPeer([
      answer('plain', crossGatewayQuery.action, query),
      answer('MTOM', crossGatewayRetrieve.action, retrieved),
    ])
    caller = openCaller({ tls: { key: '', cert: '', ca: '' }, ports })
    recorder.begin({ urls: [peer.url], exchanges: 2, seconds: 60 })
    await askAll(caller, peer.url, patientId)
    expect(recorder.state).to.deep.equal({ exchanges: 2, isOver: true })
    fixture = recorder.end()!
    written = fixture.exchanges
      .flatMap(({ request, answer }) => [request.base64, answer?.base64 ?? ''])
      .map(base64 => Buffer.from(base64, 'base64').toString())
      .join('\n')
  })
  after(async () => {
    caller.close()
    await peer.close()
  })

  async function askAll(by: Caller, url: string, patient: string) {
    const slots = [{ name: '$XDSDocumentEntryPatientId', values: [`'${patient}'`] }]
    const asked = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots, home }
    const headers = [
      `<wsse:Security xmlns:wsse="urn:wsse"><Assertion><NameID>Leandra Muster</NameID></Assertion></wsse:Security>`,
    ]
    const query = await by.call(registryStoredQuery, asked, { url, headers })
    const retrieve = await by.call(crossGatewayRetrieve, { documents: [named] }, { url, form: 'MTOM' })
    return { entry: query.response.result?.documentEntries[0], document: retrieve.response.documents[0] }
  }

  it('holds nothing that is real, in no message and no form', () => {
    expect(written).to.contain('AdhocQueryRequest').and.to.contain('RetrieveDocumentSetResponse')
    const words = [...real, peer.url].map(word => new RegExp(`(?<![A-Za-z])${word.replaceAll('.', '\\.')}(?![a-z])`))
    expect(words.filter(word => word.test(written)).map(String)).to.deep.equal([])
    expect(JSON.stringify(fixture)).not.to.contain('Muster')
  })

  it('is a peer like the real one when it is played again: all of it is read, and fits', async () => {
    const again = await playedPeer(
      fixture.exchanges.map(({ answer }) => ({
        contentType: answer?.contentType ?? '',
        pieces: [Buffer.from(answer?.base64 ?? '', 'base64')],
      })),
    )
    const { entry, document: came } = await askAll(caller, again.url, patientId)
    await again.close()
    expect(entry).to.include({
      mimeType: 'text/plain',
      languageCode: 'de-CH',
      availabilityStatus: 'Approved',
      size: String(text.length),
    })
    expect(entry?.patientId).to.match(/^[A-Z]{6}-\d{9}\^\^\^&2\.999\.\d+&ISO$/)
    expect(entry?.sourcePatientId).to.equal(entry?.patientId)
    expect(entry?.creationTime).to.match(/^20[12]\d{5}083000$/)
    expect(entry?.homeCommunityId).to.match(/^urn:oid:2\.999\.\d+$/)
    expect(came?.documentUniqueId).to.equal(entry?.uniqueId)
    expect(came?.repositoryUniqueId).to.equal(entry?.repositoryUniqueId)
    const pieces: Uint8Array[] = []
    for await (const piece of came?.open() ?? []) pieces.push(piece)
    const bytes = Buffer.concat(pieces)
    // The digest that the entry tells is that of the document that stands in its place.
    expect([bytes.length, sha1(bytes)]).to.deep.equal([text.length, entry?.hash])
  })

  it('keeps how the peer writes: the form of messages, and that there was an assertion, empty', () => {
    const [query, retrieve] = fixture.exchanges
    expect(query?.answer?.contentType).to.match(/^application\/soap\+xml/)
    expect(retrieve?.answer?.contentType).to.match(/^multipart\/related;.*boundary="boundary-of-peer"/)
    expect(Buffer.from(query?.request.base64 ?? '', 'base64').toString()).to.contain(
      '<wsse:Security xmlns:wsse="urn:wsse"></wsse:Security>',
    )
    expect(query?.answer?.status).to.equal(200)
  })

  for (const [what, status] of [
    ['by a request of its own', 202],
    ['on the connection all the same', 200],
  ] as const) {
    it(`has the answer that comes ${what} with what it answers [ITI TF-2: Appendix V.3]`, async () => {
      const body = registryStoredQuery.response.encode({ status: 'Success', errors: [], registryObjects: [entryXml] })
      const action = `${crossGatewayQuery.action}Response`
      const { contentType, pieces } = writeMessage({ form: 'plain', action, body }, randomness)
      const later: HttpAnswer = { status: 200, headers: { 'content-type': contentType }, body: Readable.from(pieces) }
      const isLater = status === 202
      const far = await playedPeer([
        isLater ? { status, contentType: 'text/plain', pieces: [] } : { contentType, pieces },
      ])
      const arrival = deferred<HttpAnswer>()
      const through = (client: HttpClient) => {
        const call: HttpClient['call'] = async asked => {
          const answer = await client.call(asked)
          if (isLater) arrival.resolve(later)
          return answer
        }
        return recorder.tappedElsewhere(answeredElsewhere({ ...client, call }, arrival.promise, () => {}))
      }
      recorder.begin({ urls: [far.url], exchanges: 2, seconds: 60 })
      const asked = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots: [], home }
      const elsewhere = { replyTo: 'https://us.example/gateway/answers/1', through }
      await caller.call(registryStoredQuery, asked, { url: far.url, elsewhere })
      await far.close()
      const taken = recorder.end()?.exchanges ?? []
      const texts = taken.map(({ answer }) => Buffer.from(answer?.base64 ?? '', 'base64').toString())
      expect(texts).to.have.length(1)
      expect(texts[0]).to.contain('AdhocQueryResponse').and.not.to.contain('Muster')
      expect(taken[0]?.acknowledged).to.equal(isLater ? 202 : undefined)
    })
  }

  it('is over when nobody asks any more, and is forgotten with its end', async () => {
    expect([recorder.state, recorder.end()]).to.deep.equal([undefined, undefined])
    recorder.begin({ urls: ['http://127.0.0.1:9/'], exchanges: 5, seconds: 60 })
    const refusal = await caller
      .call(crossGatewayRetrieve, { documents: [named] }, { url: 'http://127.0.0.1:9/' })
      .catch(problem => problem)
    expect(refusal).to.be.instanceOf(Error)
    const taken = recorder.end()
    expect(taken?.exchanges.map(({ answer }) => answer)).to.deep.equal([undefined])
    expect(recorder.state).to.equal(undefined)
  })

  it('leaves alone what goes to others', async () => {
    recorder.begin({ urls: ['https://another.example/'], exchanges: 5, seconds: 60 })
    await caller.call(crossGatewayRetrieve, { documents: [named] }, { url: 'http://127.0.0.1:9/' }).catch(() => {})
    expect(recorder.end()?.exchanges).to.deep.equal([])
  })
})
