// ITI-8 over real sockets: what makes ids known, what merges them, and what nobody can do to the service.
import { expect } from 'chai'
import fc from 'fast-check'
import { mllpFramed } from '../../hl7v2/mllp.js'
import { cx as cxType } from '../../metadata/data-types.js'
import { idFormProblems } from '../../transactions/patient-id-form.js'
import { certificates } from '../atna-audit/loopback.js'
import { until } from '../house/waiting.js'
import { type AdtChanges, anAdt } from '../samples/adt.js'
import { aSubmission } from '../samples/submission.js'
import { codesOf } from './a-registry.js'
import { aFedRegistry, aSender, codeIn, type FedRegistry, type Sender } from './mllp-feed.js'

const ours = '2.999.1.2.3'
const cx = (name: string, authority = `&${ours}&ISO`) => `${name}^^^${authority}`

describe('ITI-8 Patient Identity Feed', () => {
  const fed = aFeedForEach({ assigningAuthorities: [ours] })

  for (const event of ['A01', 'A04', 'A05']) {
    it(`makes the ids of its domain known by ${event} [ITI TF-2:3.8.4.1.4]`, async () => {
      const answer = await fed().send({
        event,
        pid3: `${cx('B')}~${cx('B', '&2.999.8&ISO')}`,
        controlId: 'HL7MSG00001',
      })
      expect(answer.split('\r')).to.deep.equal([
        `MSH|^~\\&|REG|Gemeinschaft|ADT|Spital|${/\|(\d{14}\+0000)\|/.exec(answer)?.[1]}||ACK^${event}^ACK|${/ACK\|(\w{20})\|/.exec(answer)?.[1]}|P|2.5||||||UNICODE UTF-8`,
        'MSA|AA|HL7MSG00001',
        '',
      ])
      expect(await fed().accepts(cx('B'))).to.equal(true)
      expect(await fed().accepts(cx('B', '&2.999.8&ISO'))).to.equal(false)
      expect(fed().counted).to.deep.equal([`ITI-8 ${event} AA`])
    })
  }

  it('ignores A08, as a registry must [ITI TF-2:3.8.4.1.4]', async () => {
    expect(codeIn(await fed().send({ event: 'A08', pid3: cx('B') }))).to.equal('AA')
    expect(await fed().accepts(cx('B'))).to.equal(false)
    expect((await fed().records()).map(({ action }) => action)).to.deep.equal(['U'])
  })

  it('merges by A40: MRG-1 into PID-3 [ITI TF-2:3.8.4.2.4]', async () => {
    await fed().send({ pid3: cx('A') })
    await fed().send({ pid3: cx('B') })
    expect(codeIn(await fed().send({ event: 'A40', pid3: cx('B'), mrg1: cx('A'), version: '2.3.1' }))).to.equal('AA')
    expect(await fed().accepts(cx('A'))).to.equal(false)
    expect(await fed().accepts(cx('B'))).to.equal(true)
  })

  it('reads several ids and authorities in MRG-1 as in PID-3 [ITI TF-2:3.8.4.2.2.4]', async () => {
    await fed().send({ pid3: cx('A') })
    const many = (name: string) => `${cx(name, '&2.999.8&ISO')}~${cx(name)}~${cx(name, 'WARD')}`
    expect(codeIn(await fed().send({ event: 'A40', pid3: many('B'), mrg1: many('A') }))).to.equal('AA')
    expect(await fed().accepts(cx('A'))).to.equal(false)
  })

  it('fills in the authority that a sender names by its namespace, or not at all [ITI TF-2:3.8.4.1.4]', async () => {
    const named = await aFeed({ assigningAuthorities: [ours] }, { mllp: { namespaces: { HOSP: ours } } })
    expect(codeIn(await named.send({ pid3: cx('A', 'HOSP') }))).to.equal('AA')
    expect(codeIn(await named.send({ pid3: 'B' }))).to.equal('AA')
    expect(codeIn(await named.send({ pid3: cx('C', 'toString') }))).to.equal('AE')
    for (const authority of ['&hosp.example&DNS', `&${ours}&DNS`, `&${ours}`, `&${ours}&iso`]) {
      const answer = await named.send({ pid3: cx('C', authority) })
      expect(answer.replaceAll('\\T\\', '&')).to.contain(`assigning authority ${ours}, found ${authority} [`)
    }
    expect(await named.accepts(cx('C'))).to.equal(false)
    for (const name of ['A', 'B']) expect(await named.accepts(cx(name))).to.equal(true)
    await named.close()
  })

  it('refuses an authority whose namespace is another one than its OID [HL7 v2.5.1: 2.A.36]', async () => {
    const named = await aFeed({ assigningAuthorities: [ours, '2.999.8'] }, { mllp: { namespaces: { HOSP: ours } } })
    expect(codeIn(await named.send({ pid3: cx('A', `HOSP&${ours}&ISO`) }))).to.equal('AA')
    const answer = await named.send({ pid3: cx('B', 'HOSP&2.999.8&ISO') })
    expect(answer).to.contain('PID^1^3|102^').and.contain(`namespace HOSP is ${ours} here, expected that OID or none`)
    expect(await named.accepts(cx('B', '&2.999.8&ISO'))).to.equal(false)
    await named.close()
  })

  it('takes an id that is named twice, by namespace and by OID, for one [ITI TF-2:3.8.4.2.2.4]', async () => {
    const named = await aFeed({ assigningAuthorities: [ours] }, { mllp: { namespaces: { HOSP: ours } } })
    const twice = (name: string) => `${cx(name)}~${cx(name, 'HOSP')}~${cx(name, `HOSP&${ours}&ISO^PI`)}`
    expect(codeIn(await named.send({ pid3: twice('A') }))).to.equal('AA')
    expect(codeIn(await named.send({ event: 'A40', pid3: twice('B'), mrg1: twice('A') }))).to.equal('AA')
    expect(await named.accepts(cx('A'))).to.equal(false)
    await named.close()
  })

  it('acknowledges the same merge again [ITI TF-2:3.8.4.2.4]', async () => {
    await fed().send({ pid3: cx('A') })
    const merge = { event: 'A40', pid3: cx('B'), mrg1: cx('A') }
    expect(codeIn(await fed().send(merge))).to.equal('AA')
    const before = await fed().registry.contents()
    expect(codeIn(await fed().send(merge))).to.equal('AA')
    const { test_outbox: _, ...after } = await fed().registry.contents()
    expect(before).to.deep.include(after)
    expect(await fed().send({ ...merge, pid3: cx('C') })).to.contain('MRG^1^1|204^')
  })

  for (const version of [
    '2.1',
    '2.2',
    '2.3',
    '2.3.1',
    '2.4',
    '2.5',
    '2.5.1',
    '2.6',
    '2.7',
    '2.7.1',
    '2.8',
    '2.8.2',
    '2.9',
  ]) {
    it(`reads messages of version ${version} and answers in it [HL7 v2.5.1: 2.15.9.12]`, async () => {
      const taken = await fed().send({ pid3: cx('A'), version })
      expect(taken).to.contain('MSA|AA|M-1\r').and.contain(`|P|${version}|`)
      const refused = await fed().send({ pid3: '', version })
      expect(refused).to.match(/MSA\|AE\|M-1\|PID-3: there is no patient id/)
      expect(refused).to.match(version < '2.5' ? /\rERR\|PID\^1\^3\^101&/ : /\rERR\|\|PID\^1\^3\|101\^/)
    })
  }

  it('does not guess between several domains [ITI TF-2:3.8.4.1.4]', async () => {
    const several = await aFeed({ assigningAuthorities: [ours, '2.999.8'] })
    expect(await several.send({ pid3: 'B~C\\S\\^^^WARD' })).to.contain(
      'none of the patient ids is of assigning authority 2.999.1.2.3 or 2.999.8, found no authority, WARD [',
    )
    expect(codeIn(await several.send({ pid3: cx('B', '&2.999.8&ISO') }))).to.equal('AA')
    await several.close()
  })

  it('reads escapes in an id, and gives back the same patient in metadata', async () => {
    expect(codeIn(await fed().send({ pid3: cx('A\\T\\1') }))).to.equal('AA')
    expect(await fed().accepts(cx('A\\T\\1'))).to.equal(true)
  })

  const wrong: [string, string, string, RegExp, RegExp][] = [
    ['a type that is not ADT', anAdt({ type: 'ORU' }), 'AR', /MSH\^1\^9\|200\^/, /ADT is taken here, not ORU/],
    ['an event of others', anAdt({ event: 'A03' }), 'AR', /MSH\^1\^9\|201\^/, /A01, A04, A05, A08, A40, not A03/],
    ['no control id', anAdt({ controlId: '' }), 'AE', /MSH\^1\^10\|101\^/, /no control id/],
    ['an unknown processing id', anAdt({ processingId: 'Q' }), 'AR', /MSH\^1\^11\|202\^/, /P, T or D, not Q/],
    ['a version of another kind', anAdt({ version: '3.0' }), 'AR', /MSH\^1\^12\|203\^/, /not 3\.0/],
    ['an unknown character set', anAdt({ characterSet: 'KLINGON' }), 'AE', /MSH\^1\^18\|103\^/, /KLINGON/],
    ['no PID', anAdt().replace(/PID[^\r]*\r/, ''), 'AE', /PID\^1\|100\^/, /no segment PID/],
    ['two PID', anAdt().replace(/(PID[^\r]*\r)/, '$1$1'), 'AE', /PID\^1\|100\^/, /a message for each patient/],
    ['no id in PID-3', anAdt({ pid3: '""' }), 'AE', /PID\^1\^3\|101\^/, /no patient id/],
    ['an empty id in PID-3', anAdt({ pid3: cx('') }), 'AE', /PID\^1\^3\|101\^/, /no patient id/],
    ['too many ids', anAdt({ pid3: 'x~'.repeat(101) }), 'AE', /PID\^1\^3\|104\^/, /100 patient ids/],
    [
      'ids of another domain',
      anAdt({ pid3: cx('A', '&2.999.8&ISO') }),
      'AE',
      /PID\^1\^3\|101\^/,
      /assigning authority/,
    ],
    ['no MRG', anAdt({ event: 'A40' }).replace(/MRG[^\r]*\r/, ''), 'AE', /MRG\^1\|100\^/, /no segment MRG/],
    ['no id in MRG-1', anAdt({ event: 'A40', mrg1: '' }), 'AE', /MRG\^1\^1\|101\^/, /no patient id/],
    [
      'an unknown subsumed id',
      anAdt({ event: 'A40', mrg1: cx('nobody') }),
      'AE',
      /MRG\^1\^1\|204\^/,
      /is not known here/,
    ],
    ['a merge into itself', anAdt({ event: 'A40', mrg1: cx('P-1') }), 'AE', /MRG\^1\^1\|205\^/, /are the same/],
    [
      'an id of thousands of characters',
      anAdt({ pid3: cx('x'.repeat(5_000)) }),
      'AE',
      /PID\^1\^3\|104\^/,
      /patient id number 1: expected at most 256 characters .*, found 5019 \[ITI TF-3:4\.2\.3\.1\.1\]/,
    ],
    ['a NUL in an id', anAdt({ pid3: cx('A\0') }), 'AE', /PID\^1\^3\|102\^/, /no control characters, found U\+0000/],
    ['an escaped NUL', anAdt({ pid3: cx('A\\X00\\B') }), 'AE', /PID\^1\^3\|102\^/, /found U\+0000 behind 1 others/],
    [
      'a wrong id of another domain',
      anAdt({ pid3: `${cx('A')}~${cx('B\x01', 'WARD')}` }),
      'AE',
      /PID\^1\^3\|102\^/,
      /number 2: .*U\+0001/,
    ],
    ['a wrong id in A08', anAdt({ event: 'A08', pid3: cx('\x7fA') }), 'AE', /PID\^1\^3\|102\^/, /U\+007F/],
    [
      'a wrong id in MRG-1',
      anAdt({ event: 'A40', mrg1: cx('y'.repeat(300)) }),
      'AE',
      /MRG\^1\^1\|104\^/,
      /subsumed patient id number 1/,
    ],
    ['an id in pieces', anAdt({ pid3: cx('A&B') }), 'AE', /PID\^1\^3\|102\^/, /one text as id, found subcomponents/],
    ['a control id without end', anAdt({ controlId: '9'.repeat(100_000) }), 'AE', /MSH\^1\^10\|104\^/, /found 100000/],
    ['two messages in one block', anAdt() + anAdt(), 'AE', /MSH\^1\|100\^/, /one message .* found 2 segments MSH/],
    ['a batch', `BHS|^~\\&|\r${anAdt()}BTS|1\r`, 'AE', /BHS\^1\|100\^/, /found a batch that begins with BHS/],
    ['a line that is none', `${anAdt()}garbage\r`, 'AE', /\|\|\|100\^/, /line 5 does not begin/],
  ]
  for (const [what, message, code, error, text] of wrong) {
    it(`answers ${code} to ${what}, changes nothing, and writes it down [ITI TF-2: Appendix C.2.3]`, async () => {
      const before = (await fed().registry.contents()).patients
      const answer = await fed().sendText(message)
      expect(codeIn(answer)).to.equal(code)
      expect(answer.length).to.be.below(5_000)
      expect(answer)
        .to.match(error)
        .and.to.match(/\[(?:ITI|HL7)[^\]]*\] \(trace [0-9a-f]{32}\)\r/)
      expect(answer.replaceAll('\\T\\', '&')).to.match(text)
      expect((await fed().registry.contents()).patients).to.deep.equal(before)
      expect((await fed().records()).map(({ outcome }) => outcome)).to.include(8)
    })
  }

  it('answers even what has no header', async () => {
    expect(codeIn(await fed().sendText('hello'))).to.equal('AE')
    expect((await fed().records()).map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
  })

  it('writes down sender and receiver, message and patient [ITI TF-2:3.8.5.1]', async () => {
    await fed().send({ pid3: cx('A') })
    await fed().send({ event: 'A40', pid3: cx('B'), mrg1: cx('A'), controlId: 'M-2' })
    const [added, deleted, updated] = await fed().records()
    expect(
      [added, deleted, updated].map(record => [record?.eventID[0], record?.action, record?.eventTypeCode]),
    ).to.deep.equal([
      ['110110', 'C', ['ITI-8', 'IHE Transactions', 'Patient Identity Feed']],
      ['110110', 'D', ['ITI-8', 'IHE Transactions', 'Patient Identity Feed']],
      ['110110', 'U', ['ITI-8', 'IHE Transactions', 'Patient Identity Feed']],
    ])
    expect(
      added?.participants.map(({ userID, userName, roleIDCode }) => [userID, userName, roleIDCode?.[0]]),
    ).to.deep.equal([
      ['Spital|ADT', 'loopback', '110153'],
      ['Gemeinschaft|REG', undefined, '110152'],
    ])
    expect([added, deleted, updated].map(record => record?.objects[0])).to.deep.equal(
      [
        [cx('A'), 'M-1'],
        [cx('A'), 'M-2'],
        [cx('B'), 'M-2'],
      ].map(([id, value]) => ({
        ...{ id, typeCode: 1, role: 1, idTypeCode: ['2', 'RFC-3881', 'Patient Number'] },
        details: [{ type: 'MSH-10', value }],
      })),
    )
  })

  it('keeps the Swiss rules of the feed under ch-epr [EPR annex 5.1:1.7.1]', async () => {
    const swiss = await aFeed({}, { profile: 'ch-epr' })
    const both = `${cx('A')}~${cx('761337610000000019', '&2.16.756.5.30.1.127.3.10.3&ISO')}`
    expect(codeIn(await swiss.send({ pid3: cx('A') }))).to.equal('AE')
    const told = (field: number, text: string) =>
      anAdt({ pid3: both }).replace('||19580211|F', `||19580211|F${'|'.repeat(field - 8)}${text}`)
    for (const [field, name] of [
      [10, 'raceCode'],
      [17, 'religiousAffiliationCode'],
      [22, 'ethnicGroupCode'],
    ] as const) {
      const answer = await swiss.sendText(told(field, 'x'))
      expect(codeIn(answer)).to.equal('AE')
      expect(answer).to.contain(`PID^1^${field}|102`).and.contain(`${name} may not be sent`)
    }
    expect(await swiss.sendText(`${anAdt({ pid3: both })}NK1|1|Meier\r`)).to.contain('NK1^1|102')
    expect(codeIn(await swiss.send({ pid3: both }))).to.equal('AA')
    await swiss.close()
  })
})

