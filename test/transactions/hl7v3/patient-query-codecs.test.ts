// The messages of queries for patients: read from others as they write them, and the same again after our own writing.
import { expect } from 'chai'
import type { ErrorCode } from '../../../metadata/model.js'
import type { SoapMessage } from '../../../soap/message.js'
import { bytesOf, parseXml } from '../../../soap/xml.js'
import {
  type DemographicsAnswer,
  demographicsAnswer,
  discoveryAnswer,
} from '../../../transactions/hl7v3/demographics-answer-codec.js'
import { type DemographicsQuery, demographicsRequest } from '../../../transactions/hl7v3/demographics-query-codec.js'
import { crossGatewayPatientDiscovery } from '../../../transactions/hl7v3/patient-discovery.js'
import { patientRecordRequest } from '../../../transactions/hl7v3/patient-feed-codec.js'
import { type PixAnswer, pixAnswer, pixRequest } from '../../../transactions/hl7v3/pix-query-codec.js'
import { continuation } from '../../../transactions/hl7v3/query-continuation-codec.js'
import type { Person } from '../../../transactions/person.js'
import type { Codec } from '../../../transactions/transaction.js'
import { faultsOf } from '../../wsdl/validity.js'

const person: Person = {
  names: [
    { kind: 'current', family: 'Tauxe', given: ['Maja', 'Anna'], prefix: 'Dr. med.' },
    { kind: 'birth', family: 'Müller & Söhne', given: ['Maja'] },
  ],
  gender: 'F',
  birthTime: '19600618',
  deceasedInd: true,
  deceasedTime: '2026',
  addresses: [{ lines: ['Imfeldstrasse 24b'], city: 'Wettingen', state: 'AG', postalCode: '5430', country: 'CH' }],
  telecoms: ['tel:+41561234567'],
}
const route = { creationTime: '20261125120000', sender: '2.999.1', receiver: '2.999.2' }
const message = {
  messageId: { root: '2.999.5', extension: 'm' },
  queryId: { root: '2.999.5', extension: 'q<' },
  queryXml: '',
}

function again<Value>(codec: Codec<Value>, value: Value): Value {
  return codec.decode(parseXml(bytesOf(codec.encode(value).xml)), {} as SoapMessage)
}

/** As another maker writes it: prefixes, types, what we do not read in between. */
function asked(parameters: string, around = ''): DemographicsQuery {
  const xml = `<h:PRPA_IN201305UV02 xmlns:h="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">
    <h:id root="2.999.5" extension="m"/><h:creationTime value="20261125"/>
    <h:receiver><h:device><h:id root="2.999.2"/><h:asAgent><h:representedOrganization><h:id root="2.999.9"/></h:representedOrganization></h:asAgent></h:device></h:receiver>
    <h:controlActProcess><h:queryByParameter><h:queryId root="2.999.5" extension="q" xsi:type="h:II"/>${around}
      <h:parameterList>${parameters}</h:parameterList></h:queryByParameter></h:controlActProcess></h:PRPA_IN201305UV02>`
  return demographicsRequest.decode(parseXml(xml), {} as SoapMessage)
}

