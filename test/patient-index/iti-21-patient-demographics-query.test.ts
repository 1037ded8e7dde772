// ITI-21 over real sockets: whom it finds (whom ITI-47 finds), in parts or at once, and what it refuses.
import { expect } from 'chai'
import fc from 'fast-check'
import { mllpFramed } from '../../hl7v2/mllp.js'
import type { Person } from '../../transactions/person.js'
import { certificates } from '../atna-audit/loopback.js'
import { aCancel, aDemographicsQuery, aPixQuery } from '../samples/query-v2.js'
import { id, maja, nation, north, ours, south } from './a-patient-index.js'
import { anIndexOverMllp, type IndexOverMllp, namesOf, outcomeOf, segmentsIn } from './an-mllp-door.js'

const spid = id('761337610000000002', nation)
const givenNames = ['Ada', 'Bruno', 'Clara', 'Dieter', 'Elsa', 'Fritz', 'Greta', 'Hugo', 'Irma', 'Jonas']

function meier(count: number): Person {
  const names = [{ kind: 'current' as const, family: 'Meier', given: [givenNames[count % 10] ?? ''] }]
  const gender = count % 2 === 0 ? ('F' as const) : ('M' as const)
  return { names, gender, birthTime: `19${50 + count}0101`, addresses: [{ lines: [], city: 'Bern' }], telecoms: [] }
}

