// ITI-9 over real sockets: each case of the framework with its codes and places, and the answers of ITI-45 for the same questions.
import { expect } from 'chai'
import { certificates } from '../atna-audit/loopback.js'
import { aPixQuery } from '../samples/query-v2.js'
import { id, maja, nation, north, ours, south } from './a-patient-index.js'
import { anIndexOverMllp, type IndexOverMllp, namesOf, outcomeOf, segmentsIn } from './an-mllp-door.js'

const spid = id('761337610000000002', nation)

describe('ITI-9 PIX Query', () => {
  let door: IndexOverMllp
  let own: string
  before(async () => {
    door = await anIndexOverMllp({}, 'ch-epr', { namespaces: { NORTH: north, SOUTH: south } })
    own = await door.index.add(id('1'), maja, spid)
    await door.index.add(id('a', south))
    await door.index.add(id('b', south))
    await door.index.add(id('2'), {
      ...maja,
      names: [{ kind: 'current', family: 'Favre', given: ['Luc'] }],
      telecoms: [],
    })
  })
  after(() => door.close())

  const idsIn = (answer: string) => segmentsIn(answer, 'PID')[0]?.[3]?.split('~') ?? []

  it('answers one PID of ids, and the name of nobody [ITI TF-2:3.9.4.2.2.5]', async () => {
    const answer = await door.send(aPixQuery({ controlId: 'M-7', tag: 'Q-7' }))
    const [header, ...rest] = answer.split('\r')
    expect(header).to.match(
      /^MSH\|\^~\\&\|INDEX\|Gemeinschaft\|KIS\|Spital\|\d{14}\+0000\|\|RSP\^K23\^RSP_K23\|\w{20}\|P\|2\.5\|{6}UNICODE UTF-8$/,
    )
    expect(rest).to.deep.equal([
      'MSA|AA|M-7',
      'QAK|Q-7|OK',
      'QPD|IHE PIX Query|Q-7|1^^^&2.999.1&ISO',
      `PID|||${own}~${spid}~b^^^SOUTH&2.999.2&ISO~a^^^SOUTH&2.999.2&ISO||~^^^^^^S`,
      '',
    ])
  })

  it('answers the ids of the wanted domains alone, by OID or by namespace [ITI TF-2:3.9.4.1.2.2]', async () => {
    for (const [domains, wanted] of [
      [`^^^&${nation}&ISO`, [spid]],
      [`^^^SOUTH~^^^&${ours}&ISO`, [own, 'b^^^SOUTH&2.999.2&ISO', 'a^^^SOUTH&2.999.2&ISO']],
      [`^^^SOUTH&${south}&ISO`, ['b^^^SOUTH&2.999.2&ISO', 'a^^^SOUTH&2.999.2&ISO']],
    ] as const) {
      expect(idsIn(await door.send(aPixQuery({ asked: '1^^^NORTH', domains })))).to.have.ordered.members([...wanted])
    }
  })

  it('leaves out the id that was asked with, also where its domain is wanted [ITI TF-2:3.9.4.2.2.6]', async () => {
    const answer = await door.send(aPixQuery({ asked: 'a^^^SOUTH', domains: '^^^SOUTH' }))
    expect(idsIn(answer)).to.deep.equal(['b^^^SOUTH&2.999.2&ISO'])
  })

  it('finds nothing where there is no id of the wanted domains [ITI TF-2:3.9.4.2.2.6]', async () => {
    const answer = await door.send(aPixQuery({ asked: '2^^^NORTH', domains: '^^^SOUTH' }))
    expect(outcomeOf(answer)).to.deep.equal({ code: 'AA', status: 'NF', errors: [] })
    expect(namesOf(answer)).to.deep.equal(['MSH', 'MSA', 'QAK', 'QPD'])
  })

  const refused: [string, Parameters<typeof aPixQuery>[0], string, string[]][] = [
    ['an id that nobody has', { asked: 'nobody^^^&2.999.1&ISO' }, 'AE', ['QPD^1^3^1^1 204']],
    ['an id of a domain that it does not know', { asked: '1^^^&2.999.99&ISO' }, 'AE', ['QPD^1^3^1^4 204']],
    ['a namespace that it does not know', { asked: '1^^^XXXX' }, 'AE', ['QPD^1^3^1^4 204']],
    ['a namespace of another OID', { asked: '1^^^NORTH&2.999.2&ISO' }, 'AE', ['QPD^1^3^1^4 204']],
    ['a domain that it does not know', { domains: '^^^SOUTH~^^^&2.999.99&ISO' }, 'AE', ['QPD^1^4^2 204']],
    ['several of them, in one ERR', { domains: '^^^X~^^^SOUTH~^^^Y' }, 'AE', ['QPD^1^4^1~QPD^1^4^3 204']],
    ['id and domain', { asked: 'z^^^NORTH', domains: '^^^X' }, 'AE', ['QPD^1^3^1^1~QPD^1^4^1 204']],
    ['no id', { asked: '' }, 'AE', ['QPD^1^3 101']],
    ['an id without its first component', { asked: '^^^NORTH' }, 'AE', ['QPD^1^3^1^1 101']],
    ['an id without its authority', { asked: '1' }, 'AE', ['QPD^1^3^1^4 101']],
    ['two ids', { asked: '1^^^NORTH~2^^^NORTH' }, 'AE', ['QPD^1^3 102']],
    ['no query tag', { tag: '' }, 'AE', ['QPD^1^2 101']],
    ['a query that may wait', { rcp: 'D' }, 'AE', ['RCP^1^1 103']],
    ['another event', { event: 'Q24' }, 'AR', ['MSH^1^9 201']],
  ]
  for (const [what, changes, code, errors] of refused) {
    it(`refuses ${what}, with its place [ITI TF-2:3.9.4.2.2.6]`, async () => {
      const before = door.index.records.length
      const answer = await door.send(aPixQuery(changes))
      expect(outcomeOf(answer)).to.deep.equal({ code, status: code, errors })
      expect(namesOf(answer)).to.deep.equal(['MSH', 'MSA', 'ERR', 'QAK', 'QPD'])
      expect(answer).to.match(/\(trace [0-9a-f]{32}\)/)
      expect(door.index.records.slice(before).map(({ outcome }) => outcome)).to.deep.equal([8])
    })
  }

  it('answers as ITI-45 does [ITI TF-2:3.45.4.2.3]', async () => {
    for (const patientId of [id('1'), id('2'), id('a', south), id('nobody'), id('1', '2.999.99'), spid, own]) {
      for (const domains of [[], [south], [ours, nation], [south, '2.999.99']]) {
        const { acknowledgement, responseCode, problems, patientIds } = await door.index.pix(patientId, ...domains)
        const answer = await door.send(
          aPixQuery({ asked: patientId, domains: domains.map(oid => `^^^&${oid}&ISO`).join('~') }),
        )
        const { code, status, errors } = outcomeOf(answer)
        const found = idsIn(answer).map(each => each.replace(/\^\^\^\w*&/, '^^^&'))
        expect([code, status, found]).to.deep.equal([acknowledgement, responseCode, patientIds])
        expect(errors.join('~').split('~').filter(Boolean)).to.have.length(problems.length)
      }
    }
  })

  it('is for those who may ask, by their certificate [ITI TF-2:3.19]', async () => {
    const { service } = await certificates()
    expect(outcomeOf(await door.send(aPixQuery(), service)).code).to.equal('AA')
    door.roles.delete('consumer')
    const answer = await door.send(aPixQuery(), service)
    expect(outcomeOf(answer)).to.deep.equal({ code: 'AR', status: 'AR', errors: [' 207'] })
    expect(answer).to.contain('carnet-test may not send ITI-9')
    door.roles.add('consumer')
  })

  it('writes down who asked what, about whom, and what was told [ITI TF-2:3.9.5.1.2]', async () => {
    const before = door.index.records.length
    const sent = aPixQuery({ controlId: 'M-8', tag: 'Q-8', domains: `^^^&${nation}&ISO` })
    await door.send(sent)
    const [record, ...more] = door.index.records.slice(before)
    expect(more).to.deep.equal([])
    expect([record?.eventID[0], record?.eventTypeCode, record?.action, record?.outcome]).to.deep.equal([
      ...['110112', ['ITI-9', 'IHE Transactions', 'PIX Query'], 'E', 0],
    ])
    expect(record?.participants.map(({ userID, roleIDCode }) => [userID, roleIDCode?.[0]])).to.deep.equal([
      ['Spital|KIS', '110153'],
      ['Gemeinschaft|INDEX', '110152'],
    ])
    const [asked, told, query] = record?.objects ?? []
    expect([asked?.id, told?.id]).to.deep.equal([id('1'), spid])
    expect(query?.query?.toString()).to.equal(sent)
    expect(query?.details).to.deep.equal([{ type: 'MSH-10', value: 'M-8' }])
  })
})
