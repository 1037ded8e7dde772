// ITI-63 at a gateway: what it gives to others, and what it fetches for its own, by one question or by two.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { FetchResponse } from '../../../transactions/communities/fetch-codec.js'
import { crossGatewayFetch } from '../../../transactions/communities/xcf.js'
import type { AdhocQueryRequest, RetrieveDocumentSetRequest } from '../../../transactions/xds-messages.js'
import { bytesOf, overTheWire } from '../../samples/encoded.js'
import {
  aGateway,
  bern,
  classOf,
  document,
  entry,
  fetchedWith,
  id,
  known,
  named,
  ours,
  told,
  vaud,
} from '../a-gateway.js'

const theirs = id('b', '2.999.80')
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const anEntry = (uniqueId: string, more: { home?: string; patientId?: string } = {}) =>
  entry(`e${uniqueId}`, { ...more, document: { uniqueId, hash: sha1(uniqueId), size: uniqueId.length } })
const given = (request: RetrieveDocumentSetRequest) => ({
  ...{ status: 'Success', errors: [] },
  documents: request.documents.map(each => document(each)),
})
const answers = {
  'https://registry': () => told(anEntry('1'), anEntry('2')),
  'https://repository': given,
  'https://bern/discovery': () => known(theirs),
  'https://bern/query': () => told(anEntry('b', { home: bern, patientId: theirs })),
  'https://bern/retrieve': given,
  'https://bern/fetch': () =>
    fetchedWith([anEntry('b', { home: bern, patientId: theirs }), document(named('b', bern))]),
  'https://vaud/discovery': () => known(),
}
const { communities: asTheyAre } = aGateway({}).context.config
const withFetch = { communities: asTheyAre.map(each => ({ ...each, fetch: each.query.replace('query', 'fetch') })) }

const codesOf = ({ errors }: FetchResponse) => errors.map(({ errorCode, location }) => [errorCode, location])
const foundIn = async ({ objects, documents }: FetchResponse) =>
  Promise.all(
    documents.map(async (each, place) => [
      ...[each.documentUniqueId, each.homeCommunityId, objects[place]?.id === each.entryUUID],
      (await bytesOf(each.open())).toString(),
    ]),
  )
const ofOurs = [
  ['1', ours, true, '1'],
  ['2', ours, true, '2'],
]
const all = [...ofOurs, ['b', bern, true, 'b']]

describe('a fetch from another community', () => {
  const asked = (request: Partial<AdhocQueryRequest>) => aGateway(answers).fetch(request, 'gateway')

  it('is given what registries find, with the documents from repositories [ITI TF-2:3.63.4.1.3, ITI TF-1: 29.3.2.1]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.fetch({ ...classOf(id('1')), home: ours }, 'gateway')
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Success', []])
    expect(await foundIn(await overTheWire(crossGatewayFetch.response, answer))).to.deep.equal(ofOurs)
    expect(gateway.asked.map(({ id: transaction, url }) => [transaction, url])).to.deep.equal([
      ['ITI-18', 'https://registry'],
      ['ITI-43', 'https://repository'],
    ])
  })

  it('has to name this community [ITI TF-2:3.63.4.1.2]', async () => {
    expect(codesOf(await asked(classOf(id('1'))))).to.deep.equal([['XDSMissingHomeCommunityId', ours]])
    expect(codesOf(await asked({ ...classOf(id('1')), home: bern }))).to.deep.equal([['XDSUnknownCommunity', ours]])
  })

  it('is refused where it is none, located at this community [ITI TF-2:3.63.4.1.2, 3.63.4.1.3]', async () => {
    const refused = await asked({ ...classOf(id('1')), home: ours, returnType: 'LeafClass' })
    expect([refused.status, codesOf(refused)]).to.deep.equal(['Failure', [['XDSRegistryError', ours]]])
  })

  it('is told what cannot be had, and given the rest [ITI TF-2:3.63.4.1.3]', async () => {
    const onlyOne = ({ documents }: RetrieveDocumentSetRequest) => given({ documents: documents.slice(0, 1) })
    const gateway = aGateway({ ...answers, 'https://repository': onlyOne })
    const answer = await gateway.fetch({ ...classOf(id('1')), home: ours }, 'gateway')
    expect([answer.status, codesOf(answer)]).to.deep.equal(['PartialSuccess', [['XDSRepositoryError', ours]]])
    expect(await foundIn(answer)).to.deep.equal(ofOurs.slice(0, 1))
    expect(answer.objects).to.have.length(1)
  })

  it('is not given more than a few documents at once [ITI TF-1: 29]', async () => {
    const many = Array.from({ length: 101 }, (_, index) => anEntry(`${index}`))
    const gateway = aGateway({ ...answers, 'https://registry': () => told(...many) })
    const answer = await gateway.fetch({ ...classOf(id('1')), home: ours }, 'gateway')
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', [['XDSTooManyResults', ours]]])
    expect(gateway.asked.map(({ url }) => url)).to.deep.equal(['https://registry'])
  })
})

