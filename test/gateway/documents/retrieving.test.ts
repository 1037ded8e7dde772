// ITI-43 and ITI-39 at a gateway: each document from where it is, and nothing that nobody asked for.
import { expect } from 'chai'
import type { RetrieveDocumentSetRequest, RetrieveDocumentSetResponse } from '../../../transactions/xds-messages.js'
import { aGateway, bern, document, named, ours } from '../a-gateway.js'

const given = (request: RetrieveDocumentSetRequest): RetrieveDocumentSetResponse => ({
  ...{ status: 'Success', errors: [] },
  documents: request.documents.map(each => document(each)),
})
const answers = { 'https://repository': given, 'https://bern/retrieve': given }
const told = ({ documents }: RetrieveDocumentSetResponse) =>
  documents.map(({ documentUniqueId, homeCommunityId }) => [documentUniqueId, homeCommunityId])
const codesOf = ({ errors }: RetrieveDocumentSetResponse) =>
  errors.map(({ errorCode, location }) => [errorCode, location])

describe('a retrieval through the gateway', () => {
  it('takes each document from the community that has it [ITI TF-2:3.39.4.1.2]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.retrieve(named('1'), named('2', bern, '2.999.21'), named('3', ours))
    expect(answer.status).to.equal('Success')
    expect(told(answer)).to.deep.equal([
      ['1', ours],
      ['3', ours],
      ['2', bern],
    ])
    expect(gateway.asked.map(({ id, url }) => [id, url])).to.deep.equal([
      ['ITI-43', 'https://repository'],
      ['ITI-39', 'https://bern/retrieve'],
    ])
  })

  it('gives the bytes once, and forgets them with the last [ITI TF-2:3.39.4.1.3]', async () => {
    const forgotten: string[] = []
    const gateway = aGateway({
      'https://bern/retrieve': ({ documents }: RetrieveDocumentSetRequest) => ({
        ...{ status: 'Success', errors: [] },
        documents: documents.map(each =>
          document(each, 'bytes', async () => void forgotten.push(each.documentUniqueId)),
        ),
      }),
    })
    const [one, other] = (await gateway.retrieve(named('1', bern), named('2', bern))).documents
    expect(forgotten).to.deep.equal([])
    for await (const piece of one?.open() ?? []) expect(String(piece)).to.equal('bytes')
    expect(forgotten).to.deep.equal(['1'])
    // Whoever goes away in the middle leaves nothing either.
    for await (const _ of other?.open() ?? []) break
    expect(forgotten).to.deep.equal(['1', '2'])
  })

  it('asks one at a time where a community wants it so', async () => {
    const config = aGateway(answers).context.config
    const communities = config.communities.map(each => ({ ...each, oneDocumentPerRequest: true }))
    const gateway = aGateway(answers, { communities })
    expect(told(await gateway.retrieve(named('1', bern), named('2', bern)))).to.have.length(2)
    expect(gateway.asked).to.have.length(2)
  })

  it('names each document of a community that is silent or unknown, and gives the rest [ITI TF-2:3.39.4.1.3]', async () => {
    const answer = await aGateway({ 'https://repository': given }).retrieve(
      named('1'),
      named('2', bern),
      named('3', 'urn:oid:2.999.99'),
      named('4', ours, '2.999.7'),
    )
    expect(answer.status).to.equal('PartialSuccess')
    expect(told(answer)).to.deep.equal([['1', ours]])
    expect(codesOf(answer)).to.have.deep.members([
      ['XDSUnavailableCommunity', '2'],
      ['XDSUnknownCommunity', '3'],
      ['XDSUnknownRepositoryId', '4'],
    ])
  })

  it('hands on nothing that it did not ask for, and audits it', async () => {
    const lies = [
      () => [document(named('other', bern))],
      () => [document(named('1', bern)), document(named('1', bern))],
      () => [document(named('1', ours))],
    ]
    for (const lie of lies) {
      const gateway = aGateway({ 'https://bern/retrieve': () => ({ status: 'Success', errors: [], documents: lie() }) })
      const answer = await gateway.retrieve(named('1', bern))
      expect([answer.status, told(answer), codesOf(answer)]).to.deep.equal([
        'Failure',
        [],
        [['XDSUnavailableCommunity', '1']],
      ])
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })

  it('takes documents from other communities for a consumer of its own that asks by ITI-39 [ITI TF-2:3.39.4.1.2]', async () => {
    const gateway = aGateway(answers)
    expect(told(await gateway.ownCrossRetrieve(named('1', ours), named('2', bern)))).to.deep.equal([
      ['1', ours],
      ['2', bern],
    ])
  })

  it('gives each document once, however often it is asked for [ITI TF-2:3.39.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const twice = [named('1'), named('1'), named('2', bern), named('2', bern, 'urn:oid:2.999.20')]
    expect(told(await gateway.retrieve(...twice))).to.deep.equal([
      ['1', ours],
      ['2', bern],
    ])
    expect(told(await gateway.crossRetrieve(named('1', ours), named('1', ours)))).to.deep.equal([['1', ours]])
    expect(gateway.audited).to.deep.equal([])
  })

  it('refuses a request for nothing, and one for more than is given at once [ITI TF-2:3.43.4.1.3]', async () => {
    const gateway = aGateway(answers)
    expect(codesOf(await gateway.retrieve())).to.deep.equal([['XDSRepositoryError', 'RetrieveDocumentSetRequest']])
    const many = Array.from({ length: 1_001 }, (_, index) => named(`${index}`, ours))
    for (const answer of [await gateway.retrieve(...many), await gateway.crossRetrieve(...many)]) {
      expect(codesOf(answer)).to.have.length(500)
      expect(codesOf(answer)[0]).to.deep.equal(['XDSTooManyResults', '0'])
    }
    expect(gateway.asked).to.deep.equal([])
  })

  it('says so where a document is not given and nobody says why [ITI TF-2:3.43.4.2.2]', async () => {
    const nothing = () => ({ status: 'Success', errors: [], documents: [] })
    const gateway = aGateway({ 'https://repository': nothing, 'https://bern/retrieve': nothing })
    const answer = await gateway.retrieve(named('1'), named('2', bern))
    expect([answer.status, codesOf(answer)]).to.deep.equal([
      'Failure',
      [
        ['XDSRepositoryError', '1'],
        ['XDSRepositoryError', '2'],
      ],
    ])
  })

  it('asks each repository for what it has [ITI TF-2:3.43.4.1.2]', async () => {
    const repositories = ['20', '21'].map(end => ({
      ...{ url: `https://repository-${end}`, repositoryUniqueId: `2.999.${end}`, timeoutMs: 1_000 },
    }))
    const gateway = aGateway({ 'https://repository-20': given, 'https://repository-21': given }, { repositories })
    const answer = await gateway.crossRetrieve(named('1', ours), named('2', ours, 'urn:oid:2.999.21'), named('3', ours))
    expect(told(answer).map(([uniqueId]) => uniqueId)).to.deep.equal(['1', '3', '2'])
    expect(gateway.asked.map(({ url }) => url)).to.deep.equal(['https://repository-20', 'https://repository-21'])
  })

  it('takes a community by its OID alone, as one and the same [RFC 8141: 3.1]', async () => {
    const gateway = aGateway(answers)
    const oid = ours.slice('urn:oid:'.length)
    expect(told(await gateway.crossRetrieve(named('1', oid), named('1', ours)))).to.deep.equal([['1', ours]])
    expect(told(await gateway.retrieve(named('1', oid)))).to.deep.equal([['1', ours]])
  })

  it('answers other communities for its own documents alone [ITI TF-2:3.39.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.crossRetrieve(named('1', ours), named('2', bern), named('3'))
    expect(told(answer)).to.deep.equal([['1', ours]])
    // Located at the community: which document it is, is said in words. [ITI TF-2:3.39.4.1.3]
    expect(codesOf(answer)).to.have.deep.members([
      ['XDSUnknownCommunity', ours],
      ['XDSMissingHomeCommunityId', ours],
    ])
    expect(answer.errors.map(({ codeContext }) => codeContext.slice(0, 'document 2'.length))).to.have.members([
      'document 2',
      'document 3',
    ])
    expect(gateway.asked.map(({ url }) => url)).to.deep.equal(['https://repository'])
  })
})
