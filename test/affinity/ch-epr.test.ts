// Every rule of the Swiss EPR once: a valid submission and one change, and what the registry says to it.
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { approved, aRegistry, codesOf, idsOf, quote, swiss, type TestRegistry } from '../registry/a-registry.js'
import { aCode, aFolder, anAssociation, anAuthor, samplePatientId } from '../samples/submission.js'
import { aSwissSubmission, deletionStatus, originalProviderRole, roleOf, type SwissChanges } from '../samples/swiss.js'

const snomed = '2.16.840.1.113883.6.96'
const status = (word: string) => [`${deletionStatus}:${word}`]

interface Row {
  title: string
  change: SwissChanges
  /** Said in the error; what is taken says nothing. */
  says?: string
  /** Told beside a Success. */
  warns?: string
}

const refused: Row[] = [
  {
    title: 'refuses a classCode outside of the set [CH-EPR annex 3] [ITI TF-2:3.42.4.1.3.2]',
    change: { documentEntry: { classCode: aCode('721912009', 'Medication summary') } },
    says: 'classCode: expected one of the 17 codes that domain ch-epr has for DocumentEntry.classCode (carnet codes list), found "721912009" of "2.16.840.1.113883.6.96" [CH-EPR annex 3]',
  },
  {
    title: 'refuses a code of the set under another scheme [CH-EPR annex 3]',
    change: { documentEntry: { classCode: aCode('422735006', 'Summary', '2.16.840.1.113883.6.1') } },
    says: 'found "422735006" of "2.16.840.1.113883.6.1"',
  },
  {
    title: 'refuses a typeCode outside of the set [CH-EPR annex 3]',
    change: { documentEntry: { typeCode: aCode('34109-9', 'Note', '2.16.840.1.113883.6.1') } },
    says: 'typeCode: expected one of the 29 codes',
  },
  {
    title: 'refuses a typeCode that goes with another classCode [CH-EPR annex 3]',
    change: { documentEntry: { typeCode: aCode('371526002', 'Operative report') } },
    says: 'typeCode: expected a typeCode that goes with classCode "422735006" in domain ch-epr: 373942005, 371535009',
  },
  {
    title: 'refuses a formatCode outside of the set [CH-EPR annex 3]',
    change: { documentEntry: { formatCode: aCode('urn:x', 'X', '1.3.6.1.4.1.19376.1.2.3') } },
    says: 'formatCode: expected one of the 25 codes',
  },
  {
    title: 'refuses a healthcareFacilityTypeCode outside of the set [CH-EPR annex 3]',
    change: { documentEntry: { healthcareFacilityTypeCode: aCode('1', 'X') } },
    says: 'healthcareFacilityTypeCode: expected one of the 18 codes',
  },
  {
    title: 'refuses a practiceSettingCode outside of the set [CH-EPR annex 3]',
    change: { documentEntry: { practiceSettingCode: aCode('1', 'X') } },
    says: 'practiceSettingCode: expected one of the 65 codes',
  },
  {
    title: 'refuses an eventCodeList with a code outside of the set [CH-EPR annex 3]',
    change: {
      documentEntry: { eventCodeList: [aCode('TG', 'Thermography', '1.2.840.10008.2.16.4'), aCode('ZZ', 'Z')] },
    },
    says: 'found "ZZ"',
  },
  {
    title: 'refuses a languageCode outside of the list [CH-EPR annex 3]',
    change: { documentEntry: { languageCode: 'la' } },
    says: 'languageCode: expected one of the 58 codes that domain ch-epr has for DocumentEntry.languageCode (carnet codes list), found "la"',
  },
  {
    title: 'refuses a mimeType outside of the list [CH-EPR annex 3]',
    change: { documentEntry: { mimeType: 'text/html' } },
    says: 'mimeType: expected one of the 25 codes',
  },
  {
    title: 'refuses a contentTypeCode other than Procedure [CH-EPR annex 3]',
    change: { submissionSet: { contentTypeCode: aCode('1', 'X') } },
    says: 'contentTypeCode: expected 71388002 that domain ch-epr has',
  },
  {
    title: 'refuses a confidentialityCode that is none of the three [CH-EPR annex 3]',
    change: { documentEntry: { confidentialityCode: [aCode('N', 'Normal', '2.16.840.1.113883.5.25')] } },
    says: 'confidentialityCode: expected 1141000195107 or 17621005 or 263856008 that domain ch-epr has',
  },
  {
    title: 'refuses two confidentialityCodes [CH-EPR annex 3]',
    change: { documentEntry: { confidentialityCode: [aCode('17621005', 'Normal'), aCode('263856008', 'Restricted')] } },
    says: 'confidentialityCode: expected at most 1 value on ITI-42 in domain ch-epr, found 2 values',
  },
  {
    title: 'refuses an entry without title [Gazelle title]',
    change: { documentEntry: { title: undefined } },
    says: 'title: expected a value, required on ITI-42 in domain ch-epr, found nothing [Gazelle title]',
  },
  {
    title: 'refuses an entry without originalProviderRole [CH-EPR originalProviderRole]',
    change: { slots: { [originalProviderRole]: undefined } },
    says: `Slot "${originalProviderRole}": expected a value, required on ITI-42 in domain ch-epr, found nothing`,
  },
  {
    title: 'refuses two originalProviderRoles [CH-EPR originalProviderRole]',
    change: { slots: { [originalProviderRole]: [roleOf('HCP'), roleOf('PAT')] } },
    says: 'expected at most 1 value on ITI-42 in domain ch-epr, found 2 values',
  },
  {
    title: 'refuses a role that nobody has as originalProviderRole [CH-EPR annex 3]',
    change: { slots: { [originalProviderRole]: [roleOf('PADM')] } },
    says: 'expected DADM or HCP or PAT or ASS or REP or TCU that domain ch-epr has',
  },
  {
    title: 'refuses an originalProviderRole that is written without its system [CH-EPR annex 3]',
    change: { slots: { [originalProviderRole]: ['HCP'] } },
    says: 'written as code^^^&OID&ISO, found "HCP"',
  },
  {
    title: 'refuses a role of another system as originalProviderRole [CH-EPR annex 3]',
    change: { slots: { [originalProviderRole]: ['HCP^^^&2.999.1&ISO'] } },
    says: 'found "HCP" of "2.999.1"',
  },
  {
    title: 'refuses deletionRequested from a source [CARA deletionStatus]',
    change: { slots: { [deletionStatus]: status('deletionRequested') } },
    says: `expected ${deletionStatus}:deletionNotRequested, found "${deletionStatus}:deletionRequested" [CARA deletionStatus]`,
  },
  {
    title: 'refuses deletionProhibited from a source [CARA deletionStatus]',
    change: { slots: { [deletionStatus]: status('deletionProhibited') } },
    says: '[CARA deletionStatus]',
  },
  {
    title: 'refuses a deletionStatus that is none [CH-EPR annex 3]',
    change: { slots: { [deletionStatus]: ['deletionNotRequested'] } },
    says: 'found "deletionNotRequested"',
  },
  {
    title: 'refuses an authorRole that is no role [CH-EPR annex 3]',
    change: { documentEntry: { author: [anAuthor({ authorRole: [roleOf('DADM')] })] } },
    says: 'author.authorRole: expected PAT or HCP or ASS or REP or TCU that domain ch-epr has',
  },
  {
    title: 'refuses an authorSpecialty outside of the set [CH-EPR annex 3]',
    change: {
      documentEntry: {
        author: [anAuthor({ authorRole: [roleOf('HCP')], authorSpecialty: ['1^^^&2.16.756.5.30.1.127.3.5&ISO'] })],
      },
    },
    says: 'author.authorSpecialty: expected one of the 82 codes',
  },
  {
    title: 'refuses an authorRole of the SubmissionSet that is no role [CH-EPR annex 3]',
    change: { submissionSet: { author: [anAuthor({ authorRole: [roleOf('XXX')] })] } },
    says: 'expected DADM or HCP',
  },
  {
    title: 'refuses the EPR-SPID as sourcePatientId [CARA sourcePatientId]',
    change: { documentEntry: { sourcePatientId: '761337610411353650^^^&2.16.756.5.30.1.127.3.10.3&ISO' } },
    says: 'sourcePatientId: expected the id of the local system, neither the EPR-SPID nor the social security number',
  },
  {
    title: 'refuses a social security number as sourcePatientId, by its authority [CARA sourcePatientId]',
    change: { documentEntry: { sourcePatientId: '7561234567897^^^&2.16.756.5.32&ISO' } },
    says: 'neither the EPR-SPID nor the social security number',
  },
  {
    title: 'refuses a social security number as sourcePatientId, by its form [CARA sourcePatientId]',
    change: { documentEntry: { sourcePatientId: '756.1234.5678.97^^^&2.999.2.1&ISO' } },
    says: 'which has not the form of a social security number',
  },
  {
    title: 'refuses a Folder [Gazelle CH-XDS-003]',
    change: { folders: [aFolder()] },
    says: 'expected no Folder in domain ch-epr, found a Folder [Gazelle CH-XDS-003]',
  },
]