describe('a fetch for a consumer of our own', () => {
  it('is not held up by an answer of very many objects', async () => {
    const one = entry('b', { home: bern, patientId: theirs })
    const many = Array.from({ length: 60_000 }, (_, index) => ({ ...one, id: `urn:uuid:entry-${index}` }))
    const gateway = aGateway({ ...answers, 'https://bern/fetch': () => told(...many, one, one) }, withFetch)
    const startedMs = performance.now()
    await gateway.fetch({ ...classOf(id('1')), home: bern })
    expect(performance.now() - startedMs).to.be.lessThan(4_000)
  })

  it('is one question to a community that speaks ITI-63, by its own id of the patient [ITI TF-2:3.63.4.1.2]', async () => {
    const gateway = aGateway(answers, withFetch)
    const answer = await gateway.fetch(classOf(id('1')))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Success', []])
    expect(await foundIn(answer)).to.deep.equal(all)
    const [toBern] = gateway.asked.filter(({ id: transaction }) => transaction === 'ITI-63')
    const question = toBern?.request as AdhocQueryRequest | undefined
    expect(question).to.deep.include({ home: bern, returnType: 'LeafClassWithRepositoryItem' })
    expect(question?.slots[0]?.values).to.deep.equal([`'${theirs}'`])
    expect(gateway.asked.filter(({ url }) => /bern\/(query|retrieve)|vaud\/fetch/.test(url))).to.deep.equal([])
  })

  it('is two questions to one that does not [ITI TF-1: 29.3.2.2]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.fetch(classOf(id('1')))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Success', []])
    expect(await foundIn(answer)).to.deep.equal(all)
    expect(gateway.asked.filter(({ url }) => url.startsWith('https://bern')).map(each => each.id)).to.deep.equal([
      'ITI-55',
      'ITI-38',
      'ITI-39',
    ])
  })

  it('goes to the one community that is named [ITI TF-2:3.63.4.1.2]', async () => {
    const gateway = aGateway(answers, withFetch)
    expect(await foundIn(await gateway.fetch({ ...classOf(id('1')), home: bern }))).to.deep.equal(all.slice(2))
    expect(await foundIn(await gateway.fetch({ ...classOf(id('1')), home: ours }))).to.deep.equal(ofOurs)
    const unknown = await gateway.fetch({ ...classOf(id('1')), home: 'urn:oid:2.999.99' })
    expect(codesOf(unknown)[0]?.[0]).to.equal('XDSUnknownCommunity')
    const nobody = await gateway.fetch({ ...classOf(id('1')), home: vaud })
    expect([nobody.status, nobody.documents]).to.deep.equal(['Success', []])
  })

  it('names the community that is silent, and gives what the others have [ITI TF-2:3.63.4.1.3]', async () => {
    for (const config of [{}, withFetch]) {
      const silent = () => {
        throw new Error('there was no answer within 10000 ms')
      }
      const gateway = aGateway({ ...answers, 'https://bern/query': silent, 'https://bern/fetch': silent }, config)
      const answer = await gateway.fetch(classOf(id('1')))
      expect([answer.status, codesOf(answer)]).to.deep.equal(['PartialSuccess', [['XDSUnavailableCommunity', bern]]])
      expect(await foundIn(answer)).to.deep.equal(ofOurs)
    }
  })

  it('asks anew who a patient is whom a community calls unknown [ITI TF-2:3.55.4.1.3]', async () => {
    const unknown = { errorCode: 'XDSUnknownPatientId', codeContext: '', severity: 'Error' } as const
    const failed = { ...fetchedWith(), status: 'Failure', errors: [unknown] }
    const gateway = aGateway({ ...answers, 'https://bern/fetch': () => failed }, withFetch)
    for (const _ of [1, 2]) await gateway.fetch({ ...classOf(id('1')), home: bern })
    expect(gateway.asked.filter(({ url }) => url === 'https://bern/discovery')).to.have.length(2)
  })

  it('says so where a community tells of a document and does not give it [ITI TF-2:3.63.4.2.2]', async () => {
    const bare = () => ({ ...told(anEntry('b', { home: bern, patientId: theirs })), documents: [] })
    const answer = await aGateway({ ...answers, 'https://bern/fetch': bare }, withFetch).fetch(classOf(id('1')))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['PartialSuccess', [['XDSRepositoryError', 'b']]])
    expect(await foundIn(answer)).to.deep.equal(ofOurs)
  })

  it('hands on nothing that is false, and audits it [ITI TF-2:3.63.4.1.3]', async () => {
    const [one, bytes] = [anEntry('b', { home: bern, patientId: theirs }), document(named('b', bern))]
    const many = Array.from({ length: 101 }, (_, index) => `${index}`)
    const falsehoods: FetchResponse[] = [
      fetchedWith([anEntry('b', { home: vaud, patientId: theirs }), bytes]),
      fetchedWith([anEntry('b', { home: bern, patientId: id('other', '2.999.80') }), bytes]),
      fetchedWith([one, bytes], [one, bytes]),
      fetchedWith([one, { ...bytes, sha1: sha1('another') }]),
      fetchedWith(
        ...many.map(
          each => [anEntry(each, { home: bern, patientId: theirs }), document(named(each, bern))] as [never, never],
        ),
      ),
    ]
    for (const falsehood of falsehoods) {
      const gateway = aGateway({ ...answers, 'https://bern/fetch': () => falsehood }, withFetch)
      const answer = await gateway.fetch(classOf(id('1')))
      expect(codesOf(answer)).to.deep.equal([['XDSUnavailableCommunity', bern]])
      expect(await foundIn(answer)).to.deep.equal(ofOurs)
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })
})
