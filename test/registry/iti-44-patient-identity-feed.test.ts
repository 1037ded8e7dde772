// The patient identity feed as the registry follows it: ids become known, ids are merged, and what is not followed.
import { expect } from 'chai'
import { aFolder, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { aSwissSubmission } from '../samples/swiss.js'
import { anyStatus, approved, aRegistry, codesOf, quote, sampleEprSpid, type TestRegistry } from './a-registry.js'
import { aFolderHolding, replacing } from './submissions.js'

const ours = '2.999.1.2.3'
const id = (name: string, authority = ours) => `${name}^^^&${authority}&ISO`
const [A, B, C] = [id('A'), id('B'), id('C')]
/** What whoever is refused quotes. */
const trace = '(trace 0af7651916cd43dd8448eb211c80319c)'
const theirs = id('A', '2.999.8')

describe('ITI-44 Patient Record Added and Revised', () => {
  const registry = aRegistryForEach({ assigningAuthorities: [ours] })

  it('makes the ids of its domain known, and audits it [ITI TF-2:3.44.4.1.4]', async () => {
    const answer = await registry().addPatient(theirs, A)
    expect(answer).to.deep.equal({
      typeCode: 'CA',
      targetMessageId: { root: '2.999.5', extension: '1' },
      creationTime: '20261123060000',
    })
    expect((await registry().register(aSubmission({ patientId: A }))).status).to.equal('Success')
    expect(codesOf(await registry().register(aSubmission({ patientId: theirs })))).to.deep.equal([
      'XDSUnknownPatientId',
    ])
    expect(await registry().audited()).to.equal(2)
  })

  it('takes the same record again and changes nothing [ITI TF-2:3.44.4.1.4]', async () => {
    await registry().addPatient(A)
    const before = (await registry().contents()).patients
    expect((await registry().addPatient(A)).typeCode).to.equal('CA')
    expect((await registry().contents()).patients).to.deep.equal(before)
  })

  it('makes ids known by a revision too, and forgets none that it leaves out [ITI TF-2:3.44.4.1.4]', async () => {
    await registry().addPatient(A)
    expect((await registry().feed('revise', { patientIds: [B] })).typeCode).to.equal('CA')
    for (const patientId of [A, B]) {
      expect((await registry().register(aSubmission({ patientId }))).status).to.equal('Success')
    }
  })

  it('says why it can use no id [ITI TF-2: Appendix O.1.2]', async () => {
    expect(await registry().addPatient(theirs)).to.deep.include({
      typeCode: 'CE',
      detail: `none of the patient ids is of assigning authority 2.999.1.2.3, found &2.999.8&ISO [ITI TF-2:3.44.4.1.4]\n${trace}`,
    })
    expect((await registry().addPatient()).detail).to.contain('the message names no patient id')
  })

  it('takes no id that metadata could not carry, and tells all that are wrong [ITI TF-3:4.2.3.1.1, ITI TF-3: Table 4.2.3.1.7-2]', async () => {
    const before = await registry().contents()
    const answer = await registry().addPatient(A, id('x'.repeat(5_000)), `B\u0000^^^&${ours}&ISO`)
    expect(answer).to.deep.include({
      typeCode: 'CE',
      detail: [
        'patient id number 2: expected at most 256 characters as id^^^&OID&ISO, found 5019 [ITI TF-3:4.2.3.1.1]',
        'patient id number 3: expected no control characters, found U+0000 behind 1 others [ITI TF-3: Table 4.2.3.1.7-2]',
        trace,
      ].join('\n'),
    })
    const many = await registry().addPatient(...Array.from({ length: 100 }, () => id('y'.repeat(300))))
    expect(many.detail?.split('\n')).to.have.length(22)
    expect(many.detail).to.contain('\nand 80 more\n')
    expect(await registry().contents()).to.deep.equal(before)
  })

  it('takes no message that contradicts itself, nor half of it [ITI TF-2:3.44.4.1.2]', async () => {
    const before = await registry().contents()
    const contradictions = ['patient: expected one, a message for each, found 2 [ITI TF-2:3.44.4.1.2]']
    const long = id('x'.repeat(300))
    const answer = await registry().feed('add', { patientIds: [A, long], contradictions })
    expect(answer.typeCode).to.equal('CE')
    expect(answer.detail?.split('\n')).to.deep.equal([
      ...contradictions,
      'patient id number 2: expected at most 256 characters as id^^^&OID&ISO, found 319 [ITI TF-3:4.2.3.1.1]',
      trace,
    ])
    expect(await registry().contents()).to.deep.equal(before)
  })

  it('takes for an authority only what metadata can name, an OID [ITI TF-3: Table 4.2.3.1.7-2]', async () => {
    const open = await aRegistry({ assigningAuthorities: [] })
    for (const root of ['abc', '1.02', '4F0C1FA6-9A3C-4F0B-8B5F-0A5E6B1E0B11', `1.${'2'.repeat(70)}`]) {
      expect((await open.addPatient(id('A', root))).detail, root).to.contain('an assigning authority that is an OID')
    }
    await open.close()
  })

  it('takes ids of several authorities, and of every one where none is configured', async () => {
    const several = await aRegistry({ assigningAuthorities: [ours, '2.999.8'] })
    expect((await several.addPatient(theirs)).typeCode).to.equal('CA')
    await several.close()
    const open = await aRegistry({ assigningAuthorities: [] })
    expect((await open.addPatient(theirs)).typeCode).to.equal('CA')
    expect((await open.addPatient('no authority')).typeCode).to.equal('CE')
    await open.close()
  })
})

describe('ITI-44 Duplicates Resolved', () => {
  const registry = aRegistryForEach({ assigningAuthorities: [ours] })
  beforeEach(() => registry().addPatient(A, B, C))

  it('refuses submissions with the subsumed id, takes those with the survivor [ITI TF-2:3.44.4.2.4, 3.42.4.1.3.3.2]', async () => {
    expect((await registry().merge(A, B)).typeCode).to.equal('CA')
    expect(codesOf(await registry().register(aSubmission({ patientId: A })))).to.deep.equal(['XDSUnknownPatientId'])
    expect((await registry().register(aSubmission({ patientId: B }))).status).to.equal('Success')
  })

  it('shows the survivor what both had, under its own id, and nothing under the other [ITI TF-2:3.44.4.2.4, 3.18.4.1.2.3.9]', async () => {
    await registry().register(aSubmission({ patientId: A, folders: [aFolder({ patientId: A })] }))
    await registry().register(aSubmission({ patientId: B }))
    await registry().merge(A, B)
    const all = (patientId: string) =>
      registry().found('GetAll', {
        $patientId: quote(patientId),
        $XDSDocumentEntryStatus: anyStatus,
        $XDSSubmissionSetStatus: anyStatus,
        $XDSFolderStatus: anyStatus,
      })
    const found = await all(B)
    const objects = [...found.documentEntries, ...found.submissionSets, ...found.folders]
    expect(objects.map(({ patientId }) => patientId)).to.deep.equal([B, B, B, B, B])
    expect(found.associations).to.have.length(3)
    expect(found.documentEntries.map(entry => entry.sourcePatientId)).to.deep.equal(
      found.documentEntries.map(() => 'L-4711^^^&2.999.2.1&ISO'),
    )
    expect(found.documentEntries[0]?.sourcePatientInfo).to.include('PID-5|Müller^Änne')
    const none = await all(A)
    expect([...none.documentEntries, ...none.submissionSets, ...none.folders]).to.deep.equal([])
  })

  it('shows the survivor in queries by id as well [ITI TF-2:3.18.4.1.2.3.9]', async () => {
    const submission = aSubmission({ patientId: A })
    await registry().register(submission)
    await registry().merge(A, B)
    const entryUUID = quote(submission.documentEntries[0]?.entryUUID ?? '')
    const { documentEntries } = await registry().found('GetDocuments', { $XDSDocumentEntryEntryUUID: `(${entryUUID})` })
    expect(documentEntries.map(({ patientId }) => patientId)).to.deep.equal([B])
  })

  it('can answer a query with the subsumed id as one for an unknown patient, where so configured [ITI TF-2:3.18.4.1.3]', async () => {
    const strict = await aRegistry({ unknownPatientQuery: 'error' })
    await strict.addPatient(A, B)
    await strict.merge(A, B)
    const query = { $XDSDocumentEntryPatientId: quote(A), $XDSDocumentEntryStatus: approved }
    expect(codesOf(await strict.query('FindDocuments', query))).to.deep.equal(['XDSUnknownPatientId'])
    await strict.close()
  })

  it('holds over a chain, whichever link came first [ITI TF-2:3.44.4.2.4]', async () => {
    for (const patientId of [A, B, C]) await registry().register(aSubmission({ patientId }))
    for (const [subsumed, survivor] of [
      [A, B],
      [B, C],
    ] as const) {
      expect((await registry().merge(subsumed, survivor)).typeCode).to.equal('CA')
    }
    expect(await patientsFound(registry(), C)).to.deep.equal([C, C, C])
    expect(await patientsFound(registry(), B)).to.deep.equal([])
    expect(await patientsFound(registry(), A)).to.deep.equal([])
  })

  it('counts merged ids as one patient in relations and Folders [ITI TF-2:3.42.4.1.3.3.2]', async () => {
    const [first, second] = [aSubmission({ patientId: A }), aSubmission({ patientId: B })]
    await registry().register(first)
    const folder = aFolder({ patientId: B })
    await registry().register(second)
    const replacement = replacing(first.documentEntries[0]?.entryUUID ?? '')
    for (const object of [...replacement.submissionSets, ...replacement.documentEntries]) object.patientId = B
    expect(codesOf(await registry().register(replacement))).to.deep.equal(['XDSPatientIdDoesNotMatch'])
    const held = aFolderHolding(
      folder,
      anAssociation({
        sourceObject: folder.entryUUID,
        targetObject: first.documentEntries[0]?.entryUUID ?? '',
      }),
    )
    for (const object of held.submissionSets) object.patientId = B
    expect(codesOf(await registry().register(held))).to.deep.equal(['XDSPatientIdDoesNotMatch'])

    await registry().merge(A, B)
    expect((await registry().register(held)).status).to.equal('Success')
    expect((await registry().register(replacement)).status).to.equal('Success')
  })

  it('makes an unknown survivor known [ITI TF-2:3.44.4.2.4]', async () => {
    const newcomer = id('new')
    await registry().register(aSubmission({ patientId: A }))
    expect((await registry().merge(A, newcomer)).typeCode).to.equal('CA')
    expect(await patientsFound(registry(), newcomer)).to.deep.equal([newcomer])
  })

  const refused: [string, string, string, RegExp][] = [
    [
      'the subsumed id is of another domain',
      theirs,
      B,
      /no subsumed patient id is of assigning authority 2\.999\.1\.2\.3, found &2\.999\.8&ISO/,
    ],
    ['the surviving id is of another domain', A, theirs, /no surviving patient id is of assigning authority/],
    ['both ids are the same', A, 'A^^^&2.999.1.2.3&ISO^PI', /are the same/],
    ['the subsumed id is not known', id('nobody'), B, /nobody.* is not known here/],
  ]
  for (const [what, subsumed, survivor, why] of refused) {
    it(`changes nothing when ${what} [ITI TF-2:3.44.4.2.4]`, async () => {
      await changesNothing(() => registry().merge(subsumed, survivor), why)
    })
  }

  it('changes nothing when the subsumed or the surviving id has been subsumed before [ITI TF-2:3.44.4.2.4]', async () => {
    await registry().merge(A, B)
    await changesNothing(() => registry().merge(A, C), /has already been merged into B/)
    await changesNothing(() => registry().merge(C, A), /has itself been merged into B/)
    await changesNothing(() => registry().merge(B, A), /has itself been merged into B/)
  })

  it('acknowledges exactly the same merge again and changes nothing but the audit [ITI TF-2:3.44.4.2.4]', async () => {
    await registry().merge(A, B)
    const { test_outbox: _, ...before } = await registry().contents()
    const audited = await registry().audited()
    expect((await registry().merge(A, 'B^^^&2.999.1.2.3&ISO^PI')).typeCode).to.equal('CA')
    const { test_outbox: __, ...after } = await registry().contents()
    expect(after).to.deep.equal(before)
    expect(await registry().audited()).to.equal(audited + 1)
  })

  it('makes of a message sent again what of it does not stand yet, all or nothing [ITI TF-2:3.44.4.2.4]', async () => {
    const both = await aRegistry({ assigningAuthorities: [ours, '2.999.8'] })
    await both.addPatient(A, theirs)
    await both.merge(A, B)
    const pairs = { patientIds: [B, id('B', '2.999.8')], subsumedIds: [A, theirs] }
    const before = (await both.contents()).patients
    const half = { ...pairs, subsumedIds: [A, id('nobody', '2.999.8')] }
    expect((await both.feed('merge', half)).typeCode).to.equal('CE')
    expect((await both.contents()).patients).to.deep.equal(before)
    expect((await both.feed('merge', pairs)).typeCode).to.equal('CA')
    expect((await both.context.store.patients.show(theirs))?.survivor).to.equal(id('B', '2.999.8'))
    await both.close()
  })

  it('refuses what is not exactly the merge that stands: links and ends of a chain [ITI TF-2:3.44.4.2.4]', async () => {
    await registry().merge(A, B)
    await registry().merge(B, C)
    await changesNothing(() => registry().merge(A, C), /has already been merged into C/)
    await changesNothing(() => registry().merge(A, B), /has itself been merged into C/)
    expect((await registry().merge(B, C)).typeCode).to.equal('CA')
  })

  it('changes nothing when ids of one authority are not one pair [ITI TF-2:3.44.4.2.4]', async () => {
    const [two, other] = [
      { patientIds: [B, C], subsumedIds: [A] },
      { patientIds: [C], subsumedIds: [A, B] },
    ]
    for (const record of [two, other]) {
      await changesNothing(() => registry().feed('merge', record), /one subsumed and one surviving/)
    }
  })

  it('merges in every domain of the message, all or nothing', async () => {
    const both = await aRegistry({ assigningAuthorities: [ours, '2.999.8'] })
    await both.addPatient(A, B, theirs)
    const record = { patientIds: [B, id('B', '2.999.8')], subsumedIds: [A, theirs] }
    const before = (await both.contents()).patients
    const half = { ...record, subsumedIds: [A, id('nobody', '2.999.8')] }
    expect((await both.feed('merge', half)).typeCode).to.equal('CE')
    expect((await both.contents()).patients).to.deep.equal(before)
    expect((await both.feed('merge', record)).typeCode).to.equal('CA')
    for (const patientId of record.subsumedIds) {
      expect(codesOf(await both.register(aSubmission({ patientId })))).to.deep.equal(['XDSUnknownPatientId'])
    }
    await both.close()
  })

  it('is undone by no message [ITI TF-2:3.44.4.2.4]', async () => {
    await registry().merge(A, B)
    for (const event of ['add', 'revise'] as const) {
      await changesNothing(
        () => registry().feed(event, { patientIds: [A] }),
        /was merged into B.*no message undoes that/,
      )
    }
    expect((await registry().addPatient(A, C)).typeCode).to.equal('CA')
    expect(codesOf(await registry().register(aSubmission({ patientId: A })))).to.deep.equal(['XDSUnknownPatientId'])
  })

  it('leaves a submission that is sent again as it was answered', async () => {
    const replaying = await aRegistry({ resubmission: 'replay' })
    await replaying.addPatient(A, B)
    const submission = aSubmission({ patientId: A })
    await replaying.register(submission)
    await replaying.merge(A, B)
    expect((await replaying.register(submission)).status).to.equal('Success')
    expect(await patientsFound(replaying, B)).to.deep.equal([B])
    await replaying.close()
  })

  async function changesNothing(send: () => ReturnType<TestRegistry['merge']>, why: RegExp): Promise<void> {
    const before = await registry().contents()
    const answer = await send()
    expect(answer.typeCode).to.equal('CE')
    expect(answer.detail).to.match(why)
    expect(await registry().contents()).to.deep.equal(before)
  }
})

describe('the feed under the profile ch-epr', () => {
  const registry = aRegistryForEach({}, 'ch-epr')
  const spid = (digits: string) => id(digits, '2.16.756.5.30.1.127.3.10.3')

  it('asks for the EPR-SPID and one more id [EPR annex 5.1:1.7.1]', async () => {
    expect((await registry().addPatient(A)).detail).to.match(/^the EPR-SPID of the patient .* is missing/)
    expect((await registry().addPatient(spid('1'))).detail).to.match(/^a patient id beside the EPR-SPID is missing/)
    expect((await registry().feed('revise', { patientIds: [A] })).typeCode).to.equal('CE')
    expect((await registry().addPatient(A, spid('1'))).typeCode).to.equal('CA')
  })

  it('reads the EPR-SPID among the other ids of the person too, and nothing else there [EPR annex 5.1:1.7.1]', async () => {
    const otherIds = [spid('1'), id('passport', '2.999.3'), B]
    expect((await registry().feed('add', { patientIds: [A], otherIds })).typeCode).to.equal('CA')
    const known = JSON.stringify((await registry().contents()).patients)
    expect(known).to.contain('A').and.not.to.contain('passport').and.not.to.contain(B)
  })

  it('takes no religion, race, ethnic group or relationship [EPR annex 5.1:1.7.1]', async () => {
    for (const name of ['religiousAffiliationCode', 'raceCode', 'ethnicGroupCode', 'personalRelationship'] as const) {
      const answer = await registry().feed('add', { patientIds: [A, spid('1')], sensitive: [name] })
      expect(answer).to.deep.include({
        typeCode: 'CE',
        detail: `${name} may not be sent [EPR annex 5.1:1.7.1]\n${trace}`,
      })
    }
  })

  it('never takes the EPR-SPID for a patient id of the domain', async () => {
    const submission = aSwissSubmission({ patientId: sampleEprSpid })
    expect(codesOf(await registry().register(submission))).to.deep.equal(['XDSUnknownPatientId'])
    const accepting = await aRegistry({ acceptUnknownPatients: true }, 'ch-epr')
    expect(codesOf(await accepting.register(submission))).to.deep.equal(['XDSUnknownPatientId'])
    await accepting.close()
  })

  it('keeps which EPR-SPID is which patient, through revisions and merges', async () => {
    const { patients } = registry().context.store
    expect(await patients.patientIdOf(sampleEprSpid)).to.equal(samplePatientId)
    expect(await patients.nationalIdsOf(samplePatientId)).to.deep.equal([sampleEprSpid])
    expect([await patients.patientIdOf(spid('9')), await patients.nationalIdsOf(id('nobody'))]).to.deep.equal([
      undefined,
      [],
    ])

    await registry().addPatient(A, spid('1'))
    await registry().feed('revise', { patientIds: [B, spid('2')] })
    await registry().merge(A, B)
    expect(await patients.patientIdOf(spid('1'))).to.equal(B)
    expect(await patients.nationalIdsOf(B)).to.deep.equal([spid('1'), spid('2')])
    // A national id that was given to the wrong patient goes to the right one.
    await registry().feed('revise', { patientIds: [C, spid('2')] })
    expect(await patients.patientIdOf(spid('2'))).to.equal(C)
    expect(await patients.nationalIdsOf(B)).to.deep.equal([spid('1')])
  })
})

function aRegistryForEach(...options: Parameters<typeof aRegistry>): () => TestRegistry {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry(...options)
  })
  afterEach(() => registry.close())
  return () => registry
}

async function patientsFound(registry: TestRegistry, patientId: string): Promise<(string | undefined)[]> {
  const query = { $XDSDocumentEntryPatientId: quote(patientId), $XDSDocumentEntryStatus: anyStatus }
  return (await registry.found('FindDocuments', query)).documentEntries.map(entry => entry.patientId)
}