const taken: Row[] = [
  { title: 'takes the sample', change: {} },
  {
    title: 'takes a known code by whatever display name [ITI TF-3:4.2.3.1.2]',
    change: { documentEntry: { classCode: aCode('422735006', 'Anything') } },
  },
  {
    title: 'takes Secret under the scheme of SNOMED CT [CH-EPR annex 3]',
    change: { documentEntry: { confidentialityCode: [aCode('1141000195107', 'Secret')] } },
  },
  {
    title: 'takes Secret under the scheme of access decisions [CH-EPR annex 3]',
    change: { documentEntry: { confidentialityCode: [aCode('1141000195107', 'Secret', '2.16.756.5.30.1.127.3.4')] } },
  },
  {
    title: 'takes a typeCode that goes with every classCode [CH-EPR annex 3]',
    change: { documentEntry: { typeCode: aCode('419891008', 'Record artifact') } },
  },
  {
    title: 'takes deletionNotRequested from a source [CARA deletionStatus]',
    change: { slots: { [deletionStatus]: status('deletionNotRequested') } },
  },
  {
    title: 'takes an entry without personal author, with a warning [CH-EPR annex 3]',
    change: { documentEntry: { author: [anAuthor({ authorPerson: undefined, authorRole: [roleOf('HCP')] })] } },
    warns: 'author.authorPerson: expected a value',
  },
  {
    title: 'takes a SubmissionSet without author, with a warning [Gazelle CH-XDS-009]',
    change: { submissionSet: { author: [] } },
    warns: 'SubmissionSet',
  },
  {
    title: 'takes an authorRole in words, with a warning [CH-EPR annex 3]',
    change: { documentEntry: { author: [anAuthor({ authorRole: ['Leitender Arzt'] })] } },
    warns: 'written as code^^^&OID&ISO, found "Leitender Arzt"',
  },
]

