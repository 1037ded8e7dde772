// Documents that pass a gateway: those of other communities for this one, and those of sources of our own for any.
import { expect } from 'chai'
import type { Submission } from '../../../metadata/model.js'
import { crossGatewayDocumentProvide } from '../../../transactions/communities/xcdr.js'
import type { ProvideToCommunityRequest, RegistryResponse } from '../../../transactions/xds-messages.js'
import { overTheWire } from '../../samples/encoded.js'
import { aDocumentEntry, aFolder } from '../../samples/submission.js'
import { anExchange } from '../../server/an-exchange.js'
import { aGateway, bern, documentsFor, id, known, ours, vaud } from '../a-gateway.js'

const theirs = id('b', '2.999.80')
const taken = (): RegistryResponse => ({ status: 'Success', errors: [] })
const refusedWith =
  (errorCode: string, codeContext = 'why', location?: string) =>
  () => ({
    ...{ status: 'Failure', errors: [{ errorCode, codeContext, severity: 'Error', ...(location && { location }) }] },
  })
const silent = () => {
  throw new Error('there was no answer within 60000 ms')
}
const answers = {
  'https://repository': taken,
  'https://bern/discovery': () => known(theirs),
  'https://bern/provide': taken,
  'https://vaud/discovery': () => known(),
  'https://vaud/provide': taken,
}
const { communities: asTheyAre } = aGateway({}).context.config
const withProvide = {
  communities: asTheyAre.map(each => ({ ...each, provide: each.query.replace('query', 'provide') })),
}
const codesOf = ({ errors }: RegistryResponse) => errors.map(({ errorCode, location }) => [errorCode, location])
const sentBy = ({ asked }: ReturnType<typeof aGateway>) =>
  asked.filter(({ id: transaction }) => /41|80/.test(transaction)).map(each => [each.id, each.url])
const patientsIn = ({ submissionSets, documentEntries, folders }: Submission) =>
  [...submissionSets, ...documentEntries, ...folders].map(({ patientId }) => patientId)

