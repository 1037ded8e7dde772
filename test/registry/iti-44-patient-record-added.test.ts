import { expect } from 'chai'
import { aSubmission } from '../samples/submission.js'
import { aRegistry, codesOf, type TestRegistry } from './a-registry.js'

const [ours, theirs] = ['new^^^&2.999.1.2.3&ISO', 'new^^^&2.999.8&ISO']

describe('ITI-44 Patient Record Added', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry({ assigningAuthorities: ['2.999.1.2.3'] })
  })
  afterEach(() => registry.close())

  it('makes the ids of its domain known, and audits it [ITI TF-2:3.44.4.1.4]', async () => {
    const answer = await registry.addPatient(theirs, ours)
    expect(answer).to.deep.equal({
      typeCode: 'CA',
      targetMessageId: { root: '2.999.5', extension: '1' },
      creationTime: '20261123060000',
    })
    expect((await registry.register(aSubmission({ patientId: ours }))).status).to.equal('Success')
    expect(codesOf(await registry.register(aSubmission({ patientId: theirs })))).to.deep.equal(['XDSUnknownPatientId'])
    expect(registry.audited()).to.equal(2)
  })

  it('takes the same record again and changes nothing [ITI TF-2:3.44.4.1.4]', async () => {
    await registry.addPatient(ours)
    const before = registry.contents().patients
    expect((await registry.addPatient(ours)).typeCode).to.equal('CA')
    expect(registry.contents().patients).to.deep.equal(before)
  })

  it('says why it can use no id [ITI TF-2: Appendix O.1.2]', async () => {
    expect(await registry.addPatient(theirs)).to.deep.include({
      typeCode: 'CE',
      detail: 'none of the patient ids is of assigning authority 2.999.1.2.3',
    })
    expect((await registry.addPatient()).detail).to.equal('the message names no patient id')
  })

  it('takes ids of every authority where none is configured', async () => {
    const open = await aRegistry({ assigningAuthorities: [] })
    expect((await open.addPatient(theirs)).typeCode).to.equal('CA')
    expect((await open.addPatient('no authority')).typeCode).to.equal('CE')
    await open.close()
  })
})