describe('the messages of patient queries', () => {
  it('keep all that is asked for [ITI TF-2: Table 3.47.4.1.2-1]', () => {
    const query: DemographicsQuery = {
      ...{ ...message, ...route, senderCommunity: '2.999.8', receiverCommunity: '2.999.9' },
      wanted: {
        names: [{ kind: 'current', family: 'Mül*', given: ['M*'] }],
        gender: 'F',
        born: { from: '1960', to: '19611231' },
        addresses: person.addresses,
        telecoms: person.telecoms,
        patientIds: ['1^^^&2.999.1&ISO', '^^^&2.999.3&ISO'],
        mothersMaidenName: 'Favre',
      },
      domains: ['2.999.7'],
      initialQuantity: 5,
      minimumDegree: 80,
    }
    const { queryXml, ...rest } = again(demographicsRequest, query)
    expect({ ...rest, queryXml: '' }).to.deep.equal(query)
    // What goes back with the answer is what came.
    expect(again(demographicsRequest, { ...query, queryXml }).queryXml).to.equal(queryXml)
  })

  it('read what others write [ITI TF-2:3.47.4.1.2]', () => {
    const { wanted, receiverCommunity, initialQuantity, queryXml } = asked(
      `<h:livingSubjectBirthTime><h:value value="19600618000000+0100"/></h:livingSubjectBirthTime>
       <h:livingSubjectName><h:value use="SRCH"><h:given>Maja</h:given><h:family>Tauxe</h:family></h:value><h:semanticsText>LivingSubject.name</h:semanticsText></h:livingSubjectName>
       <h:livingSubjectId><h:value root="2.999.1" extension="1" xsi:type="h:II"/></h:livingSubjectId>`,
      '<h:initialQuantity value="10"/>',
    )
    expect(wanted).to.deep.include({
      names: [{ kind: 'other', family: 'Tauxe', given: ['Maja'] }],
      born: { from: '19600618000000', to: '19600618000000' },
      patientIds: ['1^^^&2.999.1&ISO'],
    })
    expect({ receiverCommunity, initialQuantity }).to.deep.equal({ receiverCommunity: '2.999.9', initialQuantity: 10 })
    // A type is a name with a prefix that nobody declares where the query is written next.
    expect(queryXml).to.contain('extension="q"').and.not.to.contain('h:II')
  })

  it('give numbers and times only where they are some [ITI TF-2: Appendix E.4]', () => {
    const { wanted, ...rest } = asked(
      '<h:livingSubjectBirthTime><h:value value="yesterday"/></h:livingSubjectBirthTime>',
      '<h:initialQuantity value="-5"/>',
    )
    expect(wanted).not.to.have.property('born')
    expect(rest).not.to.have.property('initialQuantity')
  })

  it('keep whom an answer tells, and how many [ITI TF-2:3.47.4.2.2]', () => {
    const answer: DemographicsAnswer = {
      ...{ ...route, messageId: { root: '2.999.6' }, targetMessageId: message.messageId, queryId: message.queryId },
      ...{ acknowledgement: 'AA', responseCode: 'OK', problems: [], queryXml: '' },
      patients: [
        { patientIds: ['1^^^&2.999.1&ISO', '7^^^&2.999.7&ISO'], otherIds: ['9^^^&2.999.3&ISO'], person, degree: 87 },
      ],
      counts: { total: 9, current: 1, remaining: 8 },
      custodian: '2.999.9',
    }
    expect(again(demographicsAnswer, answer)).to.deep.equal(answer)
    // Some gateways write their own id as everywhere else between communities.
    expect(again(discoveryAnswer, { ...answer, custodian: 'urn:oid:2.999.9' }).custodian).to.equal('2.999.9')
    expect(bytesOf(discoveryAnswer.encode(answer).xml).toString()).to.contain(
      '<code code="NotHealthDataLocator" codeSystem="1.3.6.1.4.1.19376.1.2.27.2"/>',
    )
  })

  it('keep what is wrong, where, and what else is wanted [ITI TF-2:3.45.4.2.3, 3.55.4.2.2.6]', () => {
    const refusal = {
      ...{ messageId: { root: '2.999.6' }, targetMessageId: message.messageId, queryId: message.queryId, queryXml: '' },
      ...{ acknowledgement: 'AE' as const, responseCode: 'AE' as const },
      problems: [{ code: '204', location: '/a/b[1]', text: 'not <known>' }, { text: 'nor this' }],
    }
    const answer: PixAnswer = { ...refusal, patientIds: [] }
    expect(again(pixAnswer, answer)).to.deep.equal(answer)
    const moreWanted = ['PatientAddressRequested', 'BirthNameRequested']
    const more: DemographicsAnswer = { ...refusal, patients: [], moreWanted }
    expect(again(demographicsAnswer, more)).to.deep.equal(more)
    const xml = bytesOf(demographicsAnswer.encode(more).xml).toString()
    expect(xml).to.contain('code="PatientAddressRequested" codeSystem="1.3.6.1.4.1.19376.1.2.27.1"')
    expect(xml).to.contain('code="BirthNameRequested" codeSystem="2.16.756.5.30.1.127.3.10.17"')
  })

  it('say why there is no answer, by the schema [ITI TF-2:3.55.4.2.2.7]', () => {
    const refusal: DemographicsAnswer = {
      ...{ ...route, messageId: { root: '2.999.6' }, targetMessageId: message.messageId, queryId: message.queryId },
      ...{ acknowledgement: 'AE', responseCode: 'AE', queryXml: '', patients: [], problems: [{ text: 'not now' }] },
      unavailable: 'ResponderBusy',
    }
    expect(again(discoveryAnswer, refusal)).to.deep.equal(refusal)
    const asked =
      '<queryByParameter><queryId root="2.999.5"/><statusCode code="new"/><parameterList/></queryByParameter>'
    const xml = bytesOf(discoveryAnswer.encode({ ...refusal, queryXml: asked }).xml).toString()
    expect(faultsOf('hl7v3', xml)).to.deep.equal([])
    const codes: ErrorCode[] = ['XDSRegistryBusy', 'XDSRegistryError', 'XDSRegistryMetadataError']
    const because = (errorCode: ErrorCode) =>
      crossGatewayPatientDiscovery.refused([{ errorCode, codeContext: '', severity: 'Error' }], undefined).unavailable
    expect(codes.map(because)).to.deep.equal(['ResponderBusy', 'InternalError', 'AnswerNotAvailable'])
  })

  it('carry where a deferred answer is wanted, by the schema [ITI TF-2:3.55.6.2]', () => {
    const asked = {
      ...{ ...message, respondTo: 'https://other.example/answers', priority: 'D' as const, domains: [] },
      wanted: { names: [], addresses: [], telecoms: [], patientIds: ['1^^^&2.999.1&ISO'] },
    }
    expect({ ...again(demographicsRequest, asked), queryXml: '' }).to.deep.equal(asked)
    expect(faultsOf('hl7v3', bytesOf(demographicsRequest.encode(asked).xml).toString())).to.deep.equal([])
  })

  it('ask for each name and each id in a parameter of its own [ITI TF-2: Table 3.47.4.1.2-1]', () => {
    const names = ['Muster', 'Müller'].map(family => ({ kind: 'current' as const, family, given: [] }))
    const wanted = { names, addresses: [], telecoms: [], patientIds: ['1^^^&2.999.1&ISO', '2^^^&2.999.1&ISO'] }
    const xml = bytesOf(demographicsRequest.encode({ ...message, wanted, domains: [] }).xml).toString()
    for (const parameter of ['livingSubjectName', 'livingSubjectId']) {
      const found = xml.match(new RegExp(`<${parameter}>.*?</${parameter}>`, 'g')) ?? []
      expect(found.map(each => each.match(/<value\b/g)?.length)).to.deep.equal([1, 1])
    }
  })

  it('ask for ids, and to go on [ITI TF-2: Table 3.45.4.1.2-1, 3.47.4.3.2]', () => {
    const pix = { ...message, patientIds: ['1^^^&2.999.1&ISO'], dataSources: ['2.999.7', '2.999.3'] }
    expect({ ...again(pixRequest, pix), queryXml: '' }).to.deep.equal(pix)
    const go = { ...message, statusCode: 'waitContinuedQueryResponse', continuationQuantity: 5, startResultNumber: 6 }
    for (const name of ['QUQI_IN000003UV01', 'QUQI_IN000003UV01_Cancel'] as const) {
      expect(again(continuation(name), go)).to.deep.equal(go)
    }
  })

  it('carry the person with the feed [ITI TF-2:3.44.4.1.2]', () => {
    const record = { messageId: message.messageId, patientIds: ['1^^^&2.999.1&ISO'], person }
    expect(again(patientRecordRequest('add'), record).person).to.deep.equal(person)
    const { deceasedTime: _, ...undated } = person
    expect(again(patientRecordRequest('add'), { ...record, person: undated }).person).to.deep.equal(undated)
    expect(
      again(patientRecordRequest('add'), { ...record, person: { names: [], addresses: [], telecoms: [] } }),
    ).not.to.have.property('person')
  })
})