describe('the MLLP doors', () => {
  const fed = aFeedForEach({ assigningAuthorities: [ours] }, { mllp: { maxMessageBytes: 10_000 } })
  let hasty: Feed | undefined
  afterEach(async () => {
    await hasty?.close()
    hasty = undefined
  })

  /** One that waits little for the end of a message; the others are as patient as a busy machine needs. */
  async function aHastyFeed(): Promise<Feed> {
    hasty = await aFeed({ assigningAuthorities: [ours] }, { mllp: { maxMessageBytes: 10_000, messageMs: 1_500 } })
    return hasty
  }

  it('take messages over TLS from those who may feed, by their certificate [ITI TF-2:3.19]', async () => {
    const { service } = await certificates()
    const sender = await aSender(fed(), service)
    expect(codeIn(await sender.send(anAdt()))).to.equal('AA')
    expect((await fed().records())[0]?.participants[0]?.userName).to.equal('carnet-test')
    fed().roles.delete('feed')
    fed().roles.add('source')
    const refused = await sender.send(anAdt())
    expect(codeIn(refused)).to.equal('AR')
    expect(refused).to.contain('carnet-test may not send ITI-8')
    sender.end()
  })

  it('stay shut for certificates of others, and say so [ITI TF-2:3.19]', async () => {
    const { stranger } = await certificates()
    const sender = await aSender(fed(), stranger).catch(() => undefined)
    expect(codeIn(await sender?.send(anAdt()))).to.equal('none')
    await until(() => fed().refused.length > 0, 'the refusal was told')
    expect(fed().counted).to.deep.equal([])
  })

  it('take several messages on a connection, also all at once, and answer each in turn', async () => {
    const sender = await aSender(fed())
    const all = ['1', '2', '3', '4', '5'].map(controlId => mllpFramed(Buffer.from(anAdt({ controlId }))))
    sender.write(Buffer.concat(all))
    for (const controlId of ['1', '2', '3', '4', '5']) expect(await sender.next()).to.contain(`MSA|AA|${controlId}\r`)
    expect(await sender.send(anAdt({ controlId: '6' }))).to.contain('MSA|AA|6\r')
    sender.end()
  })

  it('answer who has closed its side already', async () => {
    const sender = await aSender(fed())
    sender.socket.end(mllpFramed(Buffer.from(anAdt())))
    expect(codeIn(await sender.next())).to.equal('AA')
  })

  it('answer a message that arrives byte by byte', async () => {
    const sender = await aSender(fed())
    sender.socket.setNoDelay(true)
    for (const byte of mllpFramed(Buffer.from(anAdt()))) {
      sender.write(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(codeIn(await sender.next())).to.equal('AA')
    sender.end()
  })

  it('refuse a giant, an endless and a half message, and end the connection or go on where that is safe', async () => {
    const giant = await aSender(fed())
    giant.write(`\x0b${anAdt()}${'OBX|x\r'.repeat(5_000)}\x1c\r`)
    const refused = await giant.next()
    expect(codeIn(refused)).to.equal('AE')
    expect(refused).to.contain('MSA|AE|M-1|').and.contain('a message may have 10000 bytes')
    expect(await giant.next()).to.equal(undefined)

    const half = await aSender(fed())
    half.write(`\x0b${anAdt({ controlId: 'half' }).slice(0, 120)}`)
    expect(await half.send(anAdt({ controlId: 'whole' }))).to.match(/MSA\|AE\|half\|another message begins/)
    expect(await half.next()).to.contain('MSA|AA|whole\r')
    half.end()

    const broken = await aSender(fed())
    broken.write(`\x0b${anAdt().slice(0, 100)}`)
    broken.socket.end()
    expect(await broken.next()).to.contain('MSA|AE|M-1|the connection ended before the message did\r')
    expect(await broken.next()).to.equal(undefined)
    await until(
      () => fed().logged.some(line => line.includes('ended with its connection')),
      'the half message was noted',
    )
    expect(codeIn(await fed().send({}))).to.equal('AA')
  })

  it('refuse a message that does not end in time, however slowly it comes, and end its connection [ITI TF-2: Appendix C.2.1]', async function () {
    this.timeout(60_000)
    const few = await aHastyFeed()
    const slow = await aSender(few)
    slow.write(`\x0b${anAdt({ controlId: 'slow' }).slice(0, 100)}`)
    const dripping = setInterval(() => slow.write('x'), 50)
    slow.socket.on('error', () => {})
    const refused = await slow.next()
    expect(refused).to.contain('MSA|AE|slow|').and.contain('the message did not end within 1500 ms')
    clearInterval(dripping)
    expect(await slow.next()).to.equal(undefined)
    expect(few.logged.join()).to.contain('its message did not end in time')
  })

  for (const secured of [false, true]) {
    const door = secured ? 'over TLS' : 'without TLS'
    it(`let a sender read why its giant message was refused, ${door} [ITI TF-2: Appendix C.2.1]`, async () => {
      const identity = secured ? (await certificates()).service : undefined
      const giant = await aSender(fed(), identity)
      const errors: Error[] = []
      giant.socket.on('error', error => errors.push(error))
      // All of it is written before anything is read, as many senders do.
      giant.socket.pause()
      giant.write(`\x0b${anAdt({ controlId: 'giant' })}`)
      for (let part = 0; part < 40; part++) {
        if (!giant.socket.write('x'.repeat(10_000))) {
          await new Promise(resolve => giant.socket.once('drain', resolve))
        }
      }
      giant.write('\r\x1c\r')
      giant.socket.resume()
      const refused = await giant.next()
      expect(refused).to.contain('MSA|AE|giant|').and.contain('|104^Value too long^HL70357|')
      expect(await giant.next()).to.equal(undefined)
      expect(errors).to.deep.equal([])
      expect(codeIn(await fed().send({}))).to.equal('AA')
    })
  }

  it('read no more than so much of a message without an end, and wait no longer than so long', async function () {
    this.timeout(60_000)
    const few = await aHastyFeed()
    const endless = await aSender(few)
    let written = 0
    let isOpen = true
    endless.socket.on('close', () => {
      isOpen = false
    })
    endless.write('\x0bMSH|^~\\&|')
    while (isOpen && written < 100_000_000) {
      written += 64_000
      if (!endless.socket.write('x'.repeat(64_000))) {
        await Promise.race([
          new Promise(resolve => endless.socket.once('drain', resolve)),
          new Promise(resolve => endless.socket.once('close', resolve)),
        ])
      }
    }
    expect(isOpen).to.equal(false)
    const waiting = await aSender(few)
    waiting.write(`\x0b${'x'.repeat(20_000)}`)
    expect(codeIn(await waiting.next())).to.equal('AE')
    expect(await waiting.next()).to.equal(undefined)
    expect(few.logged.join()).to.contain('it does not end')
  })

  it('remember what they refused, for whoever explains it', async () => {
    const accepted = await fed().send({ pid3: cx('A') })
    expect(codeIn(accepted)).to.equal('AA')
    expect(fed().remembered).to.deep.equal([])
    const answer = await fed().send({ pid3: cx('A\0'), controlId: 'M-7' })
    const [story, ...more] = fed().remembered
    expect(more).to.deep.equal([])
    expect(answer).to.contain(`(trace ${story?.trace})`)
    expect(story?.answer.errors).to.deep.equal([
      {
        errorCode: 'HL7 102 Data type error',
        codeContext:
          'patient id number 1: expected no control characters, found U+0000 behind 1 others [ITI TF-3: Table 4.2.3.1.7-2]',
        severity: 'Error',
        location: 'PID-3',
      },
    ])
    expect(story?.message).to.deep.equal({ action: 'ADT^A01', messageID: 'M-7', form: 'MLLP' })
    expect(story?.request).to.deep.equal({ hl7: anAdt({ pid3: cx('A\0'), controlId: 'M-7' }), cut: false })
  })

  it('pass over stray bytes before a message, and end with those who speak something else', async () => {
    const sender = await aSender(fed())
    sender.write('\r\n\x00stray')
    expect(codeIn(await sender.send(anAdt()))).to.equal('AA')
    sender.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(500))
    expect(await sender.next()).to.equal(undefined)
  })

  it('end the connection that has been silent for longest when there are too many', async () => {
    const few = await aFeed({}, { mllp: { connections: 3 } })
    const senders = [await aSender(few), await aSender(few), await aSender(few)]
    for (const sender of senders) expect(codeIn(await sender.send(anAdt()))).to.equal('AA')
    const newcomer = await aSender(few)
    expect(codeIn(await newcomer.send(anAdt()))).to.equal('AA')
    expect(await senders[0]?.next()).to.equal(undefined)
    expect(codeIn(await senders[2]?.send(anAdt()))).to.equal('AA')
    await few.close()
  })

  it('answer AR while too much is under way', async () => {
    const busy = await aFeed({}, { requestsInFlight: 0 })
    const answer = await busy.send({})
    expect(codeIn(answer)).to.equal('AR')
    expect(answer).to.contain('send this one again a little later')
    await busy.close()
  })

  it('answer AR with a reference, and no details, to what nobody foresaw', async () => {
    fed().registry.context.store.patients.change = () => Promise.reject(new Error('secret detail'))
    const answer = await fed().send({})
    expect(codeIn(answer)).to.equal('AR')
    expect(answer)
      .to.match(/an internal error; .*\(trace [0-9a-f]{32}\)/)
      .and.not.contain('secret')
    expect(fed().logged.join()).to.contain('secret detail')
  })

  it('never end the service, whatever is sent: mutated messages [ITI TF-2: Appendix C.2.3]', async function () {
    this.timeout(60_000)
    const valid = [anAdt(), anAdt({ event: 'A40' }), anAdt({ event: 'A08', version: '2.3.1' })]
    const mutation = fc.record({
      of: fc.constantFrom(...valid),
      at: fc.nat({ max: 400 }),
      cut: fc.nat({ max: 30 }),
      put: fc.oneof(
        fc.constantFrom(
          '|',
          '^',
          '~',
          '\\',
          '&',
          '\r',
          '\n',
          '\x0b',
          '\x1c',
          '\x00',
          '""',
          'MSH|',
          '\\X',
          '||||',
          '\ufffd',
          '\ufeff',
          '\u2028',
          '\\X00\\',
          'FHS|^~\\&\r',
          'MSH|^~\\&|A|B\r',
          'x'.repeat(300),
        ),
        fc.string({ maxLength: 8 }),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 8 }), async mutations => {
        const sender = await aSender(fed())
        for (const { of, at, cut, put } of mutations) {
          sender.write(mllpFramed(Buffer.from(`${of.slice(0, at)}${put}${of.slice(at + cut)}`)))
        }
        sender.write(mllpFramed(Buffer.from(anAdt({ controlId: 'the last' }))))
        let answer = await sender.next()
        while (answer !== undefined && !answer.includes('|the last')) {
          expect(answer).to.match(/^MSH.*\rMSA.(AA|AE|AR)/s)
          answer = await sender.next()
        }
        expect(codeIn(answer)).to.equal('AA')
        sender.end()
      }),
      { numRuns: 150 },
    )
    expect(fed().logged.filter(line => line.includes('unforeseen'))).to.deep.equal([])
    expect(codeIn(await fed().send({}))).to.equal('AA')
    // Whatever has become known is an id that metadata can name.
    const known = (await fed().registry.contents()).patients as { id: string }[]
    for (const { id } of known) {
      expect(cxType.check(id), id).to.equal(undefined)
      expect(idFormProblems({ patientIds: [id], subsumedIds: [] }), id).to.deep.equal([])
    }
  })

  it('answer a message that comes in two pieces, wherever it is cut [ITI TF-2: Appendix C.2.1]', async function () {
    this.timeout(60_000)
    const sender = await aSender(fed())
    sender.socket.setNoDelay(true)
    const framed = mllpFramed(Buffer.from(anAdt({ pid3: cx('Änne') })))
    for (let cut = 1; cut < framed.length - 1; cut++) {
      sender.write(framed.subarray(0, cut))
      await new Promise(resolve => setImmediate(resolve))
      sender.write(framed.subarray(cut))
      expect(codeIn(await sender.next()), String(cut)).to.equal('AA')
    }
    sender.end()
  })
})

interface Feed extends FedRegistry {
  send(changes: AdtChanges): Promise<string>
  sendText(message: string): Promise<string>
  /** Whether a submission for the patient is taken. */
  accepts(patientId: string): Promise<boolean>
}

async function aFeed(...options: Parameters<typeof aFedRegistry>): Promise<Feed> {
  const fed = await aFedRegistry(...options)
  const sender: Sender = await aSender(fed)
  return {
    ...fed,
    send: changes => sender.send(anAdt(changes)),
    sendText: message => sender.send(message),
    async accepts(patientId) {
      const answer = await fed.registry.register(aSubmission({ patientId }))
      if (answer.status === 'Failure') expect(codesOf(answer)).to.deep.equal(['XDSUnknownPatientId'])
      return answer.status === 'Success'
    },
    async close() {
      sender.end()
      await fed.close()
    },
  }
}

function aFeedForEach(...options: Parameters<typeof aFedRegistry>): () => Feed {
  let feed: Feed
  beforeEach(async () => {
    feed = await aFeed(...options)
  })
  afterEach(() => feed.close())
  return () => feed
}
