// Ids and criteria of HL7 v3 messages as senders write them: what is meant is read, what cannot be read is said, and nothing is passed over.
import { expect } from 'chai'
import { parseXml } from '../../../soap/xml.js'
import { demographicsRequest } from '../../../transactions/hl7v3/demographics-query-codec.js'
import { patientRecordRequest } from '../../../transactions/hl7v3/patient-feed-codec.js'
import { pixRequest } from '../../../transactions/hl7v3/pix-query-codec.js'

const message = {} as never
const hl7 = 'xmlns="urn:hl7-org:v3"'

function fed(...ids: string[]) {
  const patient = `<patient>${ids.join('')}<patientPerson><name><family>Muster</family></name></patientPerson></patient>`
  const event = `<subject><registrationEvent><subject1>${patient}</subject1></registrationEvent></subject>`
  const body = `<PRPA_IN201301UV02 ${hl7}><id root="1.2.3"/><controlActProcess>${event}</controlActProcess></PRPA_IN201301UV02>`
  return patientRecordRequest('add').decode(parseXml(body), message)
}

const query = (name: string, parameters: string, before = '') =>
  parseXml(
    `<${name} ${hl7}><id root="1.2.3"/><controlActProcess><queryByParameter><queryId root="1.2.4"/>${before}<parameterList>` +
      `${parameters}</parameterList></queryByParameter></controlActProcess></${name}>`,
  )
const asked = (parameters: string, before?: string) =>
  demographicsRequest.decode(query('PRPA_IN201305UV02', parameters, before), message)
const named = '<livingSubjectName><value><family>Muster</family></value></livingSubjectName>'

describe('an id of a message in HL7 v3', () => {
  it('is of the domain that its URN names [RFC 3061: 1]', () => {
    const roots = ['2.999.1', 'urn:oid:2.999.1', 'URN:OID:2.999.1', ' urn:oid:2.999.1 ']
    for (const root of roots) {
      expect(fed(`<id root="${root}" extension="P1"/>`), root).to.deep.include({ patientIds: ['P1^^^&2.999.1&ISO'] })
      const value = `<value root="${root}" extension="P1"/>`
      const parameters = `<dataSource><value root="${root}"/></dataSource><patientIdentifier>${value}</patientIdentifier>`
      expect(pixRequest.decode(query('PRPA_IN201309UV02', parameters), message), root).to.deep.include({
        patientIds: ['P1^^^&2.999.1&ISO'],
        dataSources: ['2.999.1'],
      })
      const { wanted, domains } = asked(
        `<livingSubjectId>${value}</livingSubjectId><otherIDsScopingOrganization><value root="${root}"/></otherIDsScopingOrganization>`,
      )
      expect([wanted.patientIds, domains], root).to.deep.equal([['P1^^^&2.999.1&ISO'], ['2.999.1']])
    }
  })

  it('is told of where its root is no OID, and is nobody’s [ITI TF-3: Table 4.2.3.1.7-2]', () => {
    const roots = ['abc', '2.999.1&amp;x', 'urn:uuid:0b1c2d3e-1111-4222-8333-444455556666', '2.999.01']
    for (const root of roots) {
      const { patientIds, strangeRoots } = fed(
        `<id root="${root}" extension="P1"/>`,
        '<id root="2.999.1" extension="P2"/>',
      )
      expect(patientIds, root).to.deep.equal(['P2^^^&2.999.1&ISO'])
      expect(strangeRoots, root).to.deep.equal([root.replace('&amp;', '&')])
    }
    expect(fed('<id root="abc"/>', '<id nullFlavor="NI" root="abc" extension="1"/>').strangeRoots).to.equal(undefined)
  })

  it('asks for nobody where it is of no domain, not for everybody else who fits [ITI TF-2:3.47.4.1.3]', () => {
    const { wanted } = asked(`${named}<livingSubjectId><value extension="P1"/></livingSubjectId>`)
    expect(wanted.patientIds).to.have.length(1)
    expect(
      asked(`${named}<livingSubjectId><value nullFlavor="NI"/></livingSubjectId>`).wanted.patientIds,
    ).to.deep.equal([])
  })
})

