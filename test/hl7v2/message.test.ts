// Messages as they are read: separators, character sets, segments, identifiers.
import { expect } from 'chai'
import fc from 'fast-check'
import { delimitersOf, usualDelimiters } from '../../hl7v2/delimiters.js'
import { escaped, identifierIn, repetitionsOf, unescaped } from '../../hl7v2/fields.js'
import { readHl7 } from '../../hl7v2/message.js'
import { anAdt } from '../samples/adt.js'

const read = (text: string | Buffer, characterSet = 'UNICODE UTF-8') =>
  readHl7(typeof text === 'string' ? Buffer.from(text) : text, { characterSet })

describe('a message of HL7 v2', () => {
  it('has a header and segments [HL7 v2.5.1: 2.5]', () => {
    const { header, segments, errors } = read(anAdt())
    expect(errors).to.deep.equal([])
    expect(header).to.deep.equal({
      delimiters: usualDelimiters,
      sendingApplication: 'ADT',
      sendingFacility: 'Spital',
      receivingApplication: 'REG',
      receivingFacility: 'Gemeinschaft',
      messageCode: 'ADT',
      triggerEvent: 'A01',
      controlId: 'M-1',
      processingId: 'P',
      version: '2.5',
      characterSet: 'UNICODE UTF-8',
    })
    expect(segments.map(({ name }) => name)).to.deep.equal(['MSH', 'EVN', 'PID', 'PV1'])
    expect(segments[2]?.fields[3]).to.equal('P-1^^^&2.999.1.2.3&ISO')
  })

  it('may end its lines as other systems do', () => {
    for (const end of ['\r', '\n', '\r\n']) {
      expect(read(anAdt().replaceAll('\r', end)).segments).to.have.length(4)
      expect(read(anAdt().trimEnd().replaceAll('\r', end)).segments).to.have.length(4)
    }
  })

  it('may have other separators [HL7 v2.5.1: 2.5.4]', () => {
    const other = anAdt().replaceAll('|', '#').replaceAll('^', '*').replaceAll('&', '@').replaceAll('~', '!')
    const { header, segments } = read(other)
    expect(header?.delimiters).to.deep.equal({
      ...{ field: '#', component: '*', repetition: '!', escaping: '\\', subcomponent: '@' },
    })
    expect(header?.triggerEvent).to.equal('A01')
    expect(identifierIn(segments[2]?.fields[3] ?? '', header?.delimiters ?? usualDelimiters)).to.deep.equal({
      ...{ id: 'P-1', namespaceId: '', universalId: '2.999.1.2.3', universalIdType: 'ISO' },
    })
  })

  it('is not read when its separators cannot be told apart [HL7 v2.5.1: 2.5.4]', () => {
    for (const start of [
      'MSH||||||',
      'MSH|^^^^|',
      'MSH|^~\\',
      'MSHa^~\\&a',
      'MSH|^~\\&&|',
      'MSH|A~\\&|',
      'MSH\x00^~\\&|',
    ]) {
      expect(delimitersOf(start), start).to.equal(undefined)
      expect(read(start).header).to.equal(undefined)
      expect(read(start).errors).to.have.length(1)
    }
    expect(delimitersOf('MSH|^~\\&#|x')).to.deep.equal(usualDelimiters)
    expect(read('PID|1').errors[0]?.text).to.equal('the message does not begin with MSH')
    expect(read('').errors[0]?.text).to.equal('the message does not begin with MSH')
  })

  it('says of itself in which character set it is [HL7 table 0211]', () => {
    const said = (characterSet: string) => anAdt({ characterSet }).replace('Meier', 'Müller')
    const latin1 = (text: string) => Buffer.from(text, 'latin1')
    const name = (result: ReturnType<typeof read>) => result.segments[2]?.fields[5]
    expect(name(read(said('UNICODE UTF-8')))).to.equal('Müller^Änne')
    expect(name(read(latin1(said('8859/1'))))).to.equal('Müller^Änne')
    expect(name(read(latin1(said('')), '8859/1'))).to.equal('Müller^Änne')
    expect(name(read(anAdt({ characterSet: 'ASCII' }).replace('Änne', 'Anna')))).to.equal('Meier^Anna')
    expect(name(read(said('8859/1~UNICODE UTF-8').replaceAll('ü', 'u').replaceAll('Ä', 'A')))).to.equal('Muller^Anne')
  })

  it('is not guessed at when it is in another character set than it says [HL7 table 0211]', () => {
    const wrong: [string, Buffer, string][] = [
      ['UNICODE UTF-8', Buffer.from(anAdt(), 'latin1'), '102'],
      ['ASCII', Buffer.from(anAdt({ characterSet: 'ASCII' })), '102'],
      ['KLINGON', Buffer.from(anAdt({ characterSet: 'KLINGON' })), '103'],
      ['the default', Buffer.from(anAdt({ characterSet: '' }), 'latin1'), '102'],
    ]
    for (const [what, bytes, condition] of wrong) {
      const { header, segments, errors } = read(bytes)
      expect(
        errors.map(error => [error.condition, error.at]),
        what,
      ).to.deep.equal([[condition, 'MSH-18']])
      expect(header?.controlId).to.equal('M-1')
      expect(segments).to.deep.equal([])
    }
  })

  it('may have a header as long as any version allows, and no longer [HL7 v2.5.1: 2.15.9]', () => {
    const faults = (text: string) => read(text).errors.map(({ condition, at, text }) => [condition, at, text])
    expect(faults(anAdt({ controlId: '9'.repeat(199) }))).to.deep.equal([])
    expect(faults(anAdt({ controlId: '9'.repeat(100_000) }))).to.deep.equal([
      ['104', 'MSH-10', 'expected at most 199 characters, found 100000'],
    ])
    expect(faults(anAdt().replace('|Spital|', `|${'S'.repeat(228)}|`))).to.deep.equal([
      ['104', 'MSH-4', 'expected at most 227 characters, found 228'],
    ])
    expect(faults(anAdt({ controlId: 'M\x001' }))).to.deep.equal([
      ['102', 'MSH-10', 'expected text, found a control character'],
    ])
    expect(read(anAdt({ controlId: '9'.repeat(100_000) })).header?.controlId).to.have.length(199)
  })

  it('stands alone: no batch, and no second one behind it [ITI TF-2: Appendix C.2.1]', () => {
    const faults = (text: string) => read(text).errors.map(({ condition, at }) => [condition, at])
    expect(faults(`FHS|^~\\&|x\rBHS|^~\\&|x\r${anAdt()}BTS|1\rFTS|1\r`)).to.deep.equal([['100', 'FHS']])
    expect(faults(`BHS|^~\\&|x\r${anAdt()}BTS|1\r`)).to.deep.equal([['100', 'BHS']])
    expect(faults(`${anAdt()}${anAdt({ controlId: 'M-2' })}`)).to.deep.equal([['100', 'MSH']])
    expect(read(`${anAdt()}${anAdt()}`).segments).to.deep.equal([])
  })

  it('may begin with a byte order mark, and with nothing else', () => {
    expect(read(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(anAdt())])).errors).to.deep.equal([])
    for (const start of ['\r\n', ' ', '\ufeff\ufeff']) {
      expect(read(`${start}${anAdt()}`).errors.map(({ condition, at }) => [condition, at])).to.deep.equal([
        ['100', 'MSH'],
      ])
    }
    expect(read(Buffer.from(`\ufeff${anAdt()}`, 'utf16le')).header).to.equal(undefined)
  })

  it('with lines that are no segments, or too many of them, is not read', () => {
    for (const line of ['??|x', 'pid|x', 'P|', 'PIDX|1', '   PID|1']) {
      expect(
        read(`${anAdt()}${line}\r`).errors.map(({ condition }) => condition),
        line,
      ).to.deep.equal(['100'])
    }
    expect(read(anAdt() + 'OBX|1\r'.repeat(10_001)).errors[0]?.condition).to.equal('104')
  })

  it('is read to its end or not at all, however many lines are empty', () => {
    const empty = (lines: number) => read(anAdt().replace('PID|', `${'\r'.repeat(lines)}PID|`))
    expect(empty(10_001).segments.map(({ name }) => name)).to.deep.equal(['MSH', 'EVN', 'PID', 'PV1'])
    expect(empty(20_001).errors[0]?.condition).to.equal('104')
  })
})

