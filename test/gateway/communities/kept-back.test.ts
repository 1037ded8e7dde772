// What is kept back of the time of communities, so that an answer has left within it.
import { expect } from 'chai'
import { openKeptBack } from '../../../gateway/communities/kept-back.js'
import { aboutPatient, aGateway, bern, entry, id, known, told } from '../a-gateway.js'

describe('what is kept back of the time of a community', () => {
  it('is an eighth until it is known, and never more', () => {
    const keptBack = openKeptBack()
    expect(keptBack.of(2_000)).to.equal(250)
    keptBack.took(100_000)
    expect([keptBack.of(2_000), keptBack.of(10_000)]).to.deep.equal([250, 1_250])
  })

  it('is what the longest of late took, and some hundred answers later that is forgotten', () => {
    const keptBack = openKeptBack()
    for (const ms of [20, 60, 30]) keptBack.took(ms)
    expect(keptBack.of(2_000)).to.be.within(68, 71)
    for (let times = 0; times < 500; times += 1) keptBack.took(5)
    expect(keptBack.of(2_000)).to.be.within(15, 16)
  })
})

describe('a community that is silent to the last', () => {
  const there = id('b', '2.999.80')
  const slow = () => new Promise(() => {})
  const answers = {
    'https://registry': () => told(entry('a')),
    'https://bern/discovery': () => known(there),
    'https://bern/query': () => told(entry('b', { home: bern, patientId: there })),
    'https://vaud/discovery': slow,
  }

  it('is waited for until there is just time for the answer, counted from when the question came [ITI TF-2:3.38.4.1.2]', async () => {
    const { config } = aGateway({}).context
    const communities = config.communities.map(each => ({ ...each, timeoutMs: 200 }))
    const gateway = aGateway({ ...answers, 'https://vaud/discovery': () => known(there) }, { communities })
    gateway.clock.ms = 1_000
    gateway.context.keptBack.of = () => 40
    await gateway.query(aboutPatient(id('1')), { startedMs: 970 })
    expect(gateway.asked.find(({ url }) => url === 'https://bern/query')?.timeoutMs).to.equal(200 - 40 - 30)
  })

  it('leaves measured what was left to do then, and not for how long our own registry was waited for', async () => {
    const took: number[] = []
    const ended: (() => void)[] = []
    const exchange = { startedMs: 0, afterwards: (work: () => void) => void ended.push(work) }
    const gateway = aGateway({
      ...answers,
      'https://registry': async () => {
        await new Promise(done => setTimeout(done, 20))
        gateway.clock.ms += 500
        return told(entry('a'))
      },
      'https://vaud/discovery': () => {
        gateway.clock.ms += 10_007
        throw new Error('there was no answer within 10000 ms')
      },
    })
    gateway.context.keptBack.took = ms => void took.push(ms)
    await gateway.query(aboutPatient(id('1')), exchange)
    gateway.clock.ms += 30
    for (const work of ended) work()
    // It was noticed 7 ms late, the registry took 500 more, the answer 30.
    expect(took).to.deep.equal([37])
  })

  it('is nobody where there are no other communities', async () => {
    const gateway = aGateway(answers, { communities: [] })
    gateway.context.keptBack.took = () => {
      throw new Error('there was nothing to measure')
    }
    await gateway.query(aboutPatient(id('1')), { afterwards: work => work() })
  })
})