describe('documents from another community', () => {
  it('go to the repository of this one as ITI-41, as they came [ITI TF-2:3.80.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const request = await overTheWire(crossGatewayDocumentProvide.request, documentsFor([ours]))
    // The header block does not travel in a body.
    const answer = await gateway.crossProvide({ ...request, homes: [ours] })
    expect(answer).to.deep.equal(taken())
    expect(sentBy(gateway)).to.deep.equal([['ITI-41', 'https://repository']])
    const { submission, documents } = request
    expect(gateway.asked[0]?.request).to.deep.equal({ submission, documents })
  })

  it('have to name this community, and no other [ITI TF-2:3.80.4.1.2]', async () => {
    const gateway = aGateway(answers, withProvide)
    const answersTo = async (...homes: string[]) => codesOf(await gateway.crossProvide(documentsFor(homes)))
    expect(await answersTo()).to.deep.equal([['XDSMissingHomeCommunityId', ours]])
    for (const homes of [[bern], ['urn:oid:2.999.99'], ['nowhere'], [ours, bern]]) {
      expect(await answersTo(...homes)).to.deep.equal([['XDSUnknownCommunity', ours]])
    }
    expect(gateway.asked).to.deep.equal([])
    for (const home of [ours, ours.replace('urn:oid:', ''), ours.replace('urn:oid:', 'URN:OID:')]) {
      expect(await answersTo(home)).to.deep.equal([])
    }
  })

  it('are refused as the repository refuses them, located at this community and with our trace [ITI TF-2:3.80.4.2.2]', async () => {
    const { traceId } = anExchange().trace
    const gateway = aGateway({ 'https://repository': refusedWith('XDSUnknownPatientId', 'nobody', 'entry 1') })
    const refused = await gateway.crossProvide(documentsFor([ours]))
    expect([refused.status, codesOf(refused)]).to.deep.equal(['Failure', [['XDSUnknownPatientId', ours]]])
    expect(refused.errors[0]?.codeContext).to.equal(`nobody (trace ${traceId})`)
  })

  it('say so where no repository takes them or answers [ITI TF-2:3.80.4.2.2]', async () => {
    for (const gateway of [aGateway(answers, { repositories: [] }), aGateway({ 'https://repository': silent })]) {
      const answer = await gateway.crossProvide(documentsFor([ours]))
      expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', [['XDSRepositoryError', ours]]])
    }
  })

  it('go to the repository that is for them, in time for their length [ITI TF-2:3.80.4.1.3]', async () => {
    const repository = { url: 'https://repository', repositoryUniqueId: '2.999.20', timeoutMs: 1_000 }
    const another = { ...repository, repositoryUniqueId: '2.999.21', provide: 'https://another/provide' }
    const gateway = aGateway({ 'https://another/provide': taken }, { repositories: [repository, another] })
    const long = documentsFor([ours], {}, 'x'.repeat(2 * 1_048_576))
    expect(await gateway.crossProvide(long)).to.deep.equal(taken())
    expect(gateway.asked.map(({ url, timeoutMs }) => [url, timeoutMs])).to.deep.equal([
      ['https://another/provide', 3_000],
    ])
  })

  it('are not taken where none are to be [ITI TF-2:3.80.4.1.3]', async () => {
    const gateway = aGateway(answers, { documentsOfOthers: 'refused' })
    const answer = await gateway.crossProvide(documentsFor([ours]))
    expect([answer.status, codesOf(answer), gateway.asked]).to.deep.equal([
      'Failure',
      [['XDSRepositoryError', ours]],
      [],
    ])
    expect(await gateway.provide(documentsFor([ours]))).to.deep.equal(taken())
  })

  it('are refused where they could not be written again as they came [ITI TF-2:3.41.4.1.2]', async () => {
    const request = documentsFor([ours])
    const finding = { object: 'DocumentEntry 1', rule: 'ITI TF-3:4.2.1', expected: 'this', found: 'that' }
    const fault = { kind: 'missing', expected: 'a part', found: 'none' } as const
    const limits = { ...aGateway({}).context.config.limits, attachments: 1 }
    const broken: [ProvideToCommunityRequest, string[]][] = [
      [
        {
          ...request,
          submission: { ...request.submission, findings: [{ ...finding, code: 'XDSRegistryMetadataError' }] },
        },
        ['XDSRepositoryMetadataError'],
      ],
      [{ ...request, documents: [], faultyDocuments: [{ number: 1, id: 'x', fault }] }, ['XDSMissingDocument']],
      [{ ...request, documents: [], faultyDocuments: [{ number: 1, id: '' }] }, ['XDSMissingDocumentMetadata']],
      [{ ...request, faultyDocuments: [{ number: 2, id: '' }] }, ['XDSRepositoryError']],
    ]
    for (const [sent, codes] of broken) {
      const gateway = aGateway(answers, { limits })
      const refused = await gateway.crossProvide(sent)
      expect([refused.status, refused.errors.map(({ errorCode }) => errorCode)]).to.deep.equal(['Failure', codes])
      expect(gateway.asked).to.deep.equal([])
    }
  })

  it('are answered with what was remarked on the way in [ITI TF-2:3.41.4.1.2]', async () => {
    const request = documentsFor([ours])
    const remark = { object: 'DocumentEntry 1', rule: 'ITI TF-3:4.2.1', expected: 'this', found: 'that' }
    const findings = [{ ...remark, code: 'XDSExtraMetadataNotSaved', severity: 'Warning' } as const]
    const answer = await aGateway(answers).crossProvide({ ...request, submission: { ...request.submission, findings } })
    expect(answer.status).to.equal('Success')
    expect(answer.errors.map(({ errorCode, severity }) => [errorCode, severity])).to.deep.equal([
      ['XDSExtraMetadataNotSaved', 'Warning'],
    ])
  })
})

