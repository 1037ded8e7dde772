// `carnet validate` for messages of the patient feed, as they are captured or written by hand.
import { expect } from 'chai'
import { isHl7v2, judgeHl7v2, judgeHl7v3 } from '../../../cli/validate/feed.js'
import { mllpFramed } from '../../../hl7v2/mllp.js'
import { parseXml } from '../../../soap/xml.js'
import { patientRecordRequest } from '../../../transactions/hl7v3/patient-feed-codec.js'
import { ihe, swiss } from '../../registry/a-registry.js'
import { anAdt } from '../../samples/adt.js'
import { xopXml } from '../../samples/encoded.js'

const judged = (text: string | Buffer, domain = ihe) => {
  const { errors, contents } = judgeHl7v2(Buffer.from(text as string), domain)
  return { contents, errors }
}

describe('cli/validate-feed', () => {
  it('knows a message by how it begins', () => {
    for (const text of [anAdt(), `\ufeff${anAdt()}`, `\n${anAdt()}`, `\x0b${anAdt()}`, 'BHS|', 'FHS|']) {
      expect(isHl7v2(Buffer.from(text)), text).to.equal(true)
    }
    for (const text of ['<MSH/>', '{}', '', 'POST / HTTP/1.1\r\n\r\nMSH|']) {
      expect(isHl7v2(Buffer.from(text)), text).to.equal(false)
    }
  })

  it('finds nothing wrong with a sound one, framed or not [ITI TF-2:3.8.4.1.2]', () => {
    for (const event of ['A01', 'A04', 'A05', 'A08', 'A40']) {
      const contents = `ADT^${event} with ${event === 'A40' ? '2 patient ids' : '1 patient id'}`
      expect(judged(anAdt({ event }))).to.deep.equal({ contents, errors: [] })
      expect(judged(mllpFramed(Buffer.from(anAdt({ event }))))).to.deep.equal({ contents, errors: [] })
    }
  })

  const long = 'x'.repeat(300)
  const wrong: [string, string, string][] = [
    ['an unknown event', anAdt({ event: 'A03' }), 'MSH-9 201 Unsupported event code: the events taken here are'],
    ['no id', anAdt({ pid3: '' }), 'PID-3 101 Required field missing: there is no patient id [ITI TF-2:3.8.4.1.2.3]'],
    [
      'an id that is too long',
      anAdt({ pid3: `${long}^^^&2.999&ISO` }),
      'PID-3 104 Value too long: patient id number 1',
    ],
    ['a batch', `FHS|^~\\&\r${anAdt()}`, 'FHS 100 Segment sequence error: expected one message in an MLLP block'],
    ['a block without end', `\x0b${anAdt()}`, '100 Segment sequence error: expected the end of the MLLP block'],
    ['other text', 'MSHx', 'MSH-2 102 Data type error: MSH-1 and MSH-2 are to declare'],
  ]
  for (const [what, text, error] of wrong) {
    it(`finds ${what} as ITI-8 does`, () => {
      const { errors } = judged(text)
      expect(errors).to.have.length(1)
      expect(errors[0]).to.contain(error)
    })
  }

  it('holds it against the rules of a domain [EPR annex 5.1:1.7.1]', () => {
    const { errors } = judged(`${anAdt()}NK1|1|Meier\r`, swiss)
    expect(errors).to.have.length(2)
    expect(errors[0]).to.match(/^PID-3 101 .*the EPR-SPID of the patient/)
    expect(errors[1]).to.match(/^NK1 102 .*personalRelationship may not be sent/)
  })

  it('judges ITI-44 too, and nothing else [ITI TF-2:3.44.4.1.2]', () => {
    const record = { messageId: { root: '2.999.5' }, patientIds: ['A^^^&2.999.1&ISO'] }
    const body = (event: 'add' | 'merge', patientIds = record.patientIds) =>
      parseXml(xopXml(patientRecordRequest(event).encode({ ...record, patientIds, subsumedIds: ['B^^^&2.999.1&ISO'] })))
    expect(judgeHl7v3({ body: body('merge') }, ihe)).to.deep.equal({
      transaction: 'ITI-44',
      contents: 'PRPA_IN201304UV02 with 2 patient ids',
      errors: [],
    })
    expect(judgeHl7v3({ body: body('add', [`${'x'.repeat(300)}^^^&2.999.1&ISO`]) }, ihe)?.errors).to.deep.equal([
      'replacementOf: expected in PRPA_IN201304UV02 alone, found in PRPA_IN201301UV02 [ITI TF-2:3.44.4.2.2]',
      'patient id number 1: expected at most 256 characters as id^^^&OID&ISO, found 315 [ITI TF-3:4.2.3.1.1]',
    ])
    expect(judgeHl7v3({ body: body('add') }, swiss)?.errors.join()).to.contain('[EPR annex 5.1:1.7.1]')
    expect(judgeHl7v3({ body: parseXml('<PRPA_IN201301UV02/>') }, ihe)).to.equal(undefined)
  })
})
