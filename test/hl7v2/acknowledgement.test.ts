// What is answered, byte by byte.
import { expect } from 'chai'
import { acknowledgementIn, acknowledgementOf } from '../../hl7v2/acknowledgement.js'
import type { Hl7Error } from '../../hl7v2/errors.js'
import { readHl7 } from '../../hl7v2/message.js'
import { type AdtChanges, anAdt } from '../samples/adt.js'

const missing: Hl7Error = { condition: '101', at: 'PID-3', text: 'there is no patient id' }

function acknowledged(changes: AdtChanges, errors: Hl7Error[] = []): string[] {
  const { header } = readHl7(Buffer.from(anAdt(changes)), { characterSet: 'UNICODE UTF-8' })
  return lines(acknowledgementOf({ header, errors, controlId: 'ACK-1', time: '20261123060001' }))
}
const lines = (bytes: Buffer) => bytes.toString().split('\r').slice(0, -1)

describe('an acknowledgement of HL7 v2', () => {
  it('goes from the receiver to the sender and names the message [ITI TF-2: Appendix C.2.3]', () => {
    expect(acknowledged({})).to.deep.equal([
      'MSH|^~\\&|REG|Gemeinschaft|ADT|Spital|20261123060001+0000||ACK^A01^ACK|ACK-1|P|2.5||||||UNICODE UTF-8',
      'MSA|AA|M-1',
    ])
  })

  it('has the version, the processing id and the event of the message', () => {
    const [header] = acknowledged({ event: 'A40', version: '2.3.1', processingId: 'T' })
    expect(header).to.match(/\|ACK\^A40\^ACK\|ACK-1\|T\|2\.3\.1\|/)
  })

  it('says what was wrong, where, and in which words: AE for contents, AR for the message as such [HL7 v2.5.1: 2.9.2.2]', () => {
    expect(acknowledged({}, [missing]).slice(1)).to.deep.equal([
      'MSA|AE|M-1|PID-3: there is no patient id',
      'ERR||PID^1^3|101^Required field missing^HL70357|E|||there is no patient id|there is no patient id',
    ])
    const unsupported: Hl7Error = { condition: '201', at: 'MSH-9', text: 'not A99' }
    expect(acknowledged({}, [missing, unsupported])[1]).to.match(/^MSA\|AR\|/)
    expect(acknowledged({}, [{ condition: '100', text: 'cut off' }])[2]).to.equal(
      'ERR|||100^Segment sequence error^HL70357|E|||cut off|cut off',
    )
  })

  it('says it in ERR-1 before version 2.5 [HL7 v2.3.1: 2.24.1]', () => {
    expect(acknowledged({ version: '2.3.1' }, [missing])[2]).to.equal('ERR|PID^1^3^101&Required field missing&HL70357')
  })

  it('is that of the original mode, whatever the message asks for [ITI TF-2: Appendix C.2.3]', () => {
    const whole = (accept: string, application: string) =>
      anAdt().replace('||||||UNICODE', `|||${accept}|${application}||UNICODE`)
    const answered = (text: string, errors: Hl7Error[]) => {
      const { header } = readHl7(Buffer.from(text), { characterSet: 'UNICODE UTF-8' })
      return lines(acknowledgementOf({ header, errors, controlId: 'ACK-1', time: '2026' }))
    }
    const usual = { taken: answered(anAdt(), []), refused: answered(anAdt(), [missing]) }
    for (const accept of ['', 'AL', 'NE', 'ER', 'SU', '??']) {
      for (const application of ['', 'AL', 'NE', 'ER', 'SU', '??']) {
        const text = whole(accept, application)
        expect({ taken: answered(text, []), refused: answered(text, [missing]) }).to.deep.equal(usual)
      }
    }
  })

  it('names the trace that explains it, where the version has room for words [HL7 v2.5.1: 2.15.5, HL7 v2.3.1: 2.24.1]', () => {
    const traceId = 'a'.repeat(32)
    const told = (version: string, error: Hl7Error) => {
      const { header } = readHl7(Buffer.from(anAdt({ version })), { characterSet: 'UNICODE UTF-8' })
      return lines(acknowledgementOf({ header, errors: [error], controlId: 'A', time: '2026', traceId })).slice(1)
    }
    const ruled = { ...missing, clause: 'ITI TF-2:3.8.4.1.2.3' }
    const sentence = `there is no patient id [ITI TF-2:3.8.4.1.2.3] (trace ${traceId})`
    expect(told('2.5', ruled)).to.deep.equal([
      'MSA|AE|M-1|PID-3: there is no patient id',
      `ERR||PID^1^3|101^Required field missing^HL70357|E|||${sentence}|${sentence}`,
    ])
    expect(told('2.3.1', ruled)).to.deep.equal([
      `MSA|AE|M-1|PID-3: there is no patient id (trace ${traceId})`,
      'ERR|PID^1^3^101&Required field missing&HL70357',
    ])
    const fields = told('2.6', { ...missing, text: 'x'.repeat(5_000) })[1]?.split('|')
    expect([fields?.[7]?.length, fields?.[8]?.length]).to.deep.equal([2_048, 250])
    expect(fields?.[8]).to.match(/x \(trace a{32}\)$/)
  })

  it('brings back nothing that could do harm: lengths, control characters, codes that are none', () => {
    const text = anAdt({ controlId: `${'9'.repeat(100_000)}`, processingId: 'Q'.repeat(99), version: '2.5.x' })
      .replace('|ADT|', `|${'A'.repeat(5_000)}|`)
      .replace('|Spital|', '|Spi\x00\x1btal|')
      .replace('^A01^', '^A0\x071^')
    const { header } = readHl7(Buffer.from(text), { characterSet: 'UNICODE UTF-8' })
    expect(lines(acknowledgementOf({ header, errors: [], controlId: 'A', time: '2026' }))).to.deep.equal([
      `MSH|^~\\&|REG|Gemeinschaft|${'A'.repeat(227)}|Spi??tal|2026+0000||ACK|A|P|2.5||||||UNICODE UTF-8`,
      `MSA|AA|${'9'.repeat(199)}`,
    ])
  })

  it('has the separators and the character set of the message, and escapes what it quotes', () => {
    const text = anAdt({ characterSet: '8859/1' }).replaceAll('|', '#').replace('Spital', 'Zürich')
    const { header } = readHl7(Buffer.from(text, 'latin1'), { characterSet: 'UNICODE UTF-8' })
    const errors: Hl7Error[] = [{ condition: '204', at: 'MRG-1', text: 'Ä#1^^^&2.999&ISO\r✓' }]
    const bytes = acknowledgementOf({ header, errors, controlId: 'A', time: '2026' })
    expect(bytes.toString('latin1').split('\r')).to.deep.equal([
      'MSH#^~\\&#REG#Gemeinschaft#ADT#Zürich#2026+0000##ACK^A01^ACK#A#P#2.5######8859/1',
      'MSA#AE#M-1#MRG-1: Ä\\F\\1\\S\\\\S\\\\S\\\\T\\2.999\\T\\ISO ?',
      'ERR##MRG^1^1#204^Unknown key identifier^HL70357#E###Ä\\F\\1\\S\\\\S\\\\S\\\\T\\2.999\\T\\ISO ?#Ä\\F\\1\\S\\\\S\\\\S\\\\T\\2.999\\T\\ISO ?',
      '',
    ])
  })

  it('is one even for what had no header', () => {
    const errors: Hl7Error[] = [{ condition: '100', at: 'MSH', text: 'the message does not begin with MSH' }]
    expect(lines(acknowledgementOf({ header: undefined, errors, controlId: 'A', time: '2026' }))).to.deep.equal([
      'MSH|^~\\&|CARNET|CARNET|||2026+0000||ACK|A|P|2.5||||||ASCII',
      'MSA|AE||MSH: the message does not begin with MSH',
      'ERR||MSH^1|100^Segment sequence error^HL70357|E|||the message does not begin with MSH|the message does not begin with MSH',
    ])
  })

  it('tells its few first errors, and is read by who sent the message', () => {
    const many = Array.from({ length: 100 }, () => missing)
    expect(acknowledged({}, many)).to.have.length(22)
    expect(acknowledgementIn(acknowledged({}, [missing]).join('\r'))).to.deep.include({
      ...{ code: 'AE', controlId: 'M-1', conditions: ['101'] },
    })
    expect(acknowledgementIn(acknowledged({ version: '2.3.1' }, [missing]).join('\r')).conditions).to.deep.equal([
      '101',
    ])
    expect(acknowledgementIn('MSH|\rMSA|CA|1').code).to.equal('AA')
    expect(acknowledgementIn('nothing').code).to.equal(undefined)
  })
})