describe('a criterion of a query in HL7 v3', () => {
  const birth = (value: string) => `<livingSubjectBirthTime>${value}</livingSubjectBirthTime>`
  const gender = (code: string) =>
    `<livingSubjectAdministrativeGender><value code="${code}"/></livingSubjectAdministrativeGender>`

  it('is refused where it cannot be read: more people would fit [ITI TF-2: Table 3.47.4.1.2-1]', () => {
    const place = '/PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList'
    const found = (parameters: string) =>
      asked(named + parameters).unreadable?.map(({ location, text }) => [location, text])
    expect(found(birth('<value value="1.1.1950"/>'))).to.deep.equal([
      [
        `${place}/livingSubjectBirthTime[1]/value`,
        'livingSubjectBirthTime: expected a time as YYYYMMDD, found "1.1.1950" [ITI TF-2: Table 3.47.4.1.2-1]',
      ],
    ])
    expect(found(birth('<value><low value="1950"/><high value="tomorrow"/></value>'))).to.have.length(1)
    expect(found(gender('Q'))?.[0]?.[0]).to.equal(`${place}/livingSubjectAdministrativeGender[1]/value`)
  })

  it('is refused where it cannot be read how many are wanted, or how well they are to fit [ITI TF-2: Table 3.47.4.1.2-1]', () => {
    const first = (value: string) => `<initialQuantity value="${value}"/>`
    const degree = (value: string) =>
      `<matchCriterionList><minimumDegreeMatch><value value="${value}"/></minimumDegreeMatch></matchCriterionList>`
    const at = '/PRPA_IN201305UV02/controlActProcess/queryByParameter'
    const found = (before: string) => asked(named, before).unreadable?.map(({ location, text }) => [location, text])
    expect(found(first('-1'))).to.deep.equal([
      [`${at}/initialQuantity`, 'initialQuantity: expected a number, found "-1" [ITI TF-2: Table 3.47.4.1.2-1]'],
    ])
    expect(found(degree('high'))?.[0]?.[0]).to.equal(`${at}/matchCriterionList/minimumDegreeMatch/value`)
    for (const value of ['abc', '1.5', '-5']) expect([value, found(first(value))?.length]).to.deep.equal([value, 1])
    for (const readable of [first('0'), first('5'), first(''), first('9999999'), degree('75'), degree('100')])
      expect([readable, found(readable)]).to.deep.equal([readable, undefined])
    expect(asked(named, degree('75.5')).minimumDegree).to.equal(75.5)
    expect(asked(named, '<initialQuantity nullFlavor="NI"/>').unreadable).to.equal(undefined)
  })

  it('is one of a hundred at most: more keep others waiting, whoever they are for', () => {
    const ids = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => `<livingSubjectId><value root="2.999.1" extension="${index}"/></livingSubjectId>`,
      )
    expect(asked(ids(100).join('')).wanted.patientIds).to.have.length(100)
    const { wanted, domains, unreadable } = asked([...ids(60), named.repeat(41)].join(''))
    expect([wanted.patientIds, wanted.names, domains]).to.deep.equal([[], [], []])
    expect(unreadable?.map(({ text }) => text)).to.deep.equal([
      'parameterList: expected at most 100 values, found 101 [ITI TF-2: Table 3.47.4.1.2-1]',
    ])
    const inOne = `<livingSubjectName>${'<value><family>Muster</family></value>'.repeat(101)}</livingSubjectName>`
    expect(asked(inOne).unreadable).to.have.length(1)
  })

  it('has names no longer than a name, in however many pieces', () => {
    const pieces = (words: number) => `<family>${'Van Der '.repeat(words)}</family>`.repeat(50)
    const { wanted } = asked(`<livingSubjectName><value>${pieces(10)}<given>Eva</given></value></livingSubjectName>`)
    expect(wanted.names.map(({ family, given }) => [family.length <= 200, given])).to.deep.equal([[true, ['Eva']]])
  })

  it('is read in each of its forms', () => {
    for (const value of ['1950', '195001', '19500101', '195001011230', '19500101123000.0+0100'])
      expect(asked(birth(`<value value="${value}"/>`)).unreadable, value).to.equal(undefined)
    for (const code of ['M', 'F', 'UN', 'U', 'O']) expect(asked(gender(code)).unreadable, code).to.equal(undefined)
    expect(asked(birth('<value nullFlavor="UNK"/>')).unreadable).to.equal(undefined)
  })
})
