import { expect } from 'chai'
import { openBudget, withinMemory } from '../../server/limits.js'
import { SpoolFull } from '../../soap/spool.js'

describe('budget of a process', () => {
  it('tells the request that is one too many, and has room again when one has left', () => {
    const budget = openBudget({ requestsInFlight: 2, spooledBytes: 10, auditQueue: 5 })
    const turns = [budget.enter('a'), budget.enter('b'), budget.enter('c')]
    expect(turns.map(turn => turn.place)).to.deep.equal(['free', 'free', 'late'])
    turns[0]!.leave()
    turns[2]!.leave()
    expect(budget.enter('a').place).to.equal('free')
  })

  it('reads only so many latecomers', () => {
    const budget = openBudget({ requestsInFlight: 1, spooledBytes: 10, auditQueue: 5 })
    const places = Array.from({ length: 300 }, (_, index) => budget.enter(`partner ${index}`).place)
    expect(places.filter(place => place === 'late')).to.have.length(256)
    expect(places.at(-1)).to.equal('full')
  })

  it('counts a request that leaves twice once', () => {
    const budget = openBudget({ requestsInFlight: 1, spooledBytes: 10, auditQueue: 5 })
    const turn = budget.enter('a')
    turn.leave()
    turn.leave()
    expect(budget.state.requestsInFlight).to.equal(0)
  })

  it('lets no partner have more than three quarters of the places', () => {
    const budget = openBudget({ requestsInFlight: 4, spooledBytes: 10, auditQueue: 5 })
    const greedy = [1, 2, 3, 4].map(() => budget.enter('greedy'))
    expect(greedy.map(turn => turn.place)).to.deep.equal(['free', 'free', 'free', 'late'])
    greedy[3]!.leave()
    expect(budget.enter('modest').place).to.equal('free')
    for (const turn of greedy) turn.leave()
    expect(budget.enter('greedy').place).to.equal('free')
  })

  it('serves others while one partner has more under way than there are places', () => {
    const budget = openBudget({ requestsInFlight: 4, spooledBytes: 10, auditQueue: 5 })
    for (let count = 0; count < 1_000; count++) budget.enter('greedy')
    expect(budget.enter('modest').place).to.equal('free')
    expect(budget.enter('another').place).to.equal('full')
  })

  it('has no free place while too many audit records wait', () => {
    const budget = openBudget({ requestsInFlight: 4, spooledBytes: 10, auditQueue: 5 })
    budget.state.auditQueue = 6
    expect(budget.enter('a').place).to.equal('late')
    budget.state.auditQueue = 5
    expect(budget.enter('b').place).to.equal('free')
  })

  it('gives out no more memory for envelopes than there is, to one partner three quarters of it', () => {
    const budget = openBudget({ requestsInFlight: 9, envelopesInMemoryBytes: 100, spooledBytes: 10, auditQueue: 5 })
    const greedy = [budget.enter('greedy'), budget.enter('greedy')]
    const modest = budget.enter('modest')
    greedy[0]!.memory.take(70)
    expect(() => greedy[1]!.memory.take(6)).to.throw(SpoolFull, '100 bytes of memory together')
    modest.memory.take(30)
    expect(() => modest.memory.take(1)).to.throw(SpoolFull)
    greedy[0]!.leave()
    expect(budget.state.envelopeBytes).to.equal(30)
    greedy[1]!.memory.take(70)
    for (const turn of [...greedy, modest]) turn.leave()
    expect(budget.state.envelopeBytes).to.equal(0)
  })

  it('gives envelopes no more memory than a container leaves, and enough for one', () => {
    const mebi = 1024 * 1024
    const given = (memoryMiB: number, mostMiB = 256) =>
      withinMemory({ envelopeBytes: 15 * mebi, envelopesInMemoryBytes: mostMiB * mebi }, memoryMiB * mebi)
        .envelopesInMemoryBytes / mebi
    expect([Number.POSITIVE_INFINITY, 1024, 512, 384, 276, 128].map(memory => given(memory))).to.deep.equal([
      256, 256, 256, 128, 20, 20,
    ])
    expect(given(384, 100)).to.equal(100)
  })

  it('gives out no more spooled bytes than there are', () => {
    const { spooled } = openBudget({ requestsInFlight: 1, spooledBytes: 10, auditQueue: 5 })
    expect([spooled.take(6), spooled.take(5), spooled.take(4)]).to.deep.equal([true, false, true])
    spooled.give(6)
    expect(spooled.take(5)).to.equal(true)
  })
})