describe('domains/ch-epr', () => {
  let registry: TestRegistry
  before(async () => {
    registry = await aRegistry({}, swiss)
  })
  after(() => registry.close())

  describe('what is refused', () => {
    for (const { title, change, says = '' } of refused) {
      it(title, async () => {
        const before = await registry.contents()
        const { status, errors } = await registry.register(aSwissSubmission(change))
        expect(status).to.equal('Failure')
        expect(errors.map(({ errorCode }) => errorCode)).to.include('XDSRegistryMetadataError')
        expect(errors.map(({ codeContext }) => codeContext).join('\n')).to.contain(says)
        expect(await registry.contents()).to.deep.equal(before)
      })
    }

    it('refuses an Association that touches a Folder from before [Gazelle CH-XDS-003]', async () => {
      const former = await aRegistry()
      const folder = aFolder()
      await former.register(aSwissSubmission({ folders: [folder] }))
      Object.assign(former.context, { domain: swiss, domainRules: registry.context.domainRules })
      const submission = aSwissSubmission()
      const entry = submission.documentEntries[0]?.entryUUID ?? ''
      const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry })
      const set = submission.submissionSets[0]?.entryUUID ?? ''
      submission.associations.push(holds, anAssociation({ sourceObject: set, targetObject: holds.entryUUID }))
      const { status, errors } = await former.register(submission)
      expect(status).to.equal('Failure')
      expect(errors[0]?.codeContext).to.contain('no Association that touches a Folder in domain ch-epr')
      await former.close()
    })
  })

  describe('what is taken', () => {
    for (const { title, change, warns } of taken) {
      it(title, async () => {
        const { status, errors } = await registry.register(aSwissSubmission(change))
        expect([status, errors.map(({ severity }) => severity)]).to.deep.equal([
          'Success',
          warns === undefined ? [] : ['Warning'],
        ])
        expect(errors[0]?.codeContext ?? '').to.contain(warns ?? '')
      })
    }

    it('takes both Swiss Slots, and returns them [CH-EPR originalProviderRole] [CH-EPR deletionStatus]', async () => {
      const submission = aSwissSubmission({ slots: { [deletionStatus]: status('deletionNotRequested') } })
      await registry.register(submission)
      const uniqueId = submission.documentEntries[0]?.uniqueId ?? ''
      const { documentEntries } = await registry.found('GetDocuments', {
        $XDSDocumentEntryUniqueId: `(${quote(uniqueId)})`,
      })
      expect(documentEntries[0]?.extraMetadata).to.have.deep.members([
        { name: originalProviderRole, values: [roleOf('HCP')] },
        { name: deletionStatus, values: status('deletionNotRequested') },
      ])
    })
  })

  describe('queries', () => {
    const everything = {
      $patientId: quote(samplePatientId),
      $XDSDocumentEntryStatus: approved,
      $XDSSubmissionSetStatus: approved,
      $XDSFolderStatus: approved,
    }
    const documents = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved }

    it('answers with XDSRegistryError for a $MetadataLevel other than 1 [Gazelle CH-XDS-001]', async () => {
      for (const level of ['2', '0', "'2'"]) {
        const answer = await registry.query('FindDocuments', { ...documents, $MetadataLevel: level })
        expect([answer.status, codesOf(answer)]).to.deep.include.members(['Failure'])
        expect(codesOf(answer)).to.include('XDSRegistryError')
      }
      const answer = await registry.query('FindDocuments', { ...documents, $MetadataLevel: '1' })
      expect(answer.status).to.equal('Success')
    })

    it('answers with the community on every object [CH-EPR homeCommunityId]', async () => {
      const { documentEntries, submissionSets, associations } = await registry.found('GetAll', everything)
      const homes = [...documentEntries, ...submissionSets, ...associations].map(
        ({ homeCommunityId }) => homeCommunityId,
      )
      expect(homes.length).to.be.above(3)
      expect(new Set(homes)).to.deep.equal(new Set(['urn:oid:2.999.9']))
      const { objectRefs } = await registry.found('FindDocuments', documents, { returnType: 'ObjectRef' })
      expect(new Set(objectRefs.map(({ home }) => home))).to.deep.equal(new Set(['urn:oid:2.999.9']))
    })

    it('answers with what has a reference id [Gazelle CH-XDS-004]', async () => {
      const id = '1.2.840.113619.2.1^^^^urn:ihe:iti:xds:2016:studyInstanceUID'
      const submission = aSwissSubmission({ documentEntry: { referenceIdList: [id] } })
      await registry.register(submission)
      const { documentEntries } = await registry.found('FindDocumentsByReferenceId', {
        ...documents,
        $XDSDocumentEntryReferenceIdList: `(${quote(id)})`,
      })
      expect(idsOf(documentEntries)).to.deep.equal(idsOf(submission.documentEntries))
    })

    it('answers with nothing to queries for Folders, even for those from before [Gazelle CH-XDS-003]', async () => {
      const former = await aRegistry()
      const folder = aFolder()
      const submission = aSwissSubmission({ folders: [folder] })
      const holds = anAssociation({
        sourceObject: folder.entryUUID,
        targetObject: submission.documentEntries[0]?.entryUUID ?? '',
      })
      const set = submission.submissionSets[0]?.entryUUID ?? ''
      submission.associations.push(holds, anAssociation({ sourceObject: set, targetObject: holds.entryUUID }))
      expect((await former.register(submission)).status).to.equal('Success')
      Object.assign(former.context, { domain: swiss })
      const id = quote(folder.entryUUID)
      const asked: [string, Record<string, string>][] = [
        ['FindFolders', { $XDSFolderPatientId: quote(samplePatientId), $XDSFolderStatus: approved }],
        ['GetFolders', { $XDSFolderEntryUUID: `(${id})` }],
        ['GetFolderAndContents', { $XDSFolderEntryUUID: id }],
        [
          'GetFoldersForDocument',
          { $XDSDocumentEntryEntryUUID: quote(submission.documentEntries[0]?.entryUUID ?? '') },
        ],
      ]
      for (const [name, parameters] of asked) {
        const { status, errors, registryObjects } = await former.query(name, parameters)
        expect([name, status, errors, registryObjects.length]).to.deep.equal([name, 'Success', [], 0])
      }
      expect((await former.found('GetAll', everything)).folders).to.deep.equal([])
      await former.close()
    })
  })

  it('answers a submission that is sent again as before [CH-EPR resubmission]', async () => {
    const replaying = await aRegistry({ resubmission: 'replay' }, swiss)
    const submission: Submission = aSwissSubmission()
    const first = await replaying.register(submission, { messageID: 'urn:uuid:1' })
    expect(await replaying.register(submission, { messageID: 'urn:uuid:2' })).to.deep.equal(first)
    await replaying.close()
  })

  it('has an English name for every code, and no more codes than the sources have [CH-EPR annex 3]', () => {
    const counts = [...swiss.codeSets].map(([attribute, { codes }]) => [attribute, codes.length])
    expect(Object.fromEntries(counts)).to.deep.equal({
      'DocumentEntry.author.authorRole': 5,
      'DocumentEntry.author.authorSpecialty': 82,
      'DocumentEntry.classCode': 17,
      'DocumentEntry.confidentialityCode': 4,
      'DocumentEntry.eventCodeList': 51,
      'DocumentEntry.formatCode': 25,
      'DocumentEntry.healthcareFacilityTypeCode': 18,
      'DocumentEntry.languageCode': 58,
      'DocumentEntry.mimeType': 25,
      'DocumentEntry.practiceSettingCode': 65,
      'DocumentEntry.typeCode': 29,
      'DocumentEntry.urn:e-health-suisse:2019:deletionStatus': 3,
      'DocumentEntry.urn:e-health-suisse:2020:originalProviderRole': 6,
      'SubmissionSet.author.authorRole': 6,
      'SubmissionSet.contentTypeCode': 1,
    })
    for (const { codes } of swiss.codeSets.values()) {
      expect(codes.filter(({ names }) => names.en === undefined || names.en === '')).to.deep.equal([])
    }
  })

  it('names what people choose by in four languages [CH-EPR annex 3]', () => {
    for (const attribute of ['classCode', 'typeCode', 'confidentialityCode', 'practiceSettingCode']) {
      const codes = swiss.codeSets.get(`DocumentEntry.${attribute}`)?.codes ?? []
      expect(codes.filter(({ names }) => !(names.de && names.fr && names.it)).map(({ code }) => code)).to.deep.equal([])
    }
  })

  it('lets every typeCode go with Record artifact and one class at the most besides [CH-EPR annex 3]', () => {
    const types = swiss.codeSets.get('DocumentEntry.typeCode')?.codes.map(({ code }) => code) ?? []
    for (const type of types.filter(type => type !== '419891008')) {
      const classes = [...swiss.typesOfClass].filter(([, types]) => types.has(type)).map(([code]) => code)
      expect([type, classes.length]).to.deep.equal([type, 1])
    }
    expect(snomed).to.equal(swiss.codeSets.get('DocumentEntry.typeCode')?.codes[0]?.codingScheme)
  })
})
