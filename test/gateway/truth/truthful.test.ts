// What an answer of another community may not be, whatever else is right with it.
import { expect } from 'chai'
import { falsehoodIn, falsePerson } from '../../../gateway/truth/truthful.js'
import type { ForeignQueryResponse } from '../../../transactions/communities/foreign-objects-codec.js'
import type { Wanted } from '../../../transactions/hl7v3/demographics-query-codec.js'
import type { AdhocQueryRequest } from '../../../transactions/xds-messages.js'
import { aboutPatient, bern, entry, id, known, told, vaud } from '../a-gateway.js'

const theirs = id('b', '2.999.80')
const another = id('c', '2.999.80')
const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', home: bern, slots: [] }

describe('an answer to a query', () => {
  const judged = (answer: ForeignQueryResponse, asked: Partial<AdhocQueryRequest> = aboutPatient(theirs)) =>
    falsehoodIn(answer, { ...query, ...asked })
  const b = entry('b', { patientId: theirs })

  it('is one when its objects are of the patient and the community, or say nothing of it [ITI TF-2:3.38.4.1.3]', () => {
    expect(judged(told(b, entry('c', { home: bern, patientId: theirs })))).to.equal(undefined)
    expect(judged(told())).to.equal(undefined)
  })

  it('is none with objects of nobody, of somebody else, or of two [ITI TF-2:3.38.4.1.3]', () => {
    expect(judged(told(b, entry('c', { home: vaud, patientId: theirs })))).to.contain(`of the community ${vaud}`)
    expect(judged(told(b, entry('c', { patientId: another })))).to.contain('urn:uuid:c of another')
    expect(judged(told(b, { ...b, patientIds: [] }))).to.contain('of no patient')
    expect(judged(told({ ...b, patientIds: [theirs, another] }))).to.contain('of two patients')
    expect(judged(told({ ...b, patientIds: [theirs, theirs, another] }))).to.contain('of two patients')
  })

  it('is of one patient where ids alone were asked for [ITI TF-2:3.18.4.1.3]', () => {
    expect(judged(told(b, b), { slots: [] })).to.equal(undefined)
    expect(judged(told(b, entry('c', { patientId: another })), { slots: [] })).to.contain('of another')
  })

  it('is of those who were asked for, where these are several', () => {
    const slots = [{ name: '$XDSDocumentEntryPatientId', values: [`('${theirs}','${another}')`] }]
    expect(judged(told(b, entry('c', { patientId: another })), { slots })).to.equal(undefined)
    expect(judged(told(entry('d', { patientId: id('d', '2.999.80') })), { slots })).to.contain('of another')
  })

  it('may be a reference or an Association, which are nobody’s', () => {
    const reference = { ...b, patientIds: [], element: { ...b.element, name: 'ObjectRef' } }
    expect(judged(told(reference))).to.equal(undefined)
  })

  it('says why where it is Failure [ITI TF-3: Table 4.2.4.1-5]', () => {
    expect(judged({ ...told(b), status: 'Failure' })).to.contain('no reason')
    const errors = [{ errorCode: 'XDSRegistryBusy', codeContext: '', severity: 'Error' }] as const
    expect(judged({ ...told(), status: 'Failure', errors: [...errors] })).to.equal(undefined)
  })
})

describe('a person whom another community says it knows', () => {
  const wanted: Wanted = { names: [], addresses: [], telecoms: [], patientIds: [] }
  const judged = (answer: object, asked: Partial<Wanted> = {}) =>
    falsePerson({ patients: known(theirs).patients ?? [], ...answer }, { ...wanted, ...asked }, bern)
  const bornOn = (birthTime: string) => ({
    patients: known(theirs).patients?.map(each => ({ ...each, person: { ...each.person, birthTime } })) ?? [],
  })
  const [from, to] = ['19710304', '19710304']

  it('is kept by the community that was asked [ITI TF-2:3.55.4.2.2.4]', () => {
    expect(judged({ custodian: '2.999.80' })).to.equal(undefined)
    expect(judged({})).to.equal(undefined)
    expect(judged({ custodian: '2.999.81' })).to.contain('whom 2.999.81 keeps')
  })

  it('has the id that was asked for, where it has one of that kind [ITI TF-2:3.55.4.2.3]', () => {
    expect(judged({}, { patientIds: [id('1')] })).to.equal(undefined)
    expect(judged({}, { patientIds: [theirs] })).to.equal(undefined)
    expect(judged({}, { patientIds: [another] })).to.contain('another id of the same kind')
    // Two records of one source may have become one person.
    const both = known(theirs).patients?.map(each => ({ ...each, otherIds: [another] }))
    expect(judged({ patients: both }, { patientIds: [another] })).to.equal(undefined)
  })

  it('has ids that somebody can have, which are remembered [ITI TF-3: Table 4.2.3.1.7-2]', () => {
    const withId = (patientId: string) => ({ patients: known(patientId).patients ?? [] })
    expect(judged(withId(id('x'.repeat(300), '2.999.80')))).to.contain('expected at most 256 characters')
    expect(judged(withId(id('x\ny', '2.999.80')))).to.contain('expected no control characters')
  })

  it('was born on the day that was asked for, where both are told [ITI TF-2:3.55.4.2.3]', () => {
    expect(judged(bornOn('19710304'), { born: { from, to } })).to.equal(undefined)
    expect(judged(bornOn('1971'), { born: { from, to } })).to.equal(undefined)
    expect(judged(bornOn('19710404'), { born: { from, to: '19711231' } })).to.equal(undefined)
    expect(judged(bornOn('19710403'), { born: { from, to } })).to.contain('on another day')
  })
})
