// ITI-8 into the patient index over real sockets: the same store and the same links as by ITI-44, and what is refused.
import { expect } from 'chai'
import { certificates } from '../atna-audit/loopback.js'
import { type AdtChanges, anAdt } from '../samples/adt.js'
import { id, maja, nation, north, south } from './a-patient-index.js'
import { anIndexOverMllp, type IndexOverMllp, outcomeOf } from './an-mllp-door.js'

const cx = (name: string, authority = `&${north}&ISO`) => `${name}^^^${authority}`
const pidOfMaja = 'Müller^Maja^Anna^^^^L||19600618|F|||Imfeldstrasse 24b^^Wettingen^^5430^CH||+41561234567'

describe('ITI-8 Patient Identity Feed into the patient index', () => {
  let door: IndexOverMllp
  beforeEach(async () => {
    door = await anIndexOverMllp({}, 'ch-epr', { namespaces: { NORTH: north } })
  })
  afterEach(() => door.close())

  const adt = (changes: AdtChanges, person = pidOfMaja) =>
    anAdt(changes).replace(/(PID\|\|\|[^|]*\|\|).*?\r/, `$1${person}\r`)
  const send = (changes: AdtChanges, person?: string) => door.send(adt(changes, person))
  const bodyOf = (patientId: string) => door.index.context.persons.recordBy(patientId)?.body

  for (const event of ['A01', 'A04', 'A05', 'A08']) {
    it(`takes ${event} as a record of its source, in the words of ITI-44 [ITI TF-2:3.8.4.1.3]`, async () => {
      expect(await send({ event, pid3: cx('1') }))
        .to.contain(`||ACK^${event}^ACK|`)
        .and.contain('\rMSA|AA|M-1\r')
      expect(bodyOf(id('1'))).to.deep.equal(maja)
      expect(door.counted).to.deep.equal([`ITI-8 ${event} AA`])
      expect(door.index.records.map(({ action, outcome }) => [action, outcome])).to.deep.equal([
        [event === 'A08' ? 'U' : 'C', 0],
      ])
    })
  }

  it('links it with what came by ITI-44, and the other way round [ITI TF-2:3.8.4.1.3]', async () => {
    const own = await door.index.add(id('a', south))
    await send({ pid3: cx('1', 'NORTH') })
    expect(door.index.own(id('1'))).to.equal(own)
    await door.index.add(id('b', south))
    expect((await door.index.pix(id('1'))).patientIds).to.include.members([id('a', south), id('b', south)])
  })

  it('revises by A08 what it knew [ITI TF-2:3.8.4.1.1]', async () => {
    await send({ pid3: cx('1') })
    await send({ event: 'A08', pid3: cx('1') }, pidOfMaja.replace('Müller', 'Meier-Müller'))
    expect(bodyOf(id('1'))?.names[0]?.family).to.equal('Meier-Müller')
    expect(
      (await door.index.demographics({ names: [{ kind: 'current', family: 'Meier', given: ['Maja'] }] })).patients,
    ).to.have.length(1)
  })

  it('goes by the national number of a message [ITI TF-2:3.8.4.1.3]', async () => {
    const spid = id('761337610000000002', nation)
    await send({ pid3: `${cx('1')}~${spid}` })
    await send({ pid3: `${cx('9', `&${south}&ISO`)}~${spid}` }, 'Anders^Anna||19990909|F')
    expect(door.index.own(id('9', south))).to.equal(door.index.own(id('1')))
  })

  it('merges MRG-1 into PID-3 by A40, and keeps what was known of who stays [ITI TF-2:3.8.4.2.3]', async () => {
    await send({ pid3: cx('1') })
    await send({ pid3: cx('2') }, 'Favre^Luc||19710101|M')
    const merge = { event: 'A40', pid3: cx('2'), mrg1: cx('1') }
    expect(outcomeOf(await send(merge, 'Favre^Luc')).code).to.equal('AA')
    expect(door.index.context.persons.recordBy(id('1'))?.hasEnded).to.equal(true)
    expect(bodyOf(id('2'))?.birthTime).to.equal('19710101')
    expect(outcomeOf(await send(merge, '')).code).to.equal('AA')
    expect(door.index.records.slice(-2).map(({ action }) => action)).to.deep.equal(['D', 'U'])
    expect(outcomeOf(await send({ pid3: cx('1') }))).to.deep.include({ code: 'AE', errors: ['PID^1^3 204'] })
  })

  it('keeps of an unknown survivor what the other had, where the message tells of nobody [ITI TF-2:3.8.4.2.3]', async () => {
    await send({ pid3: cx('1') })
    expect(outcomeOf(await send({ event: 'A40', pid3: cx('3'), mrg1: cx('1') }, '')).code).to.equal('AA')
    expect(bodyOf(id('3'))).to.deep.equal(maja)
  })

  const refused: [string, string, string, string[]][] = [
    ['ids of nobody', adt({ pid3: 'x^^^WARD' }), 'AE', ['PID^1^3 101']],
    ['a namespace of another OID', adt({ pid3: cx('x', `NORTH&${south}&ISO`) }), 'AE', ['PID^1^3 102']],
    ['an authority that only looks like an OID', adt({ pid3: cx('x', '&2.999.1\\T\\ISO&ISO') }), 'AE', ['PID^1^3 101']],
    ['an id that nothing can carry', adt({ pid3: cx('x\\X00\\') }), 'AE', ['PID^1^3 102']],
    ['an id that is too long', adt({ pid3: cx('9'.repeat(300)) }), 'AE', ['PID^1^3 104']],
    ['a merge of an unknown id', adt({ event: 'A40', pid3: cx('1'), mrg1: cx('nobody') }), 'AE', ['MRG^1^1 204']],
    ['a merge of an id into itself', adt({ event: 'A40', pid3: cx('k'), mrg1: cx('k') }), 'AE', ['MRG^1^1 205']],
    [
      'a merge without an id of a source',
      adt({ event: 'A40', pid3: cx('k'), mrg1: 'k^^^WARD' }),
      'AE',
      ['MRG^1^1 101'],
    ],
    ['an event of others', adt({ event: 'A03', pid3: cx('1') }), 'AR', ['MSH^1^9 201']],
    ['a type of others', adt({ type: 'ORU', pid3: cx('1') }), 'AR', ['MSH^1^9 200']],
    ['bytes of another character set', adt({ characterSet: 'ASCII', pid3: cx('1') }), 'AE', ['MSH^1^18 102']],
  ]
  for (const [what, message, code, errors] of refused) {
    it(`refuses ${what}, changes nothing, and writes it down [ITI TF-2:3.8.4.1.3]`, async () => {
      await send({ pid3: cx('k') })
      const counts = door.index.context.persons.counts()
      const answer = await door.send(message)
      expect(outcomeOf(answer)).to.deep.include({ code, errors })
      expect(door.index.context.persons.counts()).to.deep.equal(counts)
      expect(door.index.records.at(-1)?.outcome).to.equal(8)
    })
  }

  it('keeps the Swiss rules of the feed, with their places [EPR annex 5.1:1.7.1]', async () => {
    const swiss = await anIndexOverMllp({ recordsWithoutNationalId: 'refused' }, 'ch-epr')
    const both = `${cx('1')}~761337610000000002^^^&${nation}&ISO`
    expect(outcomeOf(await swiss.send(adt({ pid3: cx('1') })))).to.deep.include({ code: 'AE', errors: ['PID^1^3 101'] })
    const answer = await swiss.send(adt({ pid3: both }, `${pidOfMaja}||||1013`))
    expect(outcomeOf(answer)).to.deep.include({ code: 'AE', errors: ['PID^1^17 102'] })
    expect(answer).to.contain('religiousAffiliationCode may not be sent')
    expect(outcomeOf(await swiss.send(adt({ pid3: both }))).code).to.equal('AA')
    await swiss.close()
  })

  it('names what it takes, to whoever sends something else', async () => {
    expect(await door.send(adt({ type: 'ORU' }))).to.contain('ADT, QBP, QCN are taken here, not ORU')
  })

  it('takes the one source there is for the authority that a message leaves out [ITI TF-2:3.8.4.1.4]', async () => {
    const alone = await anIndexOverMllp({ sources: [north] })
    expect(outcomeOf(await alone.send(adt({ pid3: 'x' }))).code).to.equal('AA')
    expect(alone.index.context.persons.recordBy(id('x'))?.hasEnded).to.equal(false)
    await alone.close()
  })

  it('is for those who may feed, by their certificate [ITI TF-2:3.19]', async () => {
    const { service } = await certificates()
    const answer = await door.send(adt({ pid3: cx('1') }), service)
    expect(answer).to.contain('\rMSA|AR|').and.contain('carnet-test may not send ITI-8')
    door.roles.add('feed')
    expect(outcomeOf(await door.send(adt({ pid3: cx('1') }), service)).code).to.equal('AA')
  })

  it('reads ISO 8859-1, and answers in it [HL7 v2.5.1: 2.15.9.18]', async () => {
    const message = Buffer.from(adt({ characterSet: '8859/1', pid3: cx('ä') }), 'latin1')
    expect(outcomeOf(await door.send(message)).code).to.equal('AA')
    expect(bodyOf(id('ä'))?.names[0]?.family).to.equal('Müller')
  })
})
