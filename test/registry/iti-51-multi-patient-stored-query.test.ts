import { expect } from 'chai'
import { multiPatientQueries } from '../../registry/queries/multi-patient-queries.js'
import { aDomainOf } from '../affinity/a-domain-folder.js'
import {
  aCode,
  aDocumentEntry,
  aFolder,
  anAssociation,
  anOnDemandEntry,
  aSubmission,
  samplePatientId,
} from '../samples/submission.js'
import {
  approved,
  aRegistry,
  codesOf,
  decodedList,
  idsOf,
  type QueryParameters,
  quote,
  type TestRegistry,
} from './a-registry.js'
import { heldBySet } from './submissions.js'

const patients = ['A', 'B', 'C'].map(id => `${id}^^^&2.999.1.2.3&ISO`)
const event = aCode('outbreak', 'Outbreak', '2.999.7')
const byEvent = { $XDSDocumentEntryEventCodeList: "('outbreak^^2.999.7')", $XDSDocumentEntryStatus: approved }
const byPatients = (...ids: string[]) => ({
  $XDSDocumentEntryPatientId: `(${ids.map(quote).join(',')})`,
  $XDSDocumentEntryStatus: approved,
})
const documents = 'FindDocumentsForMultiplePatients'
const folders = 'FindFoldersForMultiplePatients'