describe('a field', () => {
  it('has repetitions, of which those that say nothing are left out', () => {
    expect(repetitionsOf('a~~""~b', usualDelimiters)).to.deep.equal(['a', 'b'])
    expect(repetitionsOf('', usualDelimiters)).to.deep.equal([])
  })

  it('has an identifier with its authority, by namespace or by OID [ITI TF-2:3.8.4.1.2.3]', () => {
    const of = (cx: string) => identifierIn(cx, usualDelimiters)
    const none = { namespaceId: '', universalId: '', universalIdType: '' }
    expect(of('1')).to.deep.equal({ id: '1', ...none })
    expect(of('1^2^M11^HOSP^PI')).to.deep.equal({ id: '1', ...none, namespaceId: 'HOSP' })
    expect(of('1^^^HOSP&2.999&ISO')).to.deep.equal({
      ...{ id: '1', namespaceId: 'HOSP', universalId: '2.999', universalIdType: 'ISO' },
    })
    expect(of('A\\T\\B\\S\\C^^^&2.999&ISO').id).to.equal('A&B^C')
  })

  it('is the same after escaping and reading, whatever stands in it [HL7 v2.5.1: 2.7]', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const printable = [...text].map(character => (character < ' ' ? ' ' : character)).join('')
        expect(unescaped(escaped(text, usualDelimiters), usualDelimiters)).to.equal(printable)
      }),
    )
  })

  it('keeps escapes that name no character, and takes hexadecimal ones [HL7 v2.5.1: 2.7]', () => {
    const plain = (text: string) => unescaped(text, usualDelimiters)
    expect(plain('a\\H\\b\\N\\c')).to.equal('a\\H\\b\\N\\c')
    expect(plain('a\\X41\\b')).to.equal('aAb')
    const inSet = (text: string, characterSet: string) => unescaped(text, usualDelimiters, characterSet)
    expect(inSet('M\\XC3BC\\ller', 'UNICODE UTF-8')).to.equal('Müller')
    expect(inSet('M\\XFC\\ller', '8859/1')).to.equal('Müller')
    expect(inSet('M\\XFC\\ller', 'UNICODE UTF-8')).to.equal('M\\XFC\\ller')
    expect(inSet('M\\XFC\\ller', 'ASCII')).to.equal('M\\XFC\\ller')
    expect(plain('a\\X4\\b')).to.equal('a\\X4\\b')
    expect(plain('a\\Fb')).to.equal('a\\Fb')
    expect(plain('\\')).to.equal('\\')
  })
})
