// ITI-44 as it travels, and what is answered.
import { expect } from 'chai'
import fc from 'fast-check'
import { inWords } from '../../../registry/patient-feed.js'
import { SoapFault } from '../../../soap/fault.js'
import { parseXml, type XmlElement } from '../../../soap/xml.js'
import { acknowledged, patientRecordAdded } from '../../../transactions/hl7v3/patient-feed.js'
import { feedAcknowledgement, patientRecordRequest } from '../../../transactions/hl7v3/patient-feed-codec.js'
import { idFormProblems } from '../../../transactions/patient-id-form.js'
import type { PatientRecord } from '../../../transactions/xds-messages.js'
import { decodeText, overTheWire, xopXml } from '../../samples/encoded.js'
import { faultsOf } from '../../wsdl/validity.js'

const patientRecordAddedRequest = patientRecordRequest('add')

const added: PatientRecord = {
  messageId: { root: '2.999.5', extension: 'M-1' },
  patientIds: ['P-1^^^&2.999.1.2.3&ISO', 'A\\T\\B^^^&2.999.7&ISO'],
  creationTime: '20261123060559',
  sender: '2.999.10',
  receiver: '2.999.11',
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }
const sentId: XmlElement = parseXml('<id xmlns="urn:hl7-org:v3"/>')

const sent = `<ns:PRPA_IN201301UV02 xmlns:ns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">
  <ns:id xsi:type="ns:II" root="2.999.5" extension="17"/>
  <ns:controlActProcess classCode="CACT" moodCode="EVN"><ns:subject typeCode="SUBJ"><ns:registrationEvent classCode="REG" moodCode="EVN">
    <ns:id nullFlavor="NA"/>
    <ns:subject1 typeCode="SBJ"><ns:patient classCode="PAT">
      <ns:id root="2.999.1" extension=" local 1 " assigningAuthorityName="Ward"/>
      <ns:id root="2.999.2" extension="national"/>
      <ns:id root="2.999.2" extension="national"/>
      <ns:id root="2.25.7"/>
      <ns:id nullFlavor="UNK"/>
      <ns:patientPerson><ns:asOtherIDs><ns:id root="2.999.3" extension="passport"/></ns:asOtherIDs></ns:patientPerson>
      <ns:providerOrganization><ns:id root="2.999.1"/></ns:providerOrganization>
    </ns:patient></ns:subject1></ns:registrationEvent></ns:subject></ns:controlActProcess></ns:PRPA_IN201301UV02>`

describe('Patient Registry Record Added', () => {
  it('is the same after it has been written and read [ITI TF-2:3.44.4.1.2]', async () => {
    expect(await overTheWire(patientRecordAddedRequest, added)).to.deep.equal(added)
    const least = { messageId: { root: '0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e' }, patientIds: ['1^^^&2.999&ISO'] }
    expect(await overTheWire(patientRecordAddedRequest, least)).to.deep.equal(least)
  })

  it('is valid by the schema [ITI TF-2:3.44.4.1.2]', () => {
    expect(faultsOf('hl7v3', xopXml(patientRecordAddedRequest.encode(added)))).to.deep.equal([])
  })

  it('gives the ids of the patient, each once, with those that others gave the person apart [ITI TF-2:3.44.4.1.2]', () => {
    expect(decodeText(patientRecordAddedRequest, sent)).to.deep.equal({
      messageId: { root: '2.999.5', extension: '17' },
      patientIds: ['local 1^^^&2.999.1&ISO', 'national^^^&2.999.2&ISO'],
      otherIds: ['passport^^^&2.999.3&ISO'],
    })
  })

  it('without ids is read all the same; the feed says what is missing', () => {
    const empty = decodeText(patientRecordAddedRequest, '<PRPA_IN201301UV02 xmlns="urn:hl7-org:v3"/>')
    expect(empty).to.deep.equal({ messageId: { root: '' }, patientIds: [] })
  })

  it('passes over ids that are none by their null flavour, whatever else stands there', () => {
    const told = sent.replace(
      '<ns:id nullFlavor="UNK"/>',
      '<ns:id nullFlavor="MSK" root="2.999.1" extension="masked"/>',
    )
    expect(decodeText(patientRecordAddedRequest, told).patientIds).to.have.length(2)
  })

  it('says where it contradicts what it was sent as [ITI TF-2: Appendix O.1.1, 3.44.4.1.2, 3.44.4.2.2]', () => {
    const wrapper = (inner: string) => sent.replace('<ns:controlActProcess', `${inner}<ns:controlActProcess`)
    const found = (text: string) => decodeText(patientRecordAddedRequest, text).contradictions
    const merge = 'PRPA_IN201304UV02'
    const rows: [string, string[] | undefined][] = [
      [wrapper('<ns:interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201301UV02"/>'), undefined],
      [wrapper('<ns:interactionId root="1" extension=" PRPA_IN201301UV02 "/><ns:processingCode code="T"/>'), undefined],
      [wrapper('<ns:interactionId nullFlavor="NI"/><ns:processingCode nullFlavor="NI"/>'), undefined],
      [
        wrapper(`<ns:interactionId root="2.16.840.1.113883.1.6" extension="${merge}"/><ns:processingCode code="X"/>`),
        [
          `interactionId: expected PRPA_IN201301UV02, found "${merge}" [ITI TF-2: Appendix O.1.1]`,
          'processingCode: expected P, T or D, found "X" [ITI TF-2: Appendix O.1.1]',
        ],
      ],
      [
        sent.replace(/(<ns:subject typeCode.*<\/ns:subject>)/s, '$1$1'),
        ['patient: expected one, a message for each, found 2 [ITI TF-2:3.44.4.1.2]'],
      ],
      [
        sent.replace(/(<ns:subject1.*<\/ns:subject1>)/s, '$1$1$1'),
        ['patient: expected one, a message for each, found 3 [ITI TF-2:3.44.4.1.2]'],
      ],
      [
        sent.replace('</ns:subject1>', '</ns:subject1><ns:replacementOf typeCode="RPLC"/>'),
        [`replacementOf: expected in ${merge} alone, found in PRPA_IN201301UV02 [ITI TF-2:3.44.4.2.2]`],
      ],
      [
        sent.replace('extension="17"', `extension="${'7'.repeat(9_000)}"`),
        ['id@extension: expected at most 256 characters, found 9000 [ITI TF-2: Appendix O.1.1]'],
      ],
    ]
    for (const [text, contradictions] of rows) expect(found(text)).to.deep.equal(contradictions)
  })

  it('never brings a giant id back [ITI TF-2: Appendix O.1.2]', () => {
    const giant = sent.replace(
      'root="2.999.5" extension="17"',
      `root="${'2'.repeat(9_000)}" extension="${'7'.repeat(9_000)}"`,
    )
    const { messageId } = decodeText(patientRecordAddedRequest, giant)
    expect([messageId.root.length, messageId.extension?.length]).to.deep.equal([256, 256])
  })

  it('is not written for ids that are no CX', () => {
    expect(() => patientRecordAddedRequest.encode({ ...added, patientIds: ['P-1'] })).to.throw('P-1 is no CX')
  })
})

