import { expect } from 'chai'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { storedQueries } from '../../registry/queries/stored-queries.js'
import {
  aCode,
  aDocumentEntry,
  aFolder,
  anAssociation,
  anAuthor,
  anOnDemandEntry,
  aSubmission,
  aUuid,
  samplePatientId,
} from '../samples/submission.js'
import {
  anyStatus,
  approved,
  aRegistry,
  codesOf,
  decodedList,
  idsOf,
  type QueryParameters,
  quote,
  type TestRegistry,
} from './a-registry.js'
import { aFolderHolding, heldBySet, replacing } from './submissions.js'

const other = 'other^^^&2.999.1.2.3&ISO'
const patient = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved }
const stable = "('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')"
const onDemand = "('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')"

describe('ITI-18 Registry Stored Query', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  const idOf = (submission: Submission, index = 0) => submission.documentEntries[index]?.entryUUID ?? ''
  const entriesFor = async (parameters: QueryParameters) =>
    (await registry.found('FindDocuments', { ...patient, ...parameters })).documentEntries.map(entry => entry.entryUUID)

  /** Registers one entry for each change and gives their ids. */
  async function registered(...changes: Parameters<typeof aDocumentEntry>[0][]): Promise<string[]> {
    const documentEntries = changes.map(change => aDocumentEntry(change))
    expect(codesOf(await registry.register(aSubmission({ documentEntries })))).to.deep.equal([])
    return documentEntries.map(entry => entry.entryUUID)
  }

  describe('the request', () => {
    it('answers all 14 queries, and one that is not in the text yet [ITI TF-2:3.18.4.1.2.4, CP-ITI-1323]', () => {
      expect(storedQueries.size).to.equal(15)
      expect(storedQueries.get('urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435')?.name).to.equal('FindDocumentsExclude')
    })

    it('refuses a query it does not know [ITI TF-2:3.18.4.1.3]', async () => {
      expect(codesOf(await registry.query(aUuid(), {}))).to.deep.equal(['XDSUnknownStoredQuery'])
    })

    it('refuses a returnType that is none [ITI TF-2:3.18.4.1.2.3.1]', async () => {
      const response = await registry.query('FindDocuments', patient, { returnType: 'RegistryObject' })
      expect(codesOf(response)).to.deep.equal(['XDSRegistryError'])
      expect(response.errors[0]?.codeContext).to.contain('LeafClass or ObjectRef')
    })

    it('takes the home it is asked with, whichever it is, and answers with its own [ITI TF-2:3.18.4.1.3]', async () => {
      await registered({})
      for (const home of ['urn:oid:2.999.10', 'urn:oid:2.999.9']) {
        const { documentEntries } = await registry.found('FindDocuments', patient, { home })
        expect(documentEntries.map(entry => entry.homeCommunityId)).to.deep.equal(['urn:oid:2.999.9'])
      }
    })

    it('answers ObjectRefs with home [ITI TF-2:3.18.4.1.2.3.1]', async () => {
      const [id] = await registered({})
      const { objectRefs, documentEntries } = await registry.found('FindDocuments', patient, {
        returnType: 'ObjectRef',
      })
      expect(objectRefs).to.deep.equal([{ id, home: 'urn:oid:2.999.9' }])
      expect(documentEntries).to.deep.equal([])
    })

    it('answers an empty list when nothing matches [ITI TF-2:3.18.4.1.3]', async () => {
      expect(await registry.query('FindDocuments', patient)).to.deep.equal({
        status: 'Success',
        errors: [],
        registryObjects: [],
      })
    })

    it('refuses more objects than it may send, and still gives references [ITI TF-2:3.18.4.1.2.6]', async () => {
      registry.context.config = { ...registry.context.config, maxResults: 2 }
      await registered({}, {}, {})
      expect(codesOf(await registry.query('FindDocuments', patient))).to.deep.equal(['XDSTooManyResults'])
      const { objectRefs } = await registry.found('FindDocuments', patient, { returnType: 'ObjectRef' })
      expect(objectRefs).to.have.length(3)
    })
  })

  describe('an unknown patient [ITI TF-2:3.18.4.1.3]', () => {
    const nobody = { ...patient, $XDSDocumentEntryPatientId: "'nobody^^^&2.999.1.2.3&ISO'" }

    it('has no documents', async () => {
      expect((await registry.query('FindDocuments', nobody)).status).to.equal('Success')
    })

    it('is an error where the domain wants it so', async () => {
      registry.context.config = { ...registry.context.config, unknownPatientQuery: 'error' }
      expect(codesOf(await registry.query('FindDocuments', nobody))).to.deep.equal(['XDSUnknownPatientId'])
      expect((await registry.query('FindDocuments', patient)).status).to.equal('Success')
    })

    it('may as well be no patient id at all', async () => {
      const response = await registry.query('FindDocuments', { ...patient, $XDSDocumentEntryPatientId: "'nobody'" })
      expect(response.status).to.equal('Success')
    })
  })

  describe('parameters', () => {
    const codes = async (parameters: QueryParameters, name = 'FindDocuments') =>
      codesOf(await registry.query(name, parameters))

    it('names every required one that is missing [ITI TF-2:3.18.4.1.2.3.7.1]', async () => {
      expect(await codes({})).to.deep.equal(['XDSStoredQueryMissingParam', 'XDSStoredQueryMissingParam'])
      expect(await codes({}, 'GetAll')).to.have.length(4)
    })

    it('passes over those it does not know', async () => {
      expect(await codes({ ...patient, $XDSDocumentEntryColour: "('blue')" })).to.deep.equal([])
    })

    it('passes over a status it does not know [ITI TF-2:3.18.4.1.2.3.6]', async () => {
      const [id] = await registered({})
      const found = await entriesFor({ $XDSDocumentEntryStatus: ["('urn:example:Odd')", approved] })
      expect(found).to.deep.equal([id])
    })

    it('misses the status when it knows none of them [ITI TF-2:3.18.4.1.2.3.6]', async () => {
      const response = await codes({ ...patient, $XDSDocumentEntryStatus: "('urn:example:Odd')" })
      expect(response).to.deep.equal(['XDSStoredQueryMissingParam'])
    })

    it('refuses several values where one is asked for [ITI TF-2:3.18.4.1.2.3.5]', async () => {
      const twice = { ...patient, $XDSDocumentEntryPatientId: `(${quote(samplePatientId)},${quote(other)})` }
      expect(await codes(twice)).to.deep.equal(['XDSStoredQueryParamNumber'])
    })

    it('takes one value in parentheses where one is asked for', async () => {
      const [id] = await registered({})
      expect(await entriesFor({ $XDSDocumentEntryPatientId: `(${quote(samplePatientId)})` })).to.deep.equal([id])
    })

    it('refuses a repeated Slot where AND has no meaning [ITI TF-2:3.18.4.1.2.3.5]', async () => {
      const twice = { ...patient, $XDSDocumentEntryClassCode: [["('a^^s')"], ["('b^^s')"]] }
      expect(await codes(twice)).to.deep.equal(['XDSStoredQueryParamNumber'])
    })

    it('refuses both or none of entryUUID and uniqueId [ITI TF-2:3.18.4.1.2.3.7.5]', async () => {
      const both = { $XDSDocumentEntryEntryUUID: `('${aUuid()}')`, $XDSDocumentEntryUniqueId: "('1.2')" }
      expect(await codes(both, 'GetDocuments')).to.deep.equal(['XDSStoredQueryParamNumber'])
      expect(await codes({}, 'GetDocuments')).to.deep.equal(['XDSStoredQueryMissingParam'])
    })

    for (const [title, value] of [
      ['a code without a scheme', "('a')"],
      ['a code with too many parts', "('a^^b^c')"],
      ['a code with something between', "('a^b^c')"],
      ['an open quote', "('a^^s"],
      ['an open parenthesis', "('a^^s'"],
      ['a text without quotes', '(a^^s)'],
      ['a missing comma', "('a^^s' 'b^^s')"],
      ['an empty list', '()'],
      ['an empty member', "('a^^s',)"],
      ['a list in a list', "(('a^^s'))"],
      ['something behind the list', "('a^^s'); DROP TABLE document_entries"],
      ['nothing', ''],
    ] as const) {
      it(`refuses ${title} [ITI TF-2:3.18.4.1.2.3.5]`, async () => {
        const response = await registry.query('FindDocuments', { ...patient, $XDSDocumentEntryClassCode: value })
        expect(codesOf(response)).to.deep.equal(['XDSRegistryError'])
        expect(response.errors[0]?.codeContext).to.contain('$XDSDocumentEntryClassCode')
      })
    }

    it('refuses a time that is none [ITI TF-2:3.18.4.1.2.3.3]', async () => {
      expect(await codes({ ...patient, $XDSDocumentEntryCreationTimeFrom: "'yesterday'" })).to.deep.equal([
        'XDSRegistryError',
      ])
    })

    it('takes 1 and 2 as $MetadataLevel, and nothing else', async () => {
      expect(await codes({ ...patient, $MetadataLevel: '1' })).to.deep.equal([])
      expect(await codes({ ...patient, $MetadataLevel: "'2'" })).to.deep.equal([])
      expect(await codes({ ...patient, $MetadataLevel: '3' })).to.deep.equal(['XDSRegistryError'])
    })

    it('joins the values of all rim:Value elements of a Slot [ITI TF-2:3.18.4.1.2.3.5]', async () => {
      const ids = await registered({}, {}, {})
      const $XDSDocumentEntryEntryUUID = [`('${ids[0]}','${ids[1]}')`, `('${ids[2]}')`]
      expect(
        idsOf((await registry.found('GetDocuments', { $XDSDocumentEntryEntryUUID })).documentEntries),
      ).to.deep.equal([...ids].sort())
    })
  })

  describe('FindDocuments [ITI TF-2:3.18.4.1.2.3.7.1]', () => {
    it('finds documents of the patient only', async () => {
      await registry.addPatient(other)
      await registry.register(aSubmission({ patientId: other }))
      const [id] = await registered({})
      expect(await entriesFor({})).to.deep.equal([id])
    })

    for (const [attribute, parameter] of [
      ['classCode', '$XDSDocumentEntryClassCode'],
      ['typeCode', '$XDSDocumentEntryTypeCode'],
      ['practiceSettingCode', '$XDSDocumentEntryPracticeSettingCode'],
      ['healthcareFacilityTypeCode', '$XDSDocumentEntryHealthcareFacilityTypeCode'],
      ['formatCode', '$XDSDocumentEntryFormatCode'],
    ] as const) {
      it(`by ${attribute}: code and scheme, any of those given`, async () => {
        const [a, b] = await registered(
          { [attribute]: aCode('a', 'A', '2.999.1') },
          { [attribute]: aCode('b', 'B', '2.999.1') },
          { [attribute]: aCode('a', 'A', '2.999.2') },
        )
        expect(await entriesFor({ [parameter]: "('a^^2.999.1')" })).to.deep.equal([a])
        expect(await entriesFor({ [parameter]: "('a^^2.999.1','b^^2.999.1')" })).to.deep.equal([a, b])
        expect(await entriesFor({ [parameter]: "('c^^2.999.1')" })).to.deep.equal([])
      })
    }

    for (const [attribute, parameter] of [
      ['eventCodeList', '$XDSDocumentEntryEventCodeList'],
      ['confidentialityCode', '$XDSDocumentEntryConfidentialityCode'],
    ] as const) {
      it(`by ${attribute}: OR within a Slot, AND between Slots [ITI TF-2:3.18.4.1.2.3.5]`, async () => {
        const [a, b, c] = ['a', 'b', 'c'].map(code => aCode(code, code, '2.999.1')) as [
          ReturnType<typeof aCode>,
          ReturnType<typeof aCode>,
          ReturnType<typeof aCode>,
        ]
        const [ab, ac, bc] = await registered({ [attribute]: [a, b] }, { [attribute]: [a, c] }, { [attribute]: [b, c] })
        expect(await entriesFor({ [parameter]: "('a^^2.999.1')" })).to.deep.equal([ab, ac])
        expect(await entriesFor({ [parameter]: [["('a^^2.999.1','b^^2.999.1')"], ["('c^^2.999.1')"]] })).to.deep.equal([
          ac,
          bc,
        ])
      })
    }

    it('by times: From is inclusive, To exclusive, short ones their first instant [ITI TF-2:3.18.4.1.2.3.3]', async () => {
      const [start, year, late] = await registered(
        { creationTime: '20260401' },
        { creationTime: '2026' },
        { creationTime: '20260401120000' },
      )
      expect(await entriesFor({ $XDSDocumentEntryCreationTimeFrom: "'20260401'" })).to.deep.equal([start, late])
      expect(await entriesFor({ $XDSDocumentEntryCreationTimeTo: '20260401' })).to.deep.equal([year])
      expect(await entriesFor({ $XDSDocumentEntryCreationTimeTo: "'202604011200'" })).to.deep.equal([start, year])
      expect(await entriesFor({ $XDSDocumentEntryCreationTimeFrom: "'202604011400+0200'" })).to.deep.equal([late])
    })

    it('by service times: an entry without them passes', async () => {
      const [none, early] = await registered(
        {},
        { serviceStartTime: '20250101', serviceStopTime: '20250102' },
        { serviceStartTime: '20260101', serviceStopTime: '20260102' },
      )
      expect(await entriesFor({ $XDSDocumentEntryServiceStartTimeTo: "'2026'" })).to.deep.equal([none, early])
      expect(await entriesFor({ $XDSDocumentEntryServiceStopTimeTo: "'2026'" })).to.deep.equal([none, early])
    })

    it('by type: stable alone unless on-demand is asked for [ITI TF-2:3.18.4.1.2.3.6.2]', async () => {
      const [a, b] = await registered({}, {})
      await registry.sql('UPDATE document_entries SET type = 2, creation_time = NULL WHERE entry_uuid = ?', b ?? '')
      expect(await entriesFor({})).to.deep.equal([a])
      expect(await entriesFor({ $XDSDocumentEntryType: stable })).to.deep.equal([a])
      expect(await entriesFor({ $XDSDocumentEntryType: onDemand })).to.deep.equal([b])
      const both = [onDemand, stable]
      expect(await entriesFor({ $XDSDocumentEntryType: both })).to.deep.equal([a, b])
      // Filters on the creation time are not for on-demand entries.
      expect(
        await entriesFor({ $XDSDocumentEntryType: both, $XDSDocumentEntryCreationTimeFrom: "'2099'" }),
      ).to.deep.equal([b])
    })

    it('by author person: % and _ are wildcards, case matters, the rest is literal [ITI TF-2: Appendix F]', async () => {
      const [tanner, brien, odd] = await registered(
        { author: [anAuthor({ authorPerson: '8802^Tanner^Mia' })] },
        { author: [anAuthor({ authorPerson: '^Muster^Max' }), anAuthor({ authorPerson: "^O'Brien^Ann" })] },
        { author: [anAuthor({ authorPerson: '^A*?[b]^X' })] },
      )
      const by = (...patterns: string[]) =>
        entriesFor({ $XDSDocumentEntryAuthorPerson: `(${patterns.map(quote).join()})` })
      expect(await by('%Tanner%')).to.deep.equal([tanner])
      expect(await by('8802^Tann_r^Mia')).to.deep.equal([tanner])
      expect(await by('%tanner%')).to.deep.equal([])
      expect(await by("%O'Brien%")).to.deep.equal([brien])
      expect(await by('%Tanner%', '%Muster%')).to.deep.equal([tanner, brien])
      expect(await by('%*?[b]%')).to.deep.equal([odd])
      expect(await by('*')).to.deep.equal([])
      expect(await by('%')).to.deep.equal([tanner, brien, odd])
    })

    it('by author person: very many patterns and very long ones find the same [ITI TF-2: Appendix F]', async () => {
      const [tanner, odd] = await registered(
        { author: [anAuthor({ authorPerson: '8802^Tanner^Mia' }), anAuthor({ authorPerson: '^Roe^Ann' })] },
        { author: [anAuthor({ authorPerson: '^A*?[b]^X' })] },
        { author: [] },
      )
      const others = Array.from({ length: 1_000 }, (_, index) => `%x${index}_`)
      const by = (...patterns: string[]) =>
        entriesFor({ $XDSDocumentEntryAuthorPerson: `(${[...patterns, ...others].map(quote).join()})` })
      expect(await by()).to.deep.equal([])
      expect(await by('%Ta_ner%')).to.deep.equal([tanner])
      expect(await by('^Roe^Ann', '%*?[b]%')).to.deep.equal([tanner, odd])
      expect(await by(`${'%'.repeat(60_000)}Mia`)).to.deep.equal([tanner])
    })

    it('compares in normal form C [ITI TF-2: Appendix F]', async () => {
      const [id] = await registered({ author: [anAuthor({ authorPerson: '^Mu\u0308ller^A' })] })
      expect(await entriesFor({ $XDSDocumentEntryAuthorPerson: "('%M\u00fcller%')" })).to.deep.equal([id])
    })

    it('by availability of the document: online unless an entry says otherwise', async () => {
      const [online, offline] = await registered(
        {},
        { documentAvailability: 'urn:ihe:iti:2010:DocumentAvailability:Offline' },
      )
      const by = (value: string) =>
        entriesFor({
          $XDSDocumentEntryDocumentAvailability: `('urn:ihe:iti:2010:DocumentAvailability:${value}')`,
          $MetadataLevel: '2',
        })
      expect(await by('Online')).to.deep.equal([online])
      expect(await by('Offline')).to.deep.equal([offline])
    })

    it('hides what is offline, and Folders that are Deprecated, unless $MetadataLevel is 2', async () => {
      const [online, offline] = await registered(
        {},
        { documentAvailability: 'urn:ihe:iti:2010:DocumentAvailability:Offline' },
      )
      expect(await entriesFor({})).to.deep.equal([online])
      expect(await entriesFor({ $MetadataLevel: '2' })).to.deep.equal([online, offline])
      await registry.register(aSubmission({ documentEntries: [], folders: [aFolder()] }))
      await registry.sql('UPDATE folders SET status = 2')
      const folders = { $XDSFolderPatientId: quote(samplePatientId), $XDSFolderStatus: anyStatus }
      expect((await registry.found('FindFolders', folders)).folders).to.deep.equal([])
      expect((await registry.found('FindFolders', { ...folders, $MetadataLevel: '2' })).folders).to.have.length(1)
    })

    it('hides earlier versions unless $MetadataLevel is 2', async () => {
      const [old, current] = await registered({}, {})
      await registry.sql('UPDATE document_entries SET latest = 0 WHERE entry_uuid = ?', old ?? '')
      expect(await entriesFor({})).to.deep.equal([current])
      expect(await entriesFor({ $MetadataLevel: '2' })).to.deep.equal([old, current])
    })

    it('returns a replaced entry that is the latest version of its own', async () => {
      const first = aSubmission()
      await registry.register(first)
      await registry.register(replacing(idOf(first)))
      const found = await registry.found('FindDocuments', { ...patient, $XDSDocumentEntryStatus: anyStatus })
      expect(found.documentEntries).to.have.length(2)
    })
  })

  it('FindDocumentsByReferenceId: OR within a Slot, AND between Slots [ITI TF-2:3.18.4.1.2.3.7.14]', async () => {
    const id = (value: string) => `${value}^^^&2.999.4&ISO^urn:ihe:iti:xds:2013:order`
    const [ab, bc] = await registered(
      { referenceIdList: [id('a'), id('b')] },
      { referenceIdList: [id('b'), id('c')] },
      {},
    )
    const by = async (values: string | string[] | string[][]) =>
      (
        await registry.found('FindDocumentsByReferenceId', { ...patient, $XDSDocumentEntryReferenceIdList: values })
      ).documentEntries.map(entry => entry.entryUUID)
    expect(await by(`(${quote(id('b'))})`)).to.deep.equal([ab, bc])
    expect(await by([[`(${quote(id('a'))},${quote(id('c'))})`], [`(${quote(id('b'))})`]])).to.deep.equal([ab, bc])
    expect(await by([[`(${quote(id('a'))})`], [`(${quote(id('c'))})`]])).to.deep.equal([])
    expect(await by("('a^%')")).to.deep.equal([ab])
    expect(codesOf(await registry.query('FindDocumentsByReferenceId', patient))).to.deep.equal([
      'XDSStoredQueryMissingParam',
    ])
  })

  describe('FindDocumentsExclude', () => {
    const except = async (parameters: QueryParameters) =>
      (await registry.found('FindDocumentsExclude', { ...patient, ...parameters })).documentEntries.map(
        entry => entry.entryUUID,
      )

    const rows: [string, Partial<DocumentEntry>, string][] = [
      ['ClassCode', { classCode: aCode('x', 'x', '2.999') }, 'x^^2.999'],
      ['TypeCode', { typeCode: aCode('x', 'x', '2.999') }, 'x^^2.999'],
      ['PracticeSettingCode', { practiceSettingCode: aCode('x', 'x', '2.999') }, 'x^^2.999'],
      ['HealthcareFacilityTypeCode', { healthcareFacilityTypeCode: aCode('x', 'x', '2.999') }, 'x^^2.999'],
      ['FormatCode', { formatCode: aCode('x', 'x', '2.999') }, 'x^^2.999'],
      ['EventCodeList', { eventCodeList: [aCode('y', 'y', '2.999'), aCode('x', 'x', '2.999')] }, 'x^^2.999'],
      ['ConfidentialityCode', { confidentialityCode: [aCode('x', 'x', '2.999')] }, 'x^^2.999'],
      ['AuthorPerson', { author: [anAuthor({ authorPerson: '^Roe^Ann' })] }, '%Roe%'],
      ['ReferenceIdList', { referenceIdList: ['r1^^^&2.999.4&ISO^urn:x'] }, 'r1^^^&2.999.4&ISO^urn:x'],
    ]
    for (const [parameter, changes, value] of rows) {
      it(`leaves out by ${parameter} what has the value, not what has none [CP-ITI-1323]`, async () => {
        const [plain, , other] = await registered({}, changes, { eventCodeList: [aCode('z', 'z', '2.999')] })
        expect(await except({ [`$XDSDocumentEntry${parameter}Exclude`]: `(${quote(value)})` })).to.deep.equal([
          plain,
          other,
        ])
        expect(await except({})).to.have.length(3)
      })
    }

    it('leaves out a type, and returns all others [CP-ITI-1323]', async () => {
      const [made] = await registered({})
      const toMake = aSubmission({ documentEntries: [anOnDemandEntry()] })
      await registry.registerOnDemand(toMake)
      expect(await except({ $XDSDocumentEntryTypeExclude: stable })).to.deep.equal([idOf(toMake)])
      expect(await except({ $XDSDocumentEntryTypeExclude: onDemand })).to.deep.equal([made])
    })

    it('refuses a parameter together with its twin [CP-ITI-1323]', async () => {
      const response = await registry.query('FindDocumentsExclude', {
        ...patient,
        $XDSDocumentEntryClassCode: "('x^^2.999')",
        $XDSDocumentEntryClassCodeExclude: "('y^^2.999')",
      })
      expect(codesOf(response)).to.deep.equal(['XDSStoredQueryParamNumber'])
    })

    it('leaves out what has any of the values of several Slots [CP-ITI-1323]', async () => {
      const [plain] = await registered(
        {},
        { eventCodeList: [aCode('x', 'x', '2.999')] },
        { eventCodeList: [aCode('y', 'y', '2.999')] },
      )
      const values = [["('x^^2.999')"], ["('y^^2.999')"]]
      expect(await except({ $XDSDocumentEntryEventCodeListExclude: values })).to.deep.equal([plain])
    })
  })

  it('FindSubmissionSets [ITI TF-2:3.18.4.1.2.3.7.2]', async () => {
    const submission = aSubmission({ submissionSet: { sourceId: '2.999.3.7', submissionTime: '20260101' } })
    await registry.register(submission)
    await registry.register(aSubmission())
    const by = async (parameters: Record<string, string>) =>
      (
        await registry.found('FindSubmissionSets', {
          $XDSSubmissionSetPatientId: quote(samplePatientId),
          $XDSSubmissionSetStatus: approved,
          ...parameters,
        })
      ).submissionSets.length
    expect(await by({})).to.equal(2)
    expect(await by({ $XDSSubmissionSetSourceId: "('2.999.3.7','2.999.3.8')" })).to.equal(1)
    expect(await by({ $XDSSubmissionSetSubmissionTimeTo: "'20260102'" })).to.equal(1)
    expect(await by({ $XDSSubmissionSetSubmissionTimeFrom: "'20260102'" })).to.equal(1)
    expect(await by({ $XDSSubmissionSetAuthorPerson: "'%Tanner%'" })).to.equal(2)
    expect(await by({ $XDSSubmissionSetContentType: "('71388002^^2.16.840.1.113883.6.96')" })).to.equal(2)
    expect(await by({ $XDSSubmissionSetContentType: "('1^^2.16.840.1.113883.6.96')" })).to.equal(0)
  })

  describe('with a Folder', () => {
    let entries: Submission
    let filing: Submission
    const folder = () => filing.folders[0]?.entryUUID ?? ''
    beforeEach(async () => {
      entries = aSubmission({
        documentEntries: [aDocumentEntry(), aDocumentEntry({ formatCode: aCode('x', 'X', '2.999.1') })],
      })
      await registry.register(entries)
      const made = aFolder({ codeList: [aCode('a', 'A', '2.999.1'), aCode('b', 'B', '2.999.1')] })
      filing = aFolderHolding(made, anAssociation({ sourceObject: made.entryUUID, targetObject: idOf(entries) }))
      const second = anAssociation({ sourceObject: made.entryUUID, targetObject: idOf(entries, 1) })
      filing.associations.push(second, heldBySet(filing, second.entryUUID))
      expect(codesOf(await registry.register(filing))).to.deep.equal([])
    })

    it('FindFolders [ITI TF-2:3.18.4.1.2.3.7.3]', async () => {
      const by = async (parameters: Record<string, string | string[][]>) =>
        (
          await registry.found('FindFolders', {
            $XDSFolderPatientId: quote(samplePatientId),
            $XDSFolderStatus: approved,
            ...parameters,
          })
        ).folders.length
      expect(await by({})).to.equal(1)
      expect(await by({ $XDSFolderCodeList: [["('a^^2.999.1')"], ["('b^^2.999.1')"]] })).to.equal(1)
      expect(await by({ $XDSFolderCodeList: [["('a^^2.999.1')"], ["('c^^2.999.1')"]] })).to.equal(0)
      expect(await by({ $XDSFolderLastUpdateTimeFrom: "'20261123060000'" })).to.equal(1)
      expect(await by({ $XDSFolderLastUpdateTimeTo: "'20261123060000'" })).to.equal(0)
    })

    it('GetFolders by either id [ITI TF-2:3.18.4.1.2.3.7.6]', async () => {
      const uniqueId = filing.folders[0]?.uniqueId ?? ''
      for (const parameters of [
        { $XDSFolderEntryUUID: `('${folder()}')` },
        { $XDSFolderUniqueId: `('${uniqueId}')` },
        { $XDSFolderLogicalID: `('${folder()}')` },
      ]) {
        expect(idsOf((await registry.found('GetFolders', parameters)).folders)).to.deep.equal([folder()])
      }
    })

    it('GetFolderAndContents: entries that pass, and the Associations to them alone [ITI TF-2:3.18.4.1.2.3.7.11]', async () => {
      const all = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: `'${folder()}'` })
      expect([all.folders.length, all.documentEntries.length, all.associations.length]).to.deep.equal([1, 2, 2])
      const some = await registry.found('GetFolderAndContents', {
        $XDSFolderUniqueId: quote(filing.folders[0]?.uniqueId ?? ''),
        $XDSDocumentEntryFormatCode: "('x^^2.999.1')",
      })
      expect(idsOf(some.documentEntries)).to.deep.equal([idOf(entries, 1)])
      expect(some.associations.map(each => each.targetObject)).to.deep.equal([idOf(entries, 1)])
    })

    it('GetFoldersForDocument [ITI TF-2:3.18.4.1.2.3.7.12]', async () => {
      const uniqueId = entries.documentEntries[0]?.uniqueId ?? ''
      for (const parameters of [
        { $XDSDocumentEntryEntryUUID: `'${idOf(entries)}'` },
        { $XDSDocumentEntryUniqueId: `'${uniqueId}'` },
      ]) {
        expect(idsOf((await registry.found('GetFoldersForDocument', parameters)).folders)).to.deep.equal([folder()])
      }
    })

    it('GetSubmissionSets: of entries and Folders [ITI TF-2:3.18.4.1.2.3.7.9]', async () => {
      const found = await registry.found('GetSubmissionSets', { $uuid: `('${idOf(entries)}','${folder()}')` })
      expect(idsOf(found.submissionSets)).to.deep.equal(idsOf([...entries.submissionSets, ...filing.submissionSets]))
      expect(found.associations.map(each => each.targetObject).sort()).to.deep.equal([idOf(entries), folder()].sort())
    })

    it('GetSubmissionSetAndContents: Associations between what is returned, and how the set holds them [ITI TF-2:3.18.4.1.2.3.7.10]', async () => {
      const ofFiling = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetEntryUUID: `'${filing.submissionSets[0]?.entryUUID}'`,
      })
      // The entries were submitted before: neither they nor the FD-DE Associations to them are contents of this set.
      expect([ofFiling.submissionSets.length, ofFiling.folders.length, ofFiling.documentEntries.length]).to.deep.equal([
        1, 1, 0,
      ])
      expect(ofFiling.associations.map(each => each.targetObject)).to.deep.equal([folder()])

      const together = aSubmission({ folders: [aFolder()] })
      const holds = anAssociation({ sourceObject: together.folders[0]?.entryUUID ?? '', targetObject: idOf(together) })
      together.associations.push(holds, heldBySet(together, holds.entryUUID))
      await registry.register(together)
      const whole = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetUniqueId: quote(together.submissionSets[0]?.uniqueId ?? ''),
      })
      expect(idsOf(whole.associations)).to.deep.equal(idsOf(together.associations))
      const filtered = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetUniqueId: quote(together.submissionSets[0]?.uniqueId ?? ''),
        $XDSDocumentEntryFormatCode: "('x^^2.999.1')",
      })
      expect([filtered.documentEntries.length, filtered.folders.length]).to.deep.equal([0, 1])
      expect(filtered.associations.map(each => each.targetObject)).to.deep.equal([together.folders[0]?.entryUUID])
    })

    it('GetAll [ITI TF-2:3.18.4.1.2.3.7.4]', async () => {
      const all = await registry.found('GetAll', {
        $patientId: quote(samplePatientId),
        $XDSDocumentEntryStatus: approved,
        $XDSSubmissionSetStatus: approved,
        $XDSFolderStatus: approved,
        $XDSDocumentEntryFormatCode: "('x^^2.999.1')",
      })
      expect([all.submissionSets.length, all.documentEntries.length, all.folders.length]).to.deep.equal([2, 1, 1])
      expect(all.associations).to.have.length(entries.associations.length + filing.associations.length)
    })
  })

  it('GetDocuments by any of its ids, whatever the status [ITI TF-2:3.18.4.1.2.3.7.5]', async () => {
    const submission = aSubmission()
    await registry.register(submission)
    await registry.register(replacing(idOf(submission)))
    const uniqueId = submission.documentEntries[0]?.uniqueId ?? ''
    for (const parameters of [
      { $XDSDocumentEntryEntryUUID: `('${idOf(submission)}')` },
      { $XDSDocumentEntryEntryUUID: `('${idOf(submission).toUpperCase().replace('URN:UUID:', 'urn:uuid:')}')` },
      { $XDSDocumentEntryUniqueId: `('${uniqueId}')` },
      { $XDSDocumentEntryLogicalID: `('${idOf(submission)}')` },
    ]) {
      const { documentEntries } = await registry.found('GetDocuments', parameters)
      expect(documentEntries.map(entry => [entry.entryUUID, entry.availabilityStatus])).to.deep.equal([
        [idOf(submission), 'Deprecated'],
      ])
    }
  })

  it('refuses objects of several patients as LeafClass, not as ObjectRef [ITI TF-2:3.18.4.1.2.3.7.5]', async () => {
    await registry.addPatient(other)
    const [ours, theirs] = [aSubmission(), aSubmission({ patientId: other })]
    await registry.register(ours)
    await registry.register(theirs)
    const parameters = { $XDSDocumentEntryEntryUUID: `('${idOf(ours)}','${idOf(theirs)}')` }
    for (const name of ['GetDocuments', 'GetDocumentsAndAssociations']) {
      const response = await registry.query(name, parameters)
      expect(codesOf(response)).to.deep.equal(['XDSResultNotSinglePatient'])
      expect(response.registryObjects).to.deep.equal([])
    }
    expect((await registry.found('GetDocuments', parameters, { returnType: 'ObjectRef' })).objectRefs).to.have.length(2)
    // Patients that a merge has joined are one.
    await registry.sql('UPDATE patients SET survivor = (SELECT min(patient) FROM patients)')
    expect((await registry.query('GetDocuments', parameters)).status).to.equal('Success')
  })

  it('finds the documents of merged patients under the survivor alone [ITI TF-2:3.44.4.2.4]', async () => {
    await registry.addPatient(other)
    await registry.register(aSubmission())
    await registry.register(aSubmission({ patientId: other }))
    await registry.sql('UPDATE patients SET survivor = (SELECT min(patient) FROM patients)')
    expect(await entriesFor({})).to.have.length(2)
    expect(await entriesFor({ $XDSDocumentEntryPatientId: quote(other) })).to.have.length(0)
    expect(codesOf(await registry.register(aSubmission({ patientId: other })))).to.deep.equal(['XDSUnknownPatientId'])
  })

  it('GetAssociations and GetDocumentsAndAssociations [ITI TF-2:3.18.4.1.2.3.7.7, 3.18.4.1.2.3.7.8]', async () => {
    const first = aSubmission()
    await registry.register(first)
    const second = replacing(idOf(first))
    await registry.register(second)
    const expected = idsOf([first.associations[0], second.associations[1]].filter(each => each !== undefined))
    const { associations } = await registry.found('GetAssociations', { $uuid: `('${idOf(first)}')` })
    expect(idsOf(associations)).to.deep.equal(expected)
    const both = await registry.found('GetDocumentsAndAssociations', {
      $XDSDocumentEntryEntryUUID: `('${idOf(first)}')`,
    })
    expect(idsOf(both.documentEntries)).to.deep.equal([idOf(first)])
    expect(idsOf(both.associations)).to.deep.equal(expected)
    const deprecated = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')"
    expect(
      (await registry.found('GetAssociations', { $uuid: `('${idOf(first)}')`, $XDSAssociationStatus: deprecated }))
        .associations,
    ).to.deep.equal([])
  })

  it('GetRelatedDocuments: both ends, or nothing [ITI TF-2:3.18.4.1.2.3.7.13]', async () => {
    const first = aSubmission()
    await registry.register(first)
    const types = (...names: string[]) => `(${names.map(name => `'urn:ihe:iti:2007:AssociationType:${name}'`).join()})`
    const by = (names: string) =>
      registry.found('GetRelatedDocuments', {
        $XDSDocumentEntryEntryUUID: `'${idOf(first)}'`,
        $AssociationTypes: names,
      })
    expect((await by(types('RPLC'))).documentEntries).to.deep.equal([])
    const addendum = replacing(idOf(first), 'APND')
    await registry.register(addendum)
    await registry.register(replacing(idOf(first), 'XFRM'))
    const found = await by(types('RPLC', 'APND'))
    expect(idsOf(found.documentEntries)).to.deep.equal([idOf(first), idOf(addendum)].sort())
    expect(found.associations.map(each => each.associationType)).to.deep.equal(['APND'])
    expect((await by("('urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember')")).associations).to.deep.equal([])
    expect((await by("('urn:example:odd')")).documentEntries).to.deep.equal([])
  })

  it('takes a list of 10,000 ids', async () => {
    const [id] = await registered({})
    const others = Array.from({ length: 9_999 }, () => aUuid())
    const { documentEntries } = await registry.found('GetDocuments', {
      $XDSDocumentEntryEntryUUID: [...others, id].map(each => `('${each}')`),
    })
    expect(documentEntries.map(entry => entry.entryUUID)).to.deep.equal([id])
    expect(await entriesFor({ $XDSDocumentEntryClassCode: others.map(each => `('${each}^^s')`) })).to.deep.equal([])
  })

  it('tells no more faults than any answer does [ITI TF-3:4.2.4.1]', async () => {
    const $XDSDocumentEntryClassCode = `(${Array.from({ length: 2_000 }, () => 'a').join()})`
    const answer = await registry.query('FindDocuments', { ...patient, $XDSDocumentEntryClassCode })
    expect([answer.status, answer.errors.length]).to.deep.equal(['Failure', 500])
  })

  it('takes nothing in a value for SQL', async () => {
    const [id] = await registered({})
    const strange = [
      "' OR 1=1 --",
      "'; DROP TABLE document_entries; --",
      '%',
      '_',
      '\\',
      '"',
      '[]',
      '{"a":1}',
      'null',
      '\u2019 OR 1=1',
    ]
    for (const text of strange) {
      for (const [name, parameters] of Object.entries({
        GetDocuments: { $XDSDocumentEntryUniqueId: `(${quote(text)})` },
        GetAssociations: { $uuid: `(${quote(text)})` },
        FindDocuments: { ...patient, $XDSDocumentEntryPatientId: quote(text) },
      })) {
        const response = await registry.query(name, parameters)
        expect(response.status, `${name} ${text}`).to.equal('Success')
        expect(decodedList(response.registryObjects).documentEntries, `${name} ${text}`).to.deep.equal([])
      }
      expect(
        await entriesFor({ $XDSDocumentEntryClassCode: `(${quote(`${text.replaceAll('^', '')}^^s`)})` }),
      ).to.deep.equal([])
    }
    expect(await entriesFor({})).to.deep.equal([id])
  })
})
