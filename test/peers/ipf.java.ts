// Another make in Java, Open eHealth IPF, against our gateway and patient index over mutual TLS: its clients ask us, we ask its
// servers, and its validators say what they think of each message. `npm run test:peers`.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { XmlDocument } from 'libxml2-wasm'
import {
  acknowledgement,
  duplicatesResolved,
  feed,
  idsAre,
  idsElsewhere,
  itIs,
  itIsAt,
  knownAs,
  nobodyFits,
  type Somebody,
  whereIs,
  whoIs,
} from '../../bench/hl7v3-messages.js'
import { systemPorts } from '../../ports/ports.js'
import { type Caller, openCaller } from '../../server/caller.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import { pixQuery } from '../../transactions/hl7v3/pix-query.js'
import { registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import { aSource, type Kept } from '../cli/a-source.js'
import { bytesFrom } from '../repository/a-repository.js'
import { samplePatientId } from '../samples/submission.js'
import { aCommunityWithIpf, type CommunityWithIpf, ipfHome } from './a-community-with-ipf.js'
import { counted } from './counted.js'
import { type Judged, whyNoIpf } from './ipf-partner.js'

const [north, south, theirs] = ['2.999.71', '2.999.72', '2.999.73']
const lea: Somebody = { ids: [['1', north]], family: 'Brändli', given: 'Léa', gender: 'F', born: '19710304' }

const text = 'written in the community of IPF: äöü'

describe('IPF, a partner in Java', function () {
  this.timeout(120_000)

  let running: CommunityWithIpf
  let consumer: Caller
  let kept: Kept

  before(async function () {
    this.timeout(600_000)
    const why = whyNoIpf()
    if (why !== undefined) {
      console.log(`  not tried: ${why}`)
      return this.skip()
    }
    running = await aCommunityWithIpf()
    const { ipf, deployment } = running
    for (const transaction of ['ITI-44', 'ITI-46'] as const) await ipf.answer(transaction, acknowledgement('CA'))
    const source = aSource(deployment)
    kept = await source.submit(Buffer.from('written in our community'))
    source.close()
    consumer = openCaller({ tls: deployment.partner, ports: systemPorts })
  })

  after(async () => {
    consumer?.close()
    await running?.close()
  })

  describe('asks our patient index, and', () => {
    const index = () => running.deployment.urls.patientIndex
    const send = async (transaction: 'ITI-44' | 'ITI-45' | 'ITI-47', body: string, options?: string) => {
      const said = await running.ipf.send(transaction, index(), body, options)
      expectNoComplaint(said)
      return said.answer
    }

    it('is acknowledged for what it feeds [ITI TF-2:3.44.4.1.3, 3.44.4.2.3]', async () => {
      const atSouth: Somebody = { ...lea, ids: [['a', south]] }
      const messages = [
        feed('add', lea),
        feed('add', atSouth),
        feed('add', { ...lea, ids: [['b', south]], family: 'Ganz', given: 'Anders', born: '19500101' }),
        feed('revise', { ...lea, given: 'Léa Maria' }),
        duplicatesResolved(atSouth, ['b', south]),
      ]
      for (const message of messages) {
        expect(values(await send('ITI-44', message), '//h:acknowledgement/h:typeCode/@code')).to.deep.equal(['CA'])
      }
    })

    it('is told why where it is refused [ITI TF-2:3.44.4.1.3]', async () => {
      const two = duplicatesResolved({ ...lea, ids: [['nobody', north]] }, ['none', north])
      const answer = await send('ITI-44', two)
      expect(values(answer, '//h:acknowledgement/h:typeCode/@code')).to.deep.equal(['CE'])
      expect(values(answer, '//h:acknowledgementDetail/h:text').join()).to.contain('trace')
    })

    it('hears which ids are one person’s, and which are nobody’s [ITI TF-2:3.45.4.2.3]', async () => {
      const known = await send('ITI-45', idsElsewhere('1', north, south))
      expect(values(known, '//h:patient/h:id/@extension')).to.deep.equal(['a'])
      const unknown = await send('ITI-45', idsElsewhere('2', north))
      expect(values(unknown, '//h:acknowledgement/h:typeCode/@code')).to.deep.equal(['AE'])
      expect(values(unknown, '//h:acknowledgementDetail/h:code/@code')).to.deep.equal(['204'])
    })

    it('finds people, and nobody where nobody fits [ITI TF-2:3.47.4.2.3]', async () => {
      const found = await send('ITI-47', whoIs({ family: 'Brändli', born: '19710304' }))
      expect(values(found, '//h:patientPerson/h:name[1]/h:family')).to.deep.equal(['Brändli'])
      expect(values(found, '//h:patient/h:id/@extension')).to.include('1')
      const none = await send('ITI-47', whoIs({ family: 'Niemand' }))
      expect(values(none, '//h:queryAck/h:queryResponseCode/@code')).to.deep.equal(['NF'])
    })

    it('goes on where an answer has no room for all [ITI TF-2:3.47.4.3.3]', async () => {
      for (let count = 0; count < 5; count += 1) {
        const one: Somebody = { ids: [[`many-${count}`, north]], family: 'Zwölf', given: firstNames[count] ?? '' }
        await send('ITI-44', feed('add', one))
      }
      const options = '&supportContinuation=true&autoCancel=true&validationOnContinuation=true'
      const all = await send('ITI-47', whoIs({ family: 'Zwölf', initialQuantity: 2 }), options)
      expect(values(all, '//h:patientPerson/h:name[1]/h:given')).to.have.members(firstNames)
    })

    it('discovers whom our community knows, and by what id [ITI TF-2:3.55.4.2.2, 3.55.4.2.2.4]', async () => {
      const { ipf, config } = running
      const asked = { given: 'Léa', family: 'Brändli', born: '19710304', home: '2.999.52' }
      const known = await ipf.send('ITI-55', index(), whoIs(asked))
      expectNoComplaint(known)
      expect(values(known.answer, '//h:patient/h:id/@root')).to.deep.equal([config.patientIndex?.assigningAuthority])
      expect(values(known.answer, '//h:custodian/h:assignedEntity/h:id/@root')).to.deep.equal([
        config.gateway?.homeCommunityId.replace('urn:oid:', ''),
      ])
      const nobody = await ipf.send('ITI-55', index(), whoIs({ ...asked, family: 'Niemand' }))
      expectNoComplaint(nobody)
      expect(values(nobody.answer, '//h:queryAck/h:queryResponseCode/@code')).to.deep.equal(['NF'])
    })
  })

  describe('asks our health data locator, and', () => {
    const index = () => running.deployment.urls.patientIndex

    it('hears in each hit that it is one, and where a person is known [ITI TF-2:3.55.4.2.2.5, 3.56.4.2.2]', async () => {
      const { ipf, config } = running
      const asked = { given: 'Léa', family: 'Brändli', born: '19710304', home: '2.999.52' }
      const known = await ipf.send('ITI-55', index(), whoIs({ ...asked, id: ['T-1', theirs], authority: theirs }))
      expectNoComplaint(known)
      expect(values(known.answer, '//h:custodian/h:assignedEntity/h:code/@code')).to.deep.equal([
        'SupportsHealthDataLocator',
      ])
      const [own = ''] = values(known.answer, '//h:patient/h:id/@extension')
      const authority = config.patientIndex?.assigningAuthority ?? ''
      const located = await ipf.send('ITI-56', index(), whereIs([own, authority]))
      expectNoComplaint(located)
      expect(values(located.answer, '//x:HomeCommunityId')).to.deep.equal([config.gateway?.homeCommunityId, ipfHome])
      expect(values(located.answer, '//x:CorrespondingPatientId/@extension')).to.deep.equal([own, 'T-1'])
    })

    it('is answered a fault where nobody is known [ITI TF-2:3.56.4.1.3]', async () => {
      const { ipf, config } = running
      const nobody = whereIs(['nobody', config.patientIndex?.assigningAuthority ?? ''])
      const refusal = await ipf.send('ITI-56', index(), nobody).catch(problem => problem)
      expect(String(refusal)).to.contain('found one of nobody')
    })
  })

  describe('asks our responding gateway, and', () => {
    const gateway = () => running.deployment.urls.gateway
    const home = () => running.config.gateway?.homeCommunityId ?? ''

    it('finds documents of a patient and by their ids [ITI TF-2:3.38.4.1.3]', async () => {
      for (const wanted of [
        { patientId: samplePatientId },
        { patientId: samplePatientId, home: home() },
        { uniqueId: kept.uniqueId, home: home() },
      ]) {
        const answer = await running.ipf.query(gateway(), wanted)
        expectNoComplaint(answer)
        expect([answer.status, answer.errors]).to.deep.equal(['SUCCESS', []])
        expect(answer.entries.map(({ uniqueId, homeCommunityId }) => [uniqueId, homeCommunityId])).to.deep.equal([
          [kept.uniqueId, home()],
        ])
      }
    })

    it('is asked for a homeCommunityId where it names no patient [ITI TF-2:3.38.4.1.3]', async () => {
      const without = await running.ipf.query(gateway(), { uniqueId: kept.uniqueId })
      expect([without.status, without.errors]).to.deep.equal(['FAILURE', ['XDSMissingHomeCommunityId']])
      expect(without.ofResponse).to.equal(null)
      const foreign = await running.ipf.query(gateway(), { uniqueId: kept.uniqueId, home: 'urn:oid:2.999.99' })
      expectNoComplaint(foreign)
      expect([foreign.status, foreign.errors]).to.deep.equal(['FAILURE', ['XDSUnknownCommunity']])
    })

    it('fetches a document byte for byte [ITI TF-2:3.39.4.1.3]', async () => {
      const answer = await running.ipf.retrieve(gateway(), [wanted(kept.uniqueId)])
      expectNoComplaint(answer)
      expect([answer.status, answer.errors]).to.deep.equal(['SUCCESS', []])
      expect(answer.documents).to.deep.equal([
        {
          ...{ documentUniqueId: kept.uniqueId, homeCommunityId: home() },
          ...{ mimeType: 'application/pdf', size: kept.bytes.length, sha1: sha1Of(kept.bytes) },
        },
      ])
    })

    it('gets what there is, and the reason for the rest [ITI TF-2:3.39.4.1.3]', async () => {
      const answer = await running.ipf.retrieve(gateway(), [wanted(kept.uniqueId), wanted('2.999.404')])
      expectNoComplaint(answer)
      expect([answer.status, answer.errors]).to.deep.equal(['PARTIAL_SUCCESS', ['XDSDocumentUniqueIdError']])
      expect(answer.documents.map(({ documentUniqueId }) => documentUniqueId)).to.deep.equal([kept.uniqueId])
    })

    it('fetches documents inside their entries [ITI TF-2:3.63.4.1.3, 3.63.4.2.2]', async () => {
      const answer = await running.ipf.fetch(gateway(), { ...summaries, patientId: samplePatientId, home: home() })
      expectNoComplaint(answer)
      expect([answer.status, answer.errors]).to.deep.equal(['SUCCESS', []])
      expect(answer.documents).to.deep.equal([
        {
          ...{ documentUniqueId: kept.uniqueId, homeCommunityId: home() },
          ...{ mimeType: 'application/pdf', size: kept.bytes.length, sha1: sha1Of(kept.bytes) },
        },
      ])
    })

    it('provides documents, which are kept for our community alone and once [ITI TF-2:3.80.4.1.2, 3.80.4.1.3, 3.80.4.2.2]', async () => {
      const { ipf } = running
      const sent = {
        uniqueId: '2.999.520.80',
        patientId: 'P-80^^^&2.999.1.2.3&ISO',
        documents: { '2.999.520.81': text },
      }
      for (const _ of ['sent', 'sent again']) {
        const answer = await ipf.provide('ITI-80', gateway(), { ...sent, target: home() })
        expectNoComplaint(answer)
        expect([answer.status, answer.errors]).to.deep.equal(['SUCCESS', []])
      }
      const found = await ipf.query(gateway(), { patientId: sent.patientId })
      expect(found.entries.map(({ uniqueId }) => uniqueId)).to.deep.equal(['2.999.520.81'])
      const { documents } = await ipf.retrieve(gateway(), [wanted('2.999.520.81')])
      expect(documents.map(({ sha1 }) => sha1)).to.deep.equal([sha1Of(Buffer.from(text))])
      for (const [target, code] of [
        [{}, 'XDSMissingHomeCommunityId'],
        [{ target: 'urn:oid:2.999.99' }, 'XDSUnknownCommunity'],
      ] as const) {
        const refused = await ipf.provide('ITI-80', gateway(), { ...sent, ...target })
        expect([refused.ofResponse, refused.status, refused.errors]).to.deep.equal([null, 'FAILURE', [code]])
      }
    })

    const wanted = (documentUniqueId: string) => {
      const { repositoryUniqueId } = running.deployment
      return { homeCommunityId: home(), repositoryUniqueId, documentUniqueId }
    }
  })

  describe('is told by our patient index', () => {
    it('of persons and their merges as a registry, and of their ids as a consumer [ITI TF-2:3.44.4.1.2, 3.44.4.2.2, 3.46.4.1.2]', async () => {
      const heard = await untilHeard('PRPA_IN201301UV02', 'PRPA_IN201302UV02', 'PRPA_IN201304UV02')
      expect(new Set(heard.map(({ transaction }) => transaction))).to.deep.equal(new Set(['ITI-44', 'ITI-46']))
      expect(heard.flatMap(({ opinion }) => opinion ?? [])).to.deep.equal([])
      const named = heard.filter(({ transaction }) => transaction === 'ITI-44').map(({ message }) => message)
      expect(named.every(message => /<family>[^<]+<\/family>/.test(message))).to.equal(true)
    })
  })

  describe('is asked by our gateway and', () => {
    const url = () => running.deployment.urls.gateway
    const slots = (patientId: string) => [
      { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
      { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
    ]
    const findDocuments = async (patientId: string) => {
      const id = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
      return (
        await consumer.call(
          registryStoredQuery,
          { id, returnType: 'LeafClass', slots: slots(patientId) },
          { url: url() },
        )
      ).response
    }
    const [one, other] = ['2.999.520.1', '2.999.520.2']

    before(async () => {
      const { ipf } = running
      await ipf.hold({
        ...{ home: ipfHome, repository: '2.999.521', patientId: `T-1^^^&${theirs}&ISO` },
        documents: { [one]: text, [other]: 'another' },
      })
      await ipf.heard()
    })

    it('says who it is, by what id it is known and what there is, each asked once [ITI TF-2:3.47.4.1.2, 3.55.4.1.2, 3.56.4.1.2, 3.38.4.1.2]', async () => {
      const { ipf } = running
      await ipf.answer('ITI-47', itIs({ ...lea, ids: [['P-1', '2.999.1.2.3']] }))
      await ipf.answer('ITI-55', knownAs({ ...lea, ids: [['T-1', theirs]] }, ipfHome.replace('urn:oid:', '')))
      await ipf.answer('ITI-56', itIsAt(ipfHome, ['T-1', theirs]))
      const response = await findDocuments(samplePatientId)
      expect([response.status, response.errors]).to.deep.equal(['Success', []])
      const foreign = response.result?.documentEntries.filter(({ homeCommunityId }) => homeCommunityId === ipfHome)
      expect(foreign?.map(({ uniqueId }) => uniqueId)).to.have.members([one, other])
      const heard = await heardQuestions()
      expect(heard.map(({ transaction, opinion }) => [transaction, opinion])).to.deep.equal([
        ['ITI-47', null],
        ['ITI-55', null],
        ['ITI-56', null],
        ['ITI-38', null],
      ])
      expect(heard[1]?.message).to.contain('Brändli').and.to.contain('19710304')
    })

    it('gives its documents, byte for byte [ITI TF-2:3.39.4.1.2]', async () => {
      const wanted = [one, '2.999.404'].map(documentUniqueId => ({
        ...{ homeCommunityId: ipfHome, repositoryUniqueId: '2.999.521', documentUniqueId },
      }))
      const { response } = await consumer.call(retrieveDocumentSet, { documents: wanted }, { url: url() })
      expect(response.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSDocumentUniqueIdError'])
      const pieces: Uint8Array[] = []
      for await (const piece of response.documents[0]?.open() ?? []) pieces.push(piece)
      expect(Buffer.concat(pieces).toString()).to.equal(text)
      const heard = await heardQuestions()
      expect(heard.map(({ transaction, opinion }) => [transaction, opinion])).to.deep.equal([['ITI-39', null]])
    })

    it('gives them inside their entries, asked once [ITI TF-2:3.63.4.1.2]', async () => {
      const { classCode, scheme } = summaries
      const query = {
        ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem' },
        slots: [
          ...slots(samplePatientId),
          { name: '$XDSDocumentEntryClassCode', values: [`('${classCode}^^${scheme}')`] },
        ],
      }
      const { response } = await consumer.call(crossGatewayFetch, query, { url: url() })
      expect([response.status, response.errors]).to.deep.equal(['Success', []])
      const found = response.documents.map(async ({ documentUniqueId, open }) => [
        documentUniqueId,
        String(await bytesFrom(open())),
      ])
      expect(await Promise.all(found)).to.have.deep.members([
        [kept.uniqueId, String(kept.bytes)],
        [one, text],
        [other, 'another'],
      ])
      const heard = await heardQuestions()
      expect(heard.map(({ transaction, opinion }) => [transaction, opinion])).to.deep.equal([['ITI-63', null]])
    })

    it('is sent documents of a source of its own make, for the patient as it knows them [ITI TF-2:3.80.4.1.2, 3.80.4.1.3]', async () => {
      const { ipf } = running
      const sent = { uniqueId: '2.999.520.90', patientId: samplePatientId, documents: { '2.999.520.91': text } }
      const answer = await ipf.provide('ITI-41', url(), { ...sent, target: ipfHome })
      expectNoComplaint(answer)
      expect([answer.status, answer.errors]).to.deep.equal(['SUCCESS', []])
      const [heard] = (await heardQuestions()).filter(({ transaction }) => transaction === 'ITI-80')
      expect(heard?.opinion).to.equal(null)
      expect(heard?.message.split('\n')).to.deep.equal([ipfHome, 'T-1', `2.999.520.91 T-1 ${text}`])
      const missing = await ipf.provide('ITI-41', url(), sent)
      expect(missing.errors).to.deep.equal(['XDSMissingHomeCommunityId'])
    })

    it('answers each by a request of its own where it is asked asynchronously [ITI TF-1: 18.2.2, ITI TF-2:3.38.1, 3.39.1]', async () => {
      const { ipf, knowIpf, config } = running
      await knowIpf({ asynchronous: true })
      const before = await counted('xca_answers_taken_total', config)
      await ipf.answer('ITI-47', itIs({ ...lea, ids: [['P-3', '2.999.1.2.3']] }))
      await ipf.answer('ITI-56', itIsAt(ipfHome, ['T-1', theirs]))
      const { errors, result } = await findDocuments('P-3^^^&2.999.1.2.3&ISO')
      expect(errors).to.deep.equal([])
      const foreign = result?.documentEntries.filter(({ homeCommunityId }) => homeCommunityId === ipfHome)
      expect(foreign?.map(({ uniqueId }) => uniqueId)).to.have.members([one, other])
      const wanted = { homeCommunityId: ipfHome, repositoryUniqueId: '2.999.521', documentUniqueId: one }
      const { response } = await consumer.call(retrieveDocumentSet, { documents: [wanted] }, { url: url() })
      expect(String(await bytesFrom(response.documents[0]?.open() ?? []))).to.equal(text)
      const heard = (await heardQuestions()).map(({ transaction, opinion }) => [transaction, opinion])
      expect(heard).to.deep.equal(['ITI-47', 'ITI-55', 'ITI-56', 'ITI-38', 'ITI-39'].map(each => [each, null]))
      expect(await counted('xca_answers_taken_total', config)).to.equal(before + 3)
      await knowIpf({})
    })

    it('is asked nothing more where it knows nobody [ITI TF-2:3.55.4.2.2]', async () => {
      const { ipf } = running
      await ipf.answer('ITI-47', itIs({ ...lea, family: 'Unbekannt', ids: [['P-2', '2.999.1.2.3']] }))
      await ipf.answer('ITI-55', nobodyFits(ipfHome.replace('urn:oid:', '')))
      const response = await findDocuments('P-2^^^&2.999.1.2.3&ISO')
      expect([response.status, response.result?.documentEntries]).to.deep.equal(['Success', []])
      expect((await heardQuestions()).map(({ transaction }) => transaction)).to.deep.equal(['ITI-47', 'ITI-55'])
    })

    it('tells us the ids it keeps together [ITI TF-2:3.45.4.1.2]', async () => {
      const { ipf } = running
      await ipf.answer('ITI-45', idsAre([['other', south]]))
      const id = (extension: string) => ({ root: '2.999.5', extension })
      const query = {
        messageId: id('m'),
        queryId: id('q'),
        queryXml: '',
        sender: '2.999.51',
        receiver: '2.999.52',
        patientIds: [`1^^^&${north}&ISO`],
        dataSources: [south],
      }
      const { response } = await consumer.call(pixQuery, query, { url: ipf.url('ITI-45') })
      expect([response.acknowledgement, response.patientIds]).to.deep.equal(['AA', [`other^^^&${south}&ISO`]])
      const heard = await heardQuestions()
      expect(heard.map(({ transaction, opinion }) => [transaction, opinion])).to.deep.equal([['ITI-45', null]])
    })
  })

  /** All that has been heard once each of the messages was. */
  async function untilHeard(...names: string[]) {
    const heard = await running.ipf.heard()
    for (let tries = 0; tries < 300; tries += 1) {
      if (names.every(name => heard.some(({ message }) => message.includes(name)))) return heard
      await systemPorts.clock.sleep(100)
      heard.push(...(await running.ipf.heard()))
    }
    throw new Error(`not all of ${names} were heard: ${heard.map(({ message }) => message.slice(0, 60))}`)
  }

  /** What the gateway or a consumer has asked, not what the patient index tells meanwhile. */
  async function heardQuestions() {
    const heard = await running.ipf.heard()
    return heard.filter(({ transaction }) => transaction !== 'ITI-44' && transaction !== 'ITI-46')
  }
})

/** Of the sample, and of what IPF has. */
const summaries = { classCode: '422735006', scheme: '2.16.840.1.113883.6.96' }

const firstNames = ['Anna', 'Bruno', 'Chiara', 'Dario', 'Emma']

function expectNoComplaint({ ofRequest, ofResponse }: Judged): void {
  expect({ ofRequest, ofResponse }).to.deep.equal({ ofRequest: null, ofResponse: null })
}

function values(xml: string, path: string): string[] {
  using document = XmlDocument.fromString(xml)
  return document.find(path, { h: 'urn:hl7-org:v3', x: 'urn:ihe:iti:xcpd:2009' }).map(({ content }) => content)
}

function sha1Of(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}
