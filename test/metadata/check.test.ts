// The rules for single attributes, one change to a sound sample at a time.
import { expect } from 'chai'
import type { SubmittedBy } from '../../metadata/attribute.js'
import { checkAttributes } from '../../metadata/check.js'
import type { Association, DocumentEntry, Folder, Submission, SubmissionSet } from '../../metadata/model.js'
import { objectTables } from '../../metadata/object-tables.js'
import { decodeSubmission, encodeSubmission } from '../../metadata/submission.js'
import { bytesOf, parseXml } from '../../soap/xml.js'
import { aCode, aDocumentEntry, aFolder, anAssociation, anAuthor, aSubmission } from '../samples/submission.js'

interface Breach {
  /** As findings name it. */
  attribute: string
  clause: string
  submission: Submission
  on?: SubmittedBy
}

const missing = { code: '', codingScheme: '', displayName: [] }
const long = 'x'.repeat(257)
const title = (length: number) => [{ value: 'ä'.repeat(length) }]

const breaches: Breach[] = [
  entry('entryUUID', '4.2.3.2.7', { entryUUID: '' }),
  entry('entryUUID', '4.2.3.2.7', { entryUUID: 'urn:uuid:7' }),
  entry('homeCommunityId', '4.2.3.2.12', { homeCommunityId: '1.2.3' }),
  entry('objectType', '4.2.3.2.30', { objectType: undefined }),
  entry('objectType', '4.2.3.2.30', { objectType: 'on-demand' }),
  entry('mimeType', '4.2.3.2.15', { mimeType: '' }),
  entry('mimeType', '4.2.3.2.15', { mimeType: 'pdf' }),
  entry('mimeType', '4.2.3.2.15', { mimeType: `application/${long}` }),
  entry('creationTime', '4.2.3.2.6', { creationTime: undefined }),
  entry('creationTime', '4.2.3.2.6', { creationTime: '20260230' }),
  entry('documentAvailability', 'XDS Metadata Update', { documentAvailability: 'Online' }),
  entry('hash', '4.2.3.2.10', { hash: undefined }),
  entry('hash', '4.2.3.2.10', { hash: 'da39' }),
  entry('size', '4.2.3.2.21', { size: undefined }),
  entry('size', '4.2.3.2.21', { size: '-1' }),
  entry('repositoryUniqueId', '4.2.3.2.18', { repositoryUniqueId: undefined }),
  entry('repositoryUniqueId', '4.2.3.2.18', { repositoryUniqueId: 'urn:oid:1.2' }),
  entry('languageCode', '4.2.3.2.13', { languageCode: undefined }),
  entry('languageCode', '4.2.3.2.13', { languageCode: 'de_CH' }),
  entry('legalAuthenticator', '4.2.3.2.14', { legalAuthenticator: '^^^^^Dr.' }),
  entry('referenceIdList', '4.2.3.2.28', { referenceIdList: ['A-1'] }),
  entry('serviceStartTime', '4.2.3.2.19', { serviceStartTime: 'today' }),
  entry('serviceStopTime', '4.2.3.2.20', { serviceStopTime: '20261301' }),
  entry('sourcePatientId', '4.2.3.2.22', { sourcePatientId: undefined }),
  entry('sourcePatientId', '4.2.3.2.22', { sourcePatientId: '4711' }),
  entry('sourcePatientInfo', '4.2.3.2.23', { sourcePatientInfo: ['PID-19|756'] }),
  entry('sourcePatientInfo', '4.2.3.2.23', { sourcePatientInfo: ['PID-8|F', 'PID-8|M'] }),
  entry('URI', '4.2.3.2.27', { URI: 'a b' }),
  entry('title', '4.2.3.2.24', { title: title(129) }),
  entry('title', '4.2.3.2.24', { title: [{ value: 'a\u0001' }] }),
  entry('author.authorPerson', '4.2.3.1.4.2', { author: [anAuthor({ authorPerson: '^^^^^Dr.' })] }),
  entry('author.authorInstitution', '4.2.3.1.4.1', { author: [anAuthor({ authorInstitution: ['^x'] })] }),
  entry('author.authorRole', '4.2.3.1.1', { author: [anAuthor({ authorRole: [long] })] }),
  entry('author.authorTelecommunication', '4.2.3.1.4.5', { author: [anAuthor({ authorTelecommunication: ['a@b'] })] }),
  entry('author', '4.2.3.1.4', { author: [anAuthor({ authorPerson: undefined, authorInstitution: [] })] }),
  ...(['classCode', 'formatCode', 'healthcareFacilityTypeCode', 'practiceSettingCode', 'typeCode'] as const).map(name =>
    entry(
      name,
      {
        classCode: '4.2.3.2.3',
        formatCode: '4.2.3.2.9',
        healthcareFacilityTypeCode: '4.2.3.2.11',
        practiceSettingCode: '4.2.3.2.17',
        typeCode: '4.2.3.2.25',
      }[name],
      { [name]: undefined },
    ),
  ),
  entry('confidentialityCode', '4.2.3.2.5', { confidentialityCode: [] }),
  entry('eventCodeList.codingScheme', '4.2.3.1.2', { eventCodeList: [{ ...aCode('1', 'One'), codingScheme: '' }] }),
  entry('typeCode.nodeRepresentation', '4.2.3.1.2', { typeCode: { ...aCode('1', 'One'), code: '' } }),
  entry('classCode.Name', '4.2.3.1.2', { classCode: { ...aCode('1', 'One'), displayName: [] } }),
  entry('classCode.nodeRepresentation', '4.2.3.1.2', { classCode: aCode(long, 'One') }),
  entry('classCode.codingScheme', '4.2.3.1.1', { classCode: aCode('1', 'One', long) }),
  entry('limitedMetadata', '4.2.3.2.29', { limitedMetadata: true }),
  entry('patientId', '4.2.3.2.16', { patientId: undefined }),
  entry('patientId', '4.2.3.2.16', { patientId: 'P-1' }),
  entry('uniqueId', '4.2.3.2.26', { uniqueId: undefined }),
  entry('sourcePatientInfo', '4.2.3.1.1', { sourcePatientInfo: [`PID-5|${long}`] }),
  entry('Slot "urn:example:a"', '4.2.3.1.1', { extraMetadata: [{ name: 'urn:example:a', values: ['ok', long] }] }),
  set('entryUUID', '4.2.3.3.5', { entryUUID: 'urn:uuid:x' }),
  set('homeCommunityId', '4.2.3.3.6', { homeCommunityId: 'here' }),
  set('author', '4.2.3.1.4', { author: [anAuthor({ authorPerson: undefined, authorInstitution: [] })] }),
  set('contentTypeCode', '4.2.3.3.4', { contentTypeCode: undefined }),
  set('intendedRecipient', '4.2.3.3.7', { intendedRecipient: ['||a@b'] }),
  set('limitedMetadata', '4.2.3.3.13', { limitedMetadata: true }),
  set('patientId', '4.2.3.3.8', { patientId: undefined }),
  set('sourceId', '4.2.3.3.9', { sourceId: undefined }),
  set('sourceId', '4.2.3.3.9', { sourceId: 'urn:oid:1.2' }),
  set('submissionTime', '4.2.3.3.10', { submissionTime: undefined }),
  set('title', '4.2.3.3.11', { title: title(257) }),
  set('uniqueId', '4.2.3.3.12', { uniqueId: undefined }),
  set('uniqueId', '4.2.3.3.12', { uniqueId: 'urn:uuid:0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e' }),
  folder('codeList', '4.2.3.4.2', { codeList: [] }),
  folder('codeList.codingScheme', '4.2.3.1.2', { codeList: [{ ...aCode('1', 'One'), codingScheme: '' }] }),
  folder('homeCommunityId', '4.2.3.4.5', { homeCommunityId: 'urn:oid:x' }),
  folder('limitedMetadata', '4.2.3.4.10', { limitedMetadata: true }),
  folder('patientId', '4.2.3.4.7', { patientId: undefined }),
  folder('title', '4.2.3.4.8', { title: undefined }),
  folder('uniqueId', '4.2.3.4.9', { uniqueId: undefined }),
  folder('uniqueId', '4.2.3.4.9', { uniqueId: 'folder one' }),
  association('entryUUID', '4.2.2', { entryUUID: 'urn:uuid:x' }),
  association('associationType', '4.2.2', { associationType: '' }),
  association('associationType', '4.2.2', { associationType: 'UpdateAvailabilityStatus' }),
  association('associationType', '4.2.2', { associationType: 'SubmitAssociation' }),
  association('associationType', '4.2.2', { associationType: 'urn:x:likes' }),
  association('sourceObject', '4.2.2', { sourceObject: '' }),
  association('targetObject', '4.2.2', { targetObject: 'urn:uuid:1' }),
  association('submissionSetStatus', '4.2.2.1.1', { submissionSetStatus: 'New' }),
  association('associationDocumentation.codingScheme', '4.2.3.1.2', {
    associationDocumentation: { ...aCode('1', 'One'), codingScheme: '' },
  }),
  association('previousVersion', 'XDS Metadata Update', { previousVersion: 'one' }),
  association('associationPropagation', 'XDS Metadata Update', { associationPropagation: 'maybe' }),
  association('originalStatus', 'XDS Metadata Update', { originalStatus: 'Approved' }),
  association('newStatus', 'XDS Metadata Update', { newStatus: 'Approved' }),
]

