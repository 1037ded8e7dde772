// A request with an assertion reaches the objects of one patient: those whom its EPR-SPID means.
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { SoapFault } from '../../soap/fault.js'
import type { Claims } from '../../xua/claims.js'
import { aFolder, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, approved, aRegistry, idsOf, ihe, quote, sampleEprSpid, type TestRegistry } from './a-registry.js'
import { addStatusOrder, anUpdate, aRequest } from './updates.js'

const nationalAuthority = '2.16.756.5.30.1.127.3.10.3'
const otherPatient = 'P-2^^^&2.999.1.2.3&ISO'
const otherSpid = '761337610000000019'
const spid = sampleEprSpid.slice(0, 18)

const claimsFor = (eprSpid: string) => ({ eprSpid }) as Claims
const claims = claimsFor(spid)

describe('a request with the assertion for one patient', () => {
  let registry: TestRegistry
  let theirs: Submission
  let others: Submission
  const idOf = ({ documentEntries: [entry] }: Submission) => entry?.entryUUID ?? ''

  beforeEach(async () => {
    registry = await aRegistry({}, { ...ihe, nationalAuthority })
    await registry.addPatient(otherPatient, `${otherSpid}^^^&${nationalAuthority}&ISO`)
    theirs = aSubmission({ folders: [aFolder()] })
    others = aSubmission({ patientId: otherPatient, folders: [aFolder({ patientId: otherPatient })] })
    for (const submission of [theirs, others]) {
      expect((await registry.register(submission)).errors).to.deep.equal([])
    }
  })
  afterEach(() => registry.close())

  /** In words for the log; nothing of them is on the wire. */
  async function refusalOf(answer: Promise<unknown>): Promise<string | undefined> {
    try {
      await answer
    } catch (problem) {
      if (problem instanceof SoapFault && !problem.message.includes('P-2')) return problem.inside
      throw problem
    }
    return undefined
  }

  it('finds what is theirs and is refused for another [EPR annex 5.1:1.6.4.2] [ITI TF-2:3.40.4.1.3]', async () => {
    const query = (patientId: string, asserted = claims) =>
      registry.query(
        'FindDocuments',
        { $XDSDocumentEntryPatientId: quote(patientId), $XDSDocumentEntryStatus: approved },
        { claims: asserted },
      )
    expect((await query(samplePatientId)).registryObjects).to.have.length.greaterThan(0)
    expect(await refusalOf(query(otherPatient))).to.match(
      /EPR-SPID 761337610000000002, which is P-1.*the request is for P-2/,
    )
    expect(await refusalOf(query('P-3^^^&2.999.1.2.3&ISO'))).to.match(/the request is for P-3/)
    expect(await refusalOf(query(samplePatientId, claimsFor('761337610411353650')))).to.match(/told nobody of/)
  })

  const byIds: [query: string, parameters: (ids: string[], submissions: Submission[]) => Record<string, string>][] = [
    ['GetDocuments', ids => ({ $XDSDocumentEntryEntryUUID: `(${ids.map(quote)})` })],
    [
      'GetDocuments',
      (_, all) => ({
        $XDSDocumentEntryUniqueId: `(${all.map(each => quote(each.documentEntries[0]?.uniqueId ?? ''))})`,
      }),
    ],
    [
      'GetFolders',
      (_, all) => ({ $XDSFolderEntryUUID: `(${all.map(each => quote(each.folders[0]?.entryUUID ?? ''))})` }),
    ],
    ['GetAssociations', ids => ({ $uuid: `(${ids.map(quote)})`, $XDSAssociationStatus: anyStatus })],
    ['GetSubmissionSets', ids => ({ $uuid: `(${ids.map(quote)})` })],
    ['GetDocumentsAndAssociations', ids => ({ $XDSDocumentEntryEntryUUID: `(${ids.map(quote)})` })],
  ]
  for (const [name, parameters] of byIds) {
    it(`finds by ${name} nothing of others, whatever ids it names`, async () => {
      const found = async (ids: Submission[], asserted?: Claims) => {
        const asking = { returnType: 'ObjectRef', ...(asserted === undefined ? {} : { claims: asserted }) }
        const { status, registryObjects } = await registry.query(name, parameters(ids.map(idOf), ids), asking)
        expect(status).to.equal('Success')
        return registryObjects.length
      }
      const [own, both] = [await found([theirs]), await found([theirs, others])]
      expect(own).to.be.greaterThan(0)
      expect(both).to.equal(2 * own)
      expect(await found([theirs, others], claims)).to.equal(own)
      expect(await found([others], claims)).to.equal(0)
      expect(await found([others], claimsFor('761337610411353650'))).to.equal(0)
    })
  }

  it('finds no submission of others by its contents', async () => {
    const parameters = { $XDSSubmissionSetEntryUUID: quote(others.submissionSets[0]?.entryUUID ?? '') }
    const all = await registry.found('GetSubmissionSetAndContents', parameters)
    expect(idsOf(all.documentEntries)).to.deep.equal([idOf(others)])
    const seen = await registry.found('GetSubmissionSetAndContents', parameters, { claims })
    expect([seen.documentEntries, seen.submissionSets, seen.associations]).to.deep.equal([[], [], []])
  })

  it('asks for many only where they are one [ITI TF-2:3.51.4.1]', async () => {
    const many = await aRegistry({ multiPatientQueries: true }, { ...ihe, nationalAuthority })
    try {
      await many.register(aSubmission())
      const query = (...ids: string[]) =>
        many.queryMany(
          'FindDocumentsForMultiplePatients',
          {
            $XDSDocumentEntryPatientId: `(${ids.map(quote)})`,
            $XDSDocumentEntryStatus: approved,
            $XDSDocumentEntryClassCode: "('422735006^^2.16.840.1.113883.6.96')",
          },
          { claims },
        )
      expect((await query(samplePatientId)).status).to.equal('Success')
      expect(await refusalOf(query(samplePatientId, otherPatient))).to.match(/the request is for P-2/)
    } finally {
      await many.close()
    }
  })

  it('registers for them and for nobody else, and changes nothing of others', async () => {
    expect((await registry.register(aSubmission(), { claims })).status).to.equal('Success')
    const before = await registry.contents()
    expect(await refusalOf(registry.register(aSubmission({ patientId: otherPatient }), { claims }))).to.match(
      /is for P-2/,
    )
    const mixed = aSubmission({ documentEntry: { patientId: otherPatient } })
    expect(await refusalOf(registry.register(mixed, { claims }))).to.match(/is for P-2/)
    const linked = aSubmission()
    const [entry] = linked.documentEntries
    linked.associations.push(
      anAssociation({ associationType: 'RPLC', sourceObject: entry?.entryUUID ?? '', targetObject: idOf(others) }),
    )
    expect(await refusalOf(registry.register(linked, { claims }))).to.match(/is for P-2.*whose object/)
    expect(await registry.contents()).to.deep.equal(before)
  })

  it('updates nothing of others [ITI TF-2:3.57.4.1.3]', async () => {
    const [own] = theirs.documentEntries
    const [foreign] = others.documentEntries
    if (own === undefined || foreign === undefined) throw new Error('there are no entries')
    const before = await registry.contents()
    const stolen = anUpdate(foreign, { patientId: samplePatientId })
    expect(await refusalOf(registry.update(stolen, { claims }))).to.match(/is for P-2/)
    expect(await refusalOf(registry.restrictedUpdate(stolen, { claims }))).to.match(/is for P-2/)
    const order = aRequest()
    addStatusOrder(order, foreign.entryUUID)
    expect(await refusalOf(registry.update(order, { claims }))).to.match(/is for P-2/)
    expect(await registry.contents()).to.deep.equal(before)
    expect((await registry.update(anUpdate(own, { mimeType: own.mimeType }), { claims })).errors).to.deep.equal([])
  })

  it('removes nothing of others [ITI TF-2:3.62.4.1.3]', async () => {
    const idsIn = ({ submissionSets, documentEntries, folders, associations }: Submission) =>
      [...submissionSets, ...documentEntries, ...folders, ...associations].map(({ entryUUID }) => entryUUID)
    const before = await registry.contents()
    expect(await refusalOf(registry.removing({ entryUUIDs: idsIn(others) }, { claims }))).to.match(/is for P-2/)
    expect(await registry.contents()).to.deep.equal(before)
    expect((await registry.removing({ entryUUIDs: idsIn(theirs) }, { claims })).errors).to.deep.equal([])
  })

  it('takes a merged id for the one that has survived [ITI TF-2:3.44.4.2.4]', async () => {
    await registry.merge(otherPatient, samplePatientId)
    const found = await registry.found(
      'GetDocuments',
      { $XDSDocumentEntryEntryUUID: `(${quote(idOf(others))})` },
      { claims },
    )
    expect(idsOf(found.documentEntries)).to.deep.equal([idOf(others)])
    const query = registry.query(
      'FindDocuments',
      { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved },
      { claims: claimsFor(otherSpid) },
    )
    expect((await query).status).to.equal('Success')
  })

  it('is held to nothing without an EPR-SPID', async () => {
    const plain = { ...claims, eprSpid: undefined } as Claims
    const parameters = { $XDSDocumentEntryEntryUUID: `(${quote(idOf(others))})` }
    expect((await registry.found('GetDocuments', parameters, { claims: plain })).documentEntries).to.have.length(1)
  })
})