describe('ITI-21 Patient Demographics Query', () => {
  let door: IndexOverMllp
  before(async () => {
    door = await anIndexOverMllp({ mostHits: 12 }, 'ch-epr', { namespaces: { NORTH: north } })
    await door.index.add(id('1'), maja, spid)
    await door.index.add(id('a', south))
    for (let count = 0; count < 10; count += 1) await door.index.add(id(`m${count}`), meier(count))
    for (let count = 0; count < 14; count += 1) {
      const names = [{ kind: 'current' as const, family: 'Schmid', given: [`${'ABCDEFGHIJKLMN'[count]}x`] }]
      await door.index.add(id(`s${count}`), { ...meier(count), names })
    }
  })
  after(() => door.close())

  /** By their own ids. */
  const personsIn = (answer: string) =>
    segmentsIn(answer, 'PID').map(pid => pid[3]?.split('~').find(each => each.includes(ours)) ?? pid[3])

  it('answers who it is, with all that is known, and how well it fits [ITI TF-2:3.21.4.2.2.5]', async () => {
    const answer = await door.send(aDemographicsQuery({ controlId: 'M-5', tag: 'Q-5', domains: '^^^NORTH' }))
    const [header, ...rest] = answer.split('\r')
    expect(header).to.contain('|INDEX|Gemeinschaft|KIS|Spital|').and.contain('|RSP^K22^RSP_K21|')
    expect(rest).to.deep.equal([
      'MSA|AA|M-5',
      'QAK|Q-5|OK||1|1|0',
      'QPD|IHE PDQ Query|Q-5|@PID.5.1.1^MUELLER~@PID.7^19600618|||||^^^NORTH',
      'PID|||1^^^NORTH&2.999.1&ISO||Müller^Maja^Anna^^^^L||19600618|F|||Imfeldstrasse 24b^^Wettingen^^5430^CH||+41561234567^PRN^PH',
      'QRI|100',
      '',
    ])
  })

  it('finds nobody without an error [ITI TF-2:3.21.4.2.2.8]', async () => {
    const answer = await door.send(aDemographicsQuery({ asked: '@PID.5.1.1^Nobody' }))
    expect(outcomeOf(answer)).to.deep.equal({ code: 'AA', status: 'NF', errors: [] })
    expect(namesOf(answer)).to.deep.equal(['MSH', 'MSA', 'QAK', 'QPD'])
  })

  it('leaves out whoever has no id of the wanted domains [ITI TF-2:3.21.4.2.2.8]', async () => {
    const asked = '@PID.5.1.1^Meier'
    expect(personsIn(await door.send(aDemographicsQuery({ asked })))).to.have.length(10)
    expect(outcomeOf(await door.send(aDemographicsQuery({ asked, domains: `^^^&${south}&ISO` }))).status).to.equal('NF')
  })

  it('tells nobody where too many fit, and what else to say [EPR annex 5.1:1.7.3]', async () => {
    const answer = await door.send(aDemographicsQuery({ asked: '@PID.5.1.1^Schmid' }))
    expect(outcomeOf(answer)).to.deep.equal({ code: 'AA', status: 'NF', errors: ['QPD^1^3 0'] })
    expect(answer).to.contain('|W|||more than 12 patients fit').and.contain('address (PID.11), sex (PID.8)')
  })

  it('finds by id, and by all else that a query may name [ITI TF-2:3.21.4.1.2.3]', async () => {
    for (const asked of [
      '@PID.3.1^1~@PID.3.4.2^2.999.1~@PID.3.4.3^ISO',
      '@PID.3.1^1~@PID.3.4^NORTH',
      '@PID.3.1^1~@PID.3.4.1^NORTH~@PID.5.1.1^',
      '@PID.3^1^^^NORTH',
      '@PID.5.1^Müller~@PID.5.2^Maja~@PID.8^F',
      '@PID.5.1.1^Mül*~@PID.5.2^Ma*',
      '@PID.7.1^19600618',
      '@PID.13.1^056 123 45 67~@PID.5.1^Müller',
      '@PID.11.3^Wettingen~@PID.11.5^5430~@PID.5.1^Müller~@PID.5.2^Maja~@PID.5.3^Anna',
      'PID.5.1.1^M\\X75\\ller~@pid.8^f',
    ]) {
      expect(personsIn(await door.send(aDemographicsQuery({ asked }))), asked).to.deep.equal([door.index.own(id('1'))])
    }
  })

  it('says that account numbers are not kept, and finds nobody by one [ITI TF-2:3.21.4.1.2.3]', async () => {
    const answer = await door.send(aDemographicsQuery({ asked: '@PID.5.1.1^Müller~@PID.18.1^4711' }))
    expect(outcomeOf(answer)).to.deep.equal({ code: 'AA', status: 'NF', errors: ['QPD^1^3 0'] })
  })

  const refused: [string, Parameters<typeof aDemographicsQuery>[0], string[]][] = [
    ['domains that it does not know', { domains: '^^^X~^^^NORTH~^^^Y' }, ['QPD^1^8^1 204', 'QPD^1^8^3 204']],
    ['a query for nobody', { asked: '' }, ['QPD^1^3 101']],
    ['a query for a sex alone', { asked: '@PID.8^F' }, ['QPD^1^3 101']],
    ['an id without its authority', { asked: '@PID.5.1^x~@PID.3.1^1' }, ['QPD^1^3^2 101']],
    ['what is no parameter', { asked: '&PID.5.1&x' }, ['QPD^1^3^1 102']],
    ['a field that nobody is looked for by', { asked: '@PID.5.1^x~@PID.19^756' }, ['QPD^1^3^2 103']],
    ['another segment', { asked: '@PV1.3^x' }, ['QPD^1^3^1 103']],
    ['a birthday that is none', { asked: '@PID.7^yesterday' }, ['QPD^1^3^1 102']],
    ['a quantity that is none', { rcp: 'I|0^RD' }, ['RCP^1^2^1^1 102']],
    ['a quantity of lines', { rcp: 'I|10^LI' }, ['RCP^1^2^1^2 103']],
    ['a pointer of nobody', { dsc: '00' }, ['DSC^1^1 204']],
    ['too many parameters', { asked: '@PID.8^F~'.repeat(101) }, ['QPD^1^3 104']],
  ]
  for (const [what, changes, errors] of refused) {
    it(`refuses ${what}, with its place [ITI TF-2:3.21.4.2.2.8]`, async () => {
      const answer = await door.send(aDemographicsQuery(changes))
      expect(outcomeOf(answer)).to.deep.equal({ code: 'AE', status: 'AE', errors })
      expect(door.index.records.at(-1)?.outcome).to.equal(8)
    })
  }

  it('tells a part, then the next, as often as it is asked, and to nobody else [ITI TF-2:3.21.4.2.2.7]', async () => {
    const query = { asked: '@PID.5.1.1^Meier', tag: 'parts', rcp: 'I|4^RD' }
    const parts: string[] = []
    const pointerIn = (answer: string) => segmentsIn(answer, 'DSC')[0]
    let answer = await door.send(aDemographicsQuery(query))
    const pointers: string[] = []
    for (let pointer = pointerIn(answer); pointer !== undefined; pointer = pointerIn(answer)) {
      parts.push(answer)
      expect(pointer[1]).to.match(/^[0-9a-z]+$/)
      expect(pointer[2]).to.equal('I')
      pointers.push(pointer[1] ?? '')
      answer = await door.send(
        aDemographicsQuery({ ...query, dsc: pointer[1] ?? '', controlId: `M-${pointers.length}` }),
      )
    }
    parts.push(answer)
    expect(parts.map(part => segmentsIn(part, 'QAK')[0]?.slice(2))).to.deep.equal([
      ['OK', '', '10', '4', '6'],
      ['OK', '', '10', '4', '2'],
      ['OK', '', '10', '2', '0'],
    ])
    const all = parts.flatMap(personsIn)
    expect(new Set(all).size).to.equal(10)
    // An answer that was lost can be asked for again.
    for (const [place, pointer] of pointers.entries()) {
      const again = await door.send(aDemographicsQuery({ ...query, dsc: pointer }))
      expect(personsIn(again)).to.deep.equal(personsIn(parts[place + 1] ?? ''))
    }
    const { service } = await certificates()
    const [first = ''] = pointers
    for (const [pointer, identity] of [
      [`${first}9`, undefined],
      [first, service],
    ] as const) {
      const { errors } = outcomeOf(await door.send(aDemographicsQuery({ ...query, dsc: pointer }), identity))
      expect(errors).to.deep.equal(['DSC^1^1 204'])
    }
  })

  it('ends what is cancelled, by its query tag [ITI TF-2:3.21.4.3]', async () => {
    const query = { asked: '@PID.5.1.1^Meier', tag: 'cancelled', rcp: 'I|4^RD' }
    const [, pointer = ''] = segmentsIn(await door.send(aDemographicsQuery(query)), 'DSC')[0] ?? []
    const acknowledgement = await door.send(aCancel('cancelled', 'M-9'))
    expect(acknowledgement).to.contain('||ACK^J01^ACK|').and.contain('\rMSA|AA|M-9\r')
    expect(namesOf(acknowledgement)).to.deep.equal(['MSH', 'MSA'])
    expect(outcomeOf(await door.send(aDemographicsQuery({ ...query, dsc: pointer }))).errors).to.deep.equal([
      'DSC^1^1 204',
    ])
    expect(outcomeOf(await door.send(aCancel('cancelled'))).code).to.equal('AA')
    expect(outcomeOf(await door.send(aCancel(''))).errors).to.deep.equal(['QID^1^1 101'])
  })

  it('does not go on with an earlier query under the same tag [ITI TF-2:3.21.4.2.2.7]', async () => {
    const query = { tag: 'again', rcp: 'I|4^RD' }
    const first = await door.send(aDemographicsQuery({ ...query, asked: '@PID.5.1.1^Meier' }))
    await door.send(aDemographicsQuery({ ...query, asked: '@PID.5.1.1^Meier~@PID.8^F' }))
    const [, pointer = ''] = segmentsIn(first, 'DSC')[0] ?? []
    expect(outcomeOf(await door.send(aDemographicsQuery({ ...query, dsc: pointer }))).code).to.equal('AE')
  })

  it('writes down whoever was told [ITI TF-2:3.21.5.1.2]', async () => {
    const before = door.index.records.length
    await door.send(aDemographicsQuery())
    const [record] = door.index.records.slice(before)
    expect([record?.eventID[0], record?.eventTypeCode?.[0], record?.action]).to.deep.equal(['110112', 'ITI-21', 'E'])
    expect(record?.objects[0]?.id).to.equal(door.index.own(id('1')))
    expect(record?.objects[1]?.query?.toString()).to.contain('QPD|IHE PDQ Query|T-1|@PID.5.1.1^MUELLER')
  })

  it('finds whom ITI-47 finds, whatever is asked [ITI TF-2:3.47.4.2.3]', async () => {
    const sender = await door.connect()
    const family = fc.constantFrom('Meier', 'Müller', 'Mei*', 'Schmid', 'Maier', 'Favre', '')
    const asked = fc.record({
      family,
      given: fc.constantFrom('', 'Ada', 'Maja', 'Clara', 'B*'),
      born: fc.constantFrom('', '19520101', '1955', '19600618'),
      gender: fc.constantFrom('', 'F', 'M'),
      city: fc.constantFrom('', 'Bern', 'Wettingen'),
      domains: fc.constantFrom<string[][]>([], [north], [south], [ours, nation]),
    })
    await fc.assert(
      fc.asyncProperty(asked, async ({ family, given, born, gender, city, domains }) => {
        const names =
          family + given === '' ? [] : [{ kind: 'current' as const, family, given: given === '' ? [] : [given] }]
        const wanted = {
          names,
          ...(gender === '' ? {} : { gender: gender as 'F' | 'M' }),
          ...(born === '' ? {} : { born: { from: born, to: born } }),
          addresses: city === '' ? [] : [{ lines: [], city }],
        }
        const said = { '5.1.1': family, '5.2': given, '7': born, '8': gender, '11.3': city }
        const parameters = Object.entries(said).filter(([, value]) => value !== '')
        const v3 = await door.index.demographics(wanted, { domains })
        const v2 = await sender.send(
          aDemographicsQuery({
            asked: parameters.map(([field, value]) => `@PID.${field}^${value}`).join('~'),
            domains: domains.map(oid => `^^^&${oid}&ISO`).join('~'),
          }),
        )
        const { code, status } = outcomeOf(v2)
        expect([code, status]).to.deep.equal([v3.acknowledgement, v3.responseCode])
        const idsOf = (pid: string[]) =>
          (pid[3]?.split('~') ?? []).map(each => each.replace(/\^\^\^\w*&/, '^^^&')).sort()
        expect(segmentsIn(v2, 'PID').map(idsOf)).to.deep.equal(
          v3.patients.map(({ patientIds }) => [...patientIds].sort()),
        )
        expect(segmentsIn(v2, 'QRI').map(([, degree]) => degree)).to.deep.equal(
          v3.patients.map(({ degree }) => String(degree)),
        )
      }),
      { numRuns: 60 },
    )
    sender.end()
  })

  it('refuses what is too long, or has no end, and says so in the form of the query [ITI TF-2: Appendix C.2.1]', async () => {
    const narrow = await anIndexOverMllp({}, 'ihe', { maxMessageBytes: 2_000 })
    const giant = await narrow.send(aDemographicsQuery({ controlId: 'giant' }) + 'NTE|x\r'.repeat(2_000))
    expect(outcomeOf(giant)).to.deep.equal({ code: 'AE', status: 'AE', errors: [' 104'] })
    expect(giant).to.contain('|RSP^K22^RSP_K21|').and.contain('a message may have 2000 bytes')
    const half = await narrow.connect()
    half.write(`\x0b${aPixQuery({ controlId: 'half' })}`)
    half.socket.end()
    expect(await half.next())
      .to.contain('|RSP^K23^RSP_K23|')
      .and.contain('the connection ended before the message did')
    expect(outcomeOf(await narrow.send(aDemographicsQuery())).code).to.equal('AA')
    await narrow.close()
  })

  it('says in which version and character set it answers: those of the query [HL7 v2.5.1: 2.15.9.12, 2.15.9.18]', async () => {
    const old = await door.send(aDemographicsQuery({ version: '2.3.1', domains: '^^^X' }))
    expect(old).to.contain('|P|2.3.1|').and.contain('\rERR|QPD^1^8^204&')
    const latin = Buffer.from(aDemographicsQuery({ characterSet: '8859/1', asked: '@PID.5.1.1^Müller' }), 'latin1')
    expect(segmentsIn(await door.send(latin), 'PID')).to.have.length(1)
    const unreadable = await door.send(aDemographicsQuery({ characterSet: 'ASCII', asked: '@PID.5.1.1^Müller' }))
    expect(outcomeOf(unreadable)).to.deep.equal({ code: 'AE', status: 'none', errors: ['MSH^1^18 102'] })
  })

  it('never ends the service, whatever is sent: mutated queries', async () => {
    const samples = [aDemographicsQuery({ rcp: 'I|2^RD' }), aPixQuery(), aCancel('T-1')].map(text => Buffer.from(text))
    const change = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(),
      length: fc.nat(6),
      bytes: fc.uint8Array({ maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async changes => {
        const sender = await door.connect()
        for (const { sample, at, length, bytes } of changes) {
          const place = at % sample.length
          const plain = bytes.map(byte => (byte === 0x0b || byte === 0x1c ? 0x20 : byte))
          const message = Buffer.concat([sample.subarray(0, place), plain, sample.subarray(place + length)])
          sender.write(mllpFramed(message))
          expect(outcomeOf((await sender.next()) ?? '').code).to.match(/^A[AER]$/)
        }
        sender.end()
      }),
      { numRuns: 25 },
    )
    expect(outcomeOf(await door.send(aDemographicsQuery())).code).to.equal('AA')
  })
})