describe('the rules for attributes refuse', () => {
  for (const { attribute, clause, submission, on = 'ITI-42' } of breaches) {
    const tag = clause.startsWith('4') ? `ITI TF-3:${clause}` : clause
    it(`${titleOf(submission)}.${attribute} that is missing, forbidden or wrong [${tag}]`, () => {
      const findings = checkAttributes(submission, on)
      expect(findings).to.have.length(1)
      expect(findings[0]).to.include({ code: 'XDSRegistryMetadataError', attribute, rule: tag })
      expect(findings[0]?.expected).to.match(/[a-z]{2}/i)
    })
  }

  it('a code without anything, in three findings', () => {
    const findings = checkAttributes(aSubmission({ documentEntry: { classCode: missing } }), 'ITI-42')
    expect(findings.map(finding => finding.attribute)).to.deep.equal([
      'classCode.nodeRepresentation',
      'classCode.codingScheme',
      'classCode.Name',
    ])
  })

  it('nothing that has been found before while reading', () => {
    const xml = bytesOf(encodeSubmission(aSubmission())).toString()
    const unknownType = decodeSubmission(parseXml(xml.replace('7edca82f-054d', '00000000-054d')))
    expect(unknownType.findings).to.have.length(1)
    expect(checkAttributes(unknownType, 'ITI-42')).to.deep.equal([])
  })

  it('no more than an answer can hold', () => {
    const documentEntries = Array.from({ length: 600 }, () => aDocumentEntry({ mimeType: '' }))
    expect(checkAttributes(aSubmission({ documentEntries }), 'ITI-42')).to.have.length(500)
  })

  it('what is wrong behind any number of warnings [ITI TF-3:4.2.4.2]', () => {
    const warned = objectTables.DocumentEntry.attributes.map(attribute => {
      if (attribute.name !== 'title') return attribute
      return { ...attribute, local: () => [{ expected: 'another', found: 'this', severity: 'Warning' as const }] }
    })
    const tables = { ...objectTables, DocumentEntry: { ...objectTables.DocumentEntry, attributes: warned } }
    const documentEntries = Array.from({ length: 600 }, () => aDocumentEntry())
    documentEntries.push(aDocumentEntry({ mimeType: '' }))
    const findings = checkAttributes(aSubmission({ documentEntries }), 'ITI-42', tables)
    expect(findings.filter(({ severity }) => severity !== 'Warning')).to.have.length(1)
  })

  it('extra metadata with any number of values that are too long [ITI TF-3:4.2.3.1.1]', () => {
    const extraMetadata = [{ name: 'urn:x', values: Array.from({ length: 150_000 }, () => long) }]
    expect(checkAttributes(aSubmission({ documentEntry: { extraMetadata } }), 'ITI-42')).to.have.length(500)
  }).timeout(20_000)
})