describe('documents of a source of our own', () => {
  it('go to the community that is named, for the patient as that community knows them [ITI TF-2:3.80.4.1.2]', async () => {
    for (const transaction of ['ITI-41', 'ITI-80']) {
      const gateway = aGateway(answers, withProvide)
      const sent = documentsFor([bern], { folders: [aFolder({ patientId: id('1') })] })
      const answer = await (transaction === 'ITI-41' ? gateway.provide(sent) : gateway.crossProvide(sent, 'source'))
      expect(answer).to.deep.equal(taken())
      expect(sentBy(gateway)).to.deep.equal([['ITI-80', 'https://bern/provide']])
      const request = gateway.asked.at(-1)?.request as ProvideToCommunityRequest
      expect(request.homes).to.deep.equal([bern])
      expect(patientsIn(request.submission)).to.deep.equal([theirs, theirs, theirs])
      expect(request.submission.documentEntries.map(each => each.sourcePatientId)).to.deep.equal(
        sent.submission.documentEntries.map(each => each.sourcePatientId),
      )
      expect(request.documents).to.deep.equal(sent.documents)
    }
  })

  it('keep an id that is of that community already [ITI TF-2:3.80.4.1.2]', async () => {
    const communities = withProvide.communities.map(each => ({ ...each, patientDomain: '2.999.80' }))
    const gateway = aGateway(answers, { communities })
    const own = id('of theirs', '2.999.80')
    expect(await gateway.provide(documentsFor([bern], { patientId: own }))).to.deep.equal(taken())
    expect(gateway.asked.map(each => each.id)).to.deep.equal(['ITI-80'])
    const request = gateway.asked[0]?.request as ProvideToCommunityRequest
    expect(patientsIn(request.submission)).to.deep.equal([own, own])
  })

  it('go to our own repository where they are for this community [ITI TF-2:3.80.4.1.3]', async () => {
    const gateway = aGateway(answers, withProvide)
    expect(await gateway.provide(documentsFor([ours]))).to.deep.equal(taken())
    expect(gateway.asked.map(each => [each.id, each.url])).to.deep.equal([['ITI-41', 'https://repository']])
  })

  it('have to be for one community, and one that is known [ITI TF-2:3.80.4.1.2]', async () => {
    const gateway = aGateway(answers, withProvide)
    const codes = async (...homes: string[]) =>
      (await gateway.provide(documentsFor(homes))).errors.map(({ errorCode }) => errorCode)
    expect(await codes()).to.deep.equal(['XDSMissingHomeCommunityId'])
    expect(await codes('urn:oid:2.999.99')).to.deep.equal(['XDSUnknownCommunity'])
    expect(await codes(bern, vaud)).to.deep.equal(['XDSUnknownCommunity'])
    expect(gateway.asked).to.deep.equal([])
    expect(await codes(bern, bern.replace('urn:oid:', ''))).to.deep.equal([])
  })

  it('stay here where the patient is not known there, or there are two [ITI TF-2:3.80.4.1.3, 3.42.4.1.3.3.2]', async () => {
    const gateway = aGateway(answers, withProvide)
    expect(codesOf(await gateway.provide(documentsFor([vaud])))).to.deep.equal([['XDSUnknownPatientId', vaud]])
    const ofTwo = documentsFor([bern], { documentEntries: [aDocumentEntry({ patientId: id('2') })] })
    expect(codesOf(await gateway.provide(ofTwo))).to.deep.equal([['XDSPatientIdDoesNotMatch', undefined]])
    expect(sentBy(gateway)).to.deep.equal([])
  })

  it('are sent for another id once the community has called one unknown [ITI TF-2:3.55.4.1.3]', async () => {
    const gateway = aGateway({ ...answers, 'https://bern/provide': refusedWith('XDSUnknownPatientId') }, withProvide)
    for (const _ of [1, 2]) {
      expect(codesOf(await gateway.provide(documentsFor([bern])))).to.deep.equal([['XDSUnknownPatientId', bern]])
    }
    expect(gateway.asked.filter(({ url }) => url === 'https://bern/discovery')).to.have.length(2)
  })

  it('are told of as not taken where the community is silent, or nobody knows where to send them [ITI TF-2:3.80.4.2.2]', async () => {
    const beyond = 'it may have taken them all the same'
    const gateways = [
      [aGateway(answers), false],
      [aGateway({ ...answers, 'https://bern/discovery': silent }, withProvide), false],
      [aGateway({ ...answers, 'https://bern/provide': silent }, withProvide), true],
    ] as const
    for (const [gateway, mayBe] of gateways) {
      const answer = await gateway.provide(documentsFor([bern]))
      expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', [['XDSUnavailableCommunity', bern]]])
      expect(answer.errors[0]?.codeContext.includes(beyond)).to.equal(mayBe)
    }
  })

  it('are not sent to a community that has failed too often, nor twice to one that fails [ITI TF-2:3.80.4.1.3]', async () => {
    const gateway = aGateway({ ...answers, 'https://bern/provide': silent }, withProvide)
    for (let count = 0; count < 7; count += 1) await gateway.provide(documentsFor([bern]))
    expect(sentBy(gateway)).to.have.length(5)
    expect(await gateway.provide(documentsFor([ours]))).to.deep.equal(taken())
  })

  it('are not taken for kept where the answer contradicts itself, and it is audited [ITI TF-2:3.80.4.2.2]', async () => {
    const falsehoods = [
      { ...refusedWith('XDSRepositoryError')(), status: 'Success' },
      { ...refusedWith('XDSRepositoryError')(), status: 'PartialSuccess' },
      { status: 'Failure', errors: [] },
    ]
    for (const falsehood of falsehoods) {
      const gateway = aGateway({ ...answers, 'https://bern/provide': () => falsehood }, withProvide)
      const answer = await gateway.provide(documentsFor([bern]))
      expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', [['XDSUnavailableCommunity', bern]]])
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })
})