describe('a message of the feed in HL7 v3, whatever it holds', () => {
  const mutation = fc.record({
    at: fc.nat(),
    from: fc.nat(),
    what: fc.constantFrom('remove', 'repeat', 'nest', 'attribute', 'rename', 'text'),
    name: fc.constantFrom('id', 'patient', 'subject', 'subject1', 'replacementOf', 'interactionId', '__proto__', 'x'),
    attribute: fc.constantFrom('root', 'extension', 'nullFlavor', 'code', '__proto__'),
    value: fc.oneof(
      fc.string(),
      fc.constantFrom('', '2.999.1', 'x'.repeat(70_000), '\u0000', 'A^B&C|D~E\\F', '\ud800'),
    ),
  })
  type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

  const allOf = (element: XmlElement): XmlElement[] => [element, ...element.children.flatMap(allOf)]

  function mutate(body: XmlElement, { at, from, what, name, attribute, value }: Mutation): void {
    const elements = allOf(body)
    const target = elements[at % elements.length]! as Mutable<XmlElement>
    const other = elements[from % elements.length]!
    const changes: Record<Mutation['what'], () => void> = {
      remove() {
        target.children = target.children.filter((_, index) => index !== from % (target.children.length + 1))
      },
      repeat() {
        target.children = [...target.children, structuredClone(other)]
      },
      nest() {
        let inner: XmlElement = { ...sentId, name }
        for (let depth = 0; depth < 200; depth++) inner = { ...sentId, name, children: [inner] }
        target.children = [...target.children, inner]
      },
      attribute() {
        target.attributes = [...target.attributes, { namespace: '', name: attribute, value }]
      },
      rename() {
        target.name = name
      },
      text() {
        target.text = value
      },
    }
    changes[what]()
  }

  it('is read and judged, or is a fault, and its answer is XML [ITI TF-2: Appendix O.1.2]', function () {
    this.timeout(60_000)
    const codec = { add: patientRecordAddedRequest, merge: patientRecordRequest('merge') }
    fc.assert(
      fc.property(
        fc.constantFrom('add' as const, 'merge' as const),
        fc.array(mutation, { maxLength: 6 }),
        (event, all) => {
          const body = parseXml(event === 'add' ? sent : sent.replaceAll('PRPA_IN201301UV02', 'PRPA_IN201304UV02'))
          for (const each of all) mutate(body, each)
          try {
            const record = codec[event].decode(body, undefined as never)
            const problems = idFormProblems({ patientIds: record.patientIds, subsumedIds: record.subsumedIds ?? [] })
            const detail = [...(record.contradictions ?? []), inWords(problems)].join('\n')
            const answer = xopXml(feedAcknowledgement.encode(acknowledged(record, 'CE', detail)))
            expect(answer.length).to.be.below(20_000)
            parseXml(answer)
          } catch (problem) {
            if (!(problem instanceof SoapFault)) throw problem
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('Patient Registry Record Revised and Duplicates Resolved', () => {
  it('differ from Added in name and trigger [ITI TF-2:3.44.4.1.2]', async () => {
    const revised = patientRecordRequest('revise')
    expect(await overTheWire(revised, added)).to.deep.equal(added)
    expect(xopXml(revised.encode(added))).to.match(/^<PRPA_IN201302UV02 .*"PRPA_TE201302UV02"/)
    expect(faultsOf('hl7v3', xopXml(revised.encode(added)))).to.deep.equal([])
    expect(() => decodeText(revised, sent)).to.throw(SoapFault)
  })

  it('carry the survivor as patient and the subsumed as prior registration [ITI TF-2:3.44.4.2.2]', async () => {
    const merge = patientRecordRequest('merge')
    const resolved = { ...added, subsumedIds: ['old^^^&2.999.1.2.3&ISO'] }
    expect(await overTheWire(merge, resolved)).to.deep.equal(resolved)
    expect(faultsOf('hl7v3', xopXml(merge.encode(resolved)))).to.deep.equal([])
    expect(decodeText(merge, '<PRPA_IN201304UV02 xmlns="urn:hl7-org:v3"/>')).to.deep.equal({
      messageId: { root: '' },
      patientIds: [],
      subsumedIds: [],
    })
  })

  it('tell of elements that not every domain may see, where they say something', () => {
    const person = '<ns:patientPerson><ns:raceCode code="x"/><ns:ethnicGroupCode nullFlavor="UNK"/></ns:patientPerson>'
    const told = sent.replace('<ns:providerOrganization>', `${person}<ns:providerOrganization>`)
    expect(decodeText(patientRecordAddedRequest, told).sensitive).to.deep.equal(['raceCode'])
  })
})

describe('the acknowledgement of a feed', () => {
  it('is the same after it has been written and read [ITI TF-2: Appendix O.1.2]', async () => {
    for (const typeCode of ['CA', 'CE', 'CR'] as const) {
      const answer = { ...acknowledged(added, typeCode, 'a < b'), messageId: { root: '2.999.9' }, creationTime: '2026' }
      expect(await overTheWire(feedAcknowledgement, answer)).to.deep.equal(answer)
    }
  })

  it('goes from the receiver to the sender and expects no answer [ITI TF-2: Appendix O.1.2]', () => {
    const xml = xopXml(feedAcknowledgement.encode(acknowledged(added, 'CA')))
    expect(xml).to.match(/<acceptAckCode code="NE"\/><receiver.*2\.999\.10.*<sender.*2\.999\.11/)
    expect(xml).to.contain('<targetMessage><id root="2.999.5" extension="M-1"/></targetMessage>')
    expect(faultsOf('hl7v3', xml)).to.deep.equal([])
  })

  it('has an id of its own, the same for the same answer', () => {
    const idOf = (id: string) => {
      const answer = acknowledged({ ...added, messageId: { root: '2.999.5', extension: id } }, 'CA')
      return decodeText(feedAcknowledgement, xopXml(feedAcknowledgement.encode(answer))).messageId?.root
    }
    expect(idOf('1')).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(idOf('1')).to.equal(idOf('1'))
    expect(idOf('1')).to.not.equal(idOf('2'))
  })

  it('is read in the words of an application as well', () => {
    const answer = (code: string) =>
      `<MCCI_IN000002UV01 xmlns="urn:hl7-org:v3"><acknowledgement><typeCode code="${code}"/></acknowledgement></MCCI_IN000002UV01>`
    expect(decodeText(feedAcknowledgement, answer('AA'))).to.include({ typeCode: 'CA' })
    expect(decodeText(feedAcknowledgement, answer('AE'))).to.include({ typeCode: 'CE' })
    expect(() => decodeText(feedAcknowledgement, answer('??'))).to.throw(SoapFault, /typeCode/)
  })

  it('that refuses says whether the message is wrong or the receiver could not work [ITI TF-2: Appendix O.1.2]', () => {
    const refused = (errorCode: string) =>
      patientRecordAdded.refused([{ errorCode, codeContext: 'because', severity: 'Error' }], added)
    expect(refused('XDSUnknownPatientId')).to.deep.include({ typeCode: 'CE', targetMessageId: added.messageId })
    expect(refused('XDSRegistryBusy')).to.deep.include({ typeCode: 'CR', detail: 'XDSRegistryBusy: because' })
    expect(patientRecordAdded.refused([], undefined).targetMessageId).to.deep.equal({ root: '' })
  })
})