describe('the rules for attributes let through', () => {
  const sound: [string, Submission, SubmittedBy?][] = [
    ['the sample', aSubmission()],
    ['the sample with a folder', aSubmission({ folders: [aFolder()] })],
    [
      'on ITI-41 an entry without hash, size and repositoryUniqueId [ITI TF-3: Table 4.3.1-3]',
      aSubmission({ documentEntry: { hash: undefined, size: undefined, repositoryUniqueId: undefined } }),
      'ITI-41',
    ],
    [
      'on ITI-61 an on-demand entry without creationTime, hash and size [ITI TF-2:3.61.4.1.2]',
      aSubmission({
        documentEntry: { objectType: 'on-demand', creationTime: undefined, hash: undefined, size: undefined },
      }),
      'ITI-61',
    ],
    [
      'titles of 128 and 256 characters [ITI TF-3:4.2.3.2.24, 4.2.3.3.11]',
      aSubmission({ documentEntry: { title: title(128) }, submissionSet: { title: title(256) } }),
    ],
    [
      'names in unusual positions, and roles in plain words',
      aSubmission({
        documentEntry: {
          author: [
            anAuthor({
              authorPerson: '^Max^Mustermann^^^Dr.Med',
              authorRole: ['Behandelnde Person', 'HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO'],
            }),
          ],
        },
      }),
    ],
    [
      'a hash in capital letters [ITI TF-3:4.2.3.2.10]',
      aSubmission({ documentEntry: { hash: 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709' } }),
    ],
    [
      'a uniqueId of any form [ITI TF-3:4.2.3.2.26]',
      aSubmission({ documentEntry: { uniqueId: 'urn:uuid:0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e^/../x' } }),
    ],
    [
      'whatever status was sent [ITI TF-3:4.2.3.2.2]',
      aSubmission({ documentEntry: { availabilityStatus: 'Deprecated' } }),
    ],
    [
      'an Association without an id [ITI TF-3:4.2.2]',
      aSubmission({ associations: [anAssociation({ entryUUID: '' })] }),
    ],
    [
      'no author at all: required only if known [ITI TF-3: Table 4.3.1-3]',
      aSubmission({ documentEntry: { author: [] }, submissionSet: { author: [] } }),
    ],
    [
      'a value of 256 characters, whatever their octets [ITI TF-3:4.2.3.1.1]',
      aSubmission({ documentEntry: { author: [anAuthor({ authorRole: ['😀'.repeat(256)] })] } }),
    ],
    [
      'comments without a limit [ITI TF-3:4.2.3.2.4]',
      aSubmission({ documentEntry: { comments: [{ value: 'x'.repeat(5000) }] } }),
    ],
  ]
  for (const [title, submission, on = 'ITI-42'] of sound) {
    it(title, () => {
      expect(checkAttributes(submission, on)).to.deep.equal([])
    })
  }
})

describe('the requirements of a transaction', () => {
  it('let a repository speak of its own metadata error on ITI-41 [ITI TF-3: Table 4.2.4.1-2]', () => {
    const findings = checkAttributes(aSubmission({ documentEntry: { mimeType: '' } }), 'ITI-41')
    expect(findings.map(finding => finding.code)).to.deep.equal(['XDSRepositoryMetadataError'])
  })

  it('forbid creationTime, hash and size on ITI-61 [ITI TF-2:3.61.4.2.2]', () => {
    const findings = checkAttributes(aSubmission({ documentEntry: { objectType: 'on-demand' } }), 'ITI-61')
    expect(findings.map(finding => finding.attribute)).to.have.members(['creationTime', 'hash', 'size'])
  })

  it('name the object, and its place where it has no id', () => {
    const documentEntries = [aDocumentEntry({ entryUUID: 'Doc', mimeType: '' }), aDocumentEntry({ entryUUID: '' })]
    const objects = checkAttributes(aSubmission({ documentEntries, associations: [] }), 'ITI-42').map(
      each => each.object,
    )
    expect(objects).to.include.members(['DocumentEntry Doc', 'DocumentEntry number 2 (without id)'])
  })
})

function entry(attribute: string, clause: string, documentEntry: Partial<DocumentEntry>): Breach {
  const submission = aSubmission({ documentEntry })
  // The Association to an entry with a broken id would be broken as well.
  return {
    attribute,
    clause,
    submission: 'entryUUID' in documentEntry ? { ...submission, associations: [] } : submission,
  }
}

function set(attribute: string, clause: string, submissionSet: Partial<SubmissionSet>): Breach {
  const submission = aSubmission({ submissionSet })
  return {
    attribute,
    clause,
    submission: 'entryUUID' in submissionSet ? { ...submission, associations: [] } : submission,
  }
}

function folder(attribute: string, clause: string, changes: Partial<Folder>): Breach {
  return { attribute, clause, submission: aSubmission({ folders: [aFolder(changes)] }) }
}

function association(attribute: string, clause: string, changes: Partial<Association>): Breach {
  return { attribute, clause, submission: aSubmission({ associations: [anAssociation(changes)] }) }
}

function titleOf({ folders, associations, documentEntries }: Submission): string {
  if (folders.length > 0) return 'Folder'
  return associations.length > documentEntries.length ? 'Association' : 'DocumentEntry or SubmissionSet'
}