describe('ITI-51 Multi-Patient Stored Query', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry({ multiPatientQueries: true })
    await registry.addPatient(...patients)
  })
  afterEach(() => registry.close())

  async function found(name: string, parameters: QueryParameters) {
    const { status, errors, registryObjects } = await registry.queryMany(name, parameters)
    expect(errors).to.deep.equal([])
    expect(status).to.equal('Success')
    return decodedList(registryObjects)
  }

  /** An entry with the event code for each patient, and one without. */
  async function filled(): Promise<string[]> {
    const withEvent: string[] = []
    for (const patientId of patients) {
      const documentEntries = [aDocumentEntry({ patientId, eventCodeList: [event] }), aDocumentEntry({ patientId })]
      await registry.register(aSubmission({ patientId, documentEntries }))
      withEvent.push(documentEntries[0]?.entryUUID ?? '')
    }
    return withEvent.sort()
  }

  it('is not answered unless the deployment wants it', async () => {
    const plain = await aRegistry()
    const response = await plain.queryMany(documents, byEvent)
    expect(codesOf(response)).to.deep.equal(['XDSRegistryError'])
    expect(response.errors[0]?.codeContext).to.contain('registry.multiPatientQueries')
    await plain.close()
  })

  it('finds by a code the documents of all patients, as objects and as references [ITI TF-2:3.51.4.1.2.1.1]', async () => {
    const withEvent = await filled()
    const { documentEntries } = await found(documents, byEvent)
    expect(idsOf(documentEntries)).to.deep.equal(withEvent)
    expect(documentEntries.map(entry => entry.patientId).sort()).to.deep.equal(patients)
    const references = await registry.queryMany(documents, byEvent, { returnType: 'ObjectRef' })
    const ids = decodedList(references.registryObjects).objectRefs.map(({ id }) => id)
    expect(ids.sort()).to.deep.equal(withEvent)
  })

  it('finds the documents of several patients, of nobody else, and of each once [ITI TF-2:3.51.4.1.2.1.1]', async () => {
    await filled()
    const [a, b] = patients as [string, string]
    const { documentEntries } = await found(documents, byPatients(a, b, a))
    expect(documentEntries.map(entry => entry.patientId)).to.deep.equal([a, a, b, b])
  })

  it('looks through everything in steps, and misses nothing between them [ITI TF-2:3.51.4.1.2.1.1]', async function () {
    this.timeout(60_000)
    const wanted: string[] = []
    for (let count = 0; count < 9; count++) {
      const documentEntries = Array.from({ length: 600 }, (_, at) =>
        aDocumentEntry({ patientId: patients[0], eventCodeList: at % 300 === 0 ? [event] : [] }),
      )
      wanted.push(
        ...documentEntries.filter(({ eventCodeList }) => eventCodeList.length > 0).map(each => each.entryUUID),
      )
      expect(codesOf(await registry.register(aSubmission({ patientId: patients[0]!, documentEntries })))).to.deep.equal(
        [],
      )
    }
    const { documentEntries } = await found(documents, byEvent)
    expect(idsOf(documentEntries)).to.deep.equal(wanted.sort())
  })

  it('shows stable entries alone unless on-demand ones are asked for [ITI TF-2:3.18.4.1.2.3.6.2]', async () => {
    const [patientId] = patients as [string]
    const onDemand = aSubmission({
      patientId,
      documentEntries: [anOnDemandEntry({ patientId, eventCodeList: [event] })],
    })
    await registry.registerOnDemand(onDemand)
    expect((await found(documents, byEvent)).documentEntries).to.deep.equal([])
    const type = { $XDSDocumentEntryType: "('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')" }
    expect(idsOf((await found(documents, { ...byEvent, ...type })).documentEntries)).to.deep.equal(
      idsOf(onDemand.documentEntries),
    )
  })

  for (const parameter of [
    { $XDSDocumentEntryClassCode: "('x^^2.999')" },
    { $XDSDocumentEntryEventCodeList: "('x^^2.999')" },
    { $XDSDocumentEntryHealthcareFacilityTypeCode: "('x^^2.999')" },
    { $XDSDocumentEntryPatientId: `(${quote(patients[0] ?? '')})` },
  ]) {
    it(`is content with ${Object.keys(parameter)[0]} [ITI TF-2:3.51.4.1.2.1.1]`, async () => {
      const answer = await found(documents, { ...parameter, $XDSDocumentEntryStatus: approved } as QueryParameters)
      expect(answer.documentEntries).to.deep.equal([])
    })
  }

  it('refuses a query that would return everything [ITI TF-2:3.51.4.1.2.1.1]', async () => {
    const response = await registry.queryMany(documents, {
      $XDSDocumentEntryStatus: approved,
      $XDSDocumentEntryTypeCode: "('x^^2.999')",
    })
    expect(codesOf(response)).to.deep.equal(['XDSStoredQueryMissingParam'])
    expect(response.errors[0]?.codeContext).to.contain('at least one of $XDSDocumentEntryPatientId')
    expect(codesOf(await registry.queryMany(folders, { $XDSFolderStatus: approved }))).to.deep.equal([
      'XDSStoredQueryMissingParam',
    ])
  })

  it('refuses a query without a status [ITI TF-2:3.51.4.1.2.1.1]', async () => {
    const { $XDSDocumentEntryStatus: _, ...parameters } = byEvent
    expect(codesOf(await registry.queryMany(documents, parameters))).to.deep.equal(['XDSStoredQueryMissingParam'])
  })

  it('finds Folders by code and by patient [ITI TF-2:3.51.4.1.2.1.2]', async () => {
    const made = patients.map(patientId => aFolder({ patientId, codeList: [event] }))
    for (const [index, patientId] of patients.entries()) {
      const folder = made[index]!
      const submission = aSubmission({ patientId, folders: [folder] })
      const targetObject = submission.documentEntries[0]?.entryUUID ?? ''
      const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject })
      submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
      expect(codesOf(await registry.register(submission))).to.deep.equal([])
    }
    const byCode = { $XDSFolderCodeList: "('outbreak^^2.999.7')", $XDSFolderStatus: approved }
    expect(idsOf((await found(folders, byCode)).folders)).to.deep.equal(idsOf(made))
    const ofTwo = { $XDSFolderPatientId: patients.slice(1).map(id => `(${quote(id)})`), $XDSFolderStatus: approved }
    expect(idsOf((await found(folders, ofTwo)).folders)).to.deep.equal(idsOf(made.slice(1)))
  })

  it('finds by a reference id the documents of all patients [CP-ITI-793]', async () => {
    const reference = 'r1^^^&2.999.4&ISO^urn:x'
    for (const patientId of patients) {
      await registry.register(aSubmission({ patientId, documentEntry: { referenceIdList: [reference] } }))
    }
    const parameters = { $XDSDocumentEntryReferenceIdList: `(${quote(reference)})`, $XDSDocumentEntryStatus: approved }
    const name = 'FindDocumentsByReferenceIdForMultiplePatients'
    expect((await found(name, parameters)).documentEntries).to.have.length(3)
  })

  it('answers its own queries alone [ITI TF-2:3.51.4.1.2.2]', async () => {
    expect([...multiPatientQueries.keys()]).to.deep.equal([
      'urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f',
      'urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df',
      'urn:uuid:1191642d-86c4-42d8-b784-f95445f9f0d5',
    ])
    const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
    expect(codesOf(await registry.queryMany(findDocuments, byEvent))).to.deep.equal(['XDSUnknownStoredQuery'])
    const [mine] = multiPatientQueries.keys()
    expect(codesOf(await registry.query(mine ?? '', byEvent))).to.deep.equal(['XDSUnknownStoredQuery'])
  })

  for (const returnType of ['LeafClass', 'ObjectRef']) {
    it(`refuses to answer more than is bearable, with or without patients, as ${returnType} [ITI TF-2:3.18.4.1.2.6]`, async () => {
      await registry.close()
      registry = await aRegistry({ multiPatientQueries: true, maxResults: 1 })
      await registry.addPatient(...patients)
      const documentEntries = Array.from({ length: 21 }, () =>
        aDocumentEntry({ patientId: patients[0], eventCodeList: [event] }),
      )
      await registry.register(aSubmission({ patientId: patients[0]!, documentEntries }))
      for (const parameters of [byEvent, byPatients(patients[0]!)]) {
        const response = await registry.queryMany(documents, parameters, { returnType })
        expect(codesOf(response)).to.deep.equal(['XDSTooManyResults'])
        expect(response.registryObjects).to.deep.equal([])
      }
    })
  }

  it('names the unknown ones of the patients where the domain wants that [ITI TF-2:3.18.4.1.3]', async () => {
    await registry.close()
    registry = await aRegistry({ multiPatientQueries: true, unknownPatientQuery: 'error' })
    await registry.addPatient(patients[0]!)
    const response = await registry.queryMany(documents, byPatients(...patients))
    expect(codesOf(response)).to.deep.equal(['XDSUnknownPatientId', 'XDSUnknownPatientId'])
  })

  it('does not find what the affinity domain hides [CH-EPR deletionStatus]', async () => {
    const name = 'urn:e-health-suisse:2019:deletionStatus'
    const hiddenFromQueries = { attribute: `DocumentEntry.${name}`, values: ['gone'], clause: 'Own 1' }
    const domain = await aDomainOf({ 'domain.json': { name: 'hiding', hiddenFromQueries } })
    const hiding = await aRegistry({ multiPatientQueries: true }, domain)
    const documentEntries = [
      aDocumentEntry({ eventCodeList: [event], extraMetadata: [{ name, values: ['gone'] }] }),
      aDocumentEntry({ eventCodeList: [event] }),
    ]
    await hiding.register(aSubmission({ documentEntries }))
    for (const parameters of [byEvent, byPatients(samplePatientId)]) {
      const { registryObjects } = await hiding.queryMany(documents, parameters)
      expect(idsOf(decodedList(registryObjects).documentEntries)).to.deep.equal([documentEntries[1]?.entryUUID])
    }
    await hiding.close()
  })

  it('tells the audit whose documents it has shown when nobody was named [ITI TF-2:3.51.5.1]', async () => {
    await filled()
    expect((await registry.queryMany(documents, byEvent)).patientIds?.toSorted()).to.deep.equal(patients)
    expect(await registry.queryMany(documents, byPatients(patients[0]!))).to.not.have.property('patientIds')
  })
})
