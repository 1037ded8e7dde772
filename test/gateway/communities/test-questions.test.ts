// Questions about a patient whom nobody has, as `carnet community doctor` has them asked.
import { expect } from 'chai'
import type { CommunityConfig } from '../../../config/gateway-config.js'
import type { Examined } from '../../../gateway/communities/examined.js'
import { testQuestions } from '../../../gateway/communities/test-questions.js'
import { senderFault } from '../../../soap/fault.js'
import { type Answers, aGateway, bern, known, told } from '../a-gateway.js'

const nobodyThere: Answers = {
  'https://bern/discovery': () => known(),
  'https://bern/location': () => ({ locations: [] }),
  'https://bern/query': () => told(),
  'https://bern/fetch': () => ({ ...told(), documents: [] }),
}

async function asked(answers: Answers = {}, changes: Partial<CommunityConfig> = {}): Promise<Examined[]> {
  const { context } = aGateway({ ...nobodyThere, ...answers })
  const [community] = context.communities.all
  const all = { location: 'https://bern/location', fetch: 'https://bern/fetch', ...changes }
  return testQuestions(Object.assign({}, community, all), {
    context,
    nationalAuthority: undefined,
    security: undefined,
  })
}

const verdicts = (found: Examined[]) => found.map(({ what, verdict }) => [what.split(' ').at(-1), verdict])
const transactions = ['ITI-55', 'ITI-56', 'ITI-38', 'ITI-63']

describe('test questions to a community', () => {
  it('are asked by each transaction that it has an address for [ITI TF-2:3.38.4.1, 3.55.4.1, 3.56.4.1, 3.63.4.1]', async () => {
    expect(verdicts(await asked())).to.deep.equal(transactions.map(each => [each, 'ok']))
    const fewer = await asked({}, { location: undefined, fetch: undefined, discovery: undefined })
    expect(verdicts(fewer)).to.deep.equal([['ITI-38', 'ok']])
  })

  it('are answered well where the patient is called unknown, by ITI-56 with a fault [ITI TF-2:3.56.4.1.3, 3.63.4.1.3]', async () => {
    const unknown = { errorCode: 'XDSUnknownPatientId', codeContext: '', severity: 'Error' }
    const refused = () => ({ ...told(), status: 'Failure', errors: [unknown], documents: [] })
    const found = await asked({
      'https://bern/query': refused,
      'https://bern/fetch': refused,
      'https://bern/location': () => {
        throw new Error('nobody of that id', { cause: senderFault('nobody of that id') })
      },
    })
    expect(verdicts(found)).to.deep.equal(transactions.map(each => [each, 'ok']))
    expect(found[1]?.found).to.contain('nobody of that id')
  })

  it('tell what is wrong where they are answered otherwise, and that one is silent', async () => {
    const busy = { errorCode: 'XDSRegistryBusy', codeContext: 'later', severity: 'Error' }
    const place = { homeCommunityId: bern, patientId: '', requestedPatientId: '' }
    const found = await asked({
      'https://bern/fetch': () => ({ ...told(), status: 'Failure', errors: [busy], documents: [] }),
      'https://bern/location': () => ({ locations: [place] }),
      'https://bern/query': () => {
        throw new Error('there was no answer within 5000 ms')
      },
    })
    expect(verdicts(found)).to.deep.equal([
      ['ITI-55', 'ok'],
      ['ITI-56', 'failed'],
      ['ITI-38', 'failed'],
      ['ITI-63', 'failed'],
    ])
    expect(found.slice(1).map(each => each.found)).to.deep.equal([
      'it names 1 communities for a patient whom nobody has',
      'there was no answer within 5000 ms',
      'it says Failure: XDSRegistryBusy: later',
    ])
  })

  it('are not asked where they would be answered later [ITI TF-2:3.55.6.2]', async () => {
    const [discovery] = await asked({}, { deferredDiscovery: true })
    expect(discovery?.found).to.contain('not tried')
  })
})
