// Random submissions for properties: any value that a carrier can hold, not only those that the rules let through.
import fc from 'fast-check'
import type {
  Association,
  Author,
  Code,
  DocumentEntry,
  Finding,
  Folder,
  InternationalString,
  Slot,
  Submission,
  SubmissionSet,
} from '../../metadata/model.js'

const character = fc.constantFrom(...'abZ09 <>&"\'^|\\~äß語😀\n\t%;'.match(/./gsu)!)
/** As it stands in an XML attribute or in extra metadata: white space counts. */
const anyText = fc.string({ unit: character, maxLength: 12 })
/** As it stands in a Slot of ours: white space around it does not. */
const text = anyText.map(value => value.trim()).filter(value => value !== '')
const texts = fc.array(text, { maxLength: 3 })
const uuid = fc.uuid().map(value => `urn:uuid:${value}`)
const id = fc.oneof(
  uuid,
  fc.nat(1_000_000).map(number => `object${number}`),
)

const localized: fc.Arbitrary<InternationalString> = fc.array(
  fc.record(
    {
      value: anyText.filter(value => value !== ''),
      lang: fc.constantFrom('de-CH', 'fr', 'en'),
      charset: fc.constantFrom('UTF-8', 'UTF8'),
    },
    { requiredKeys: ['value'] },
  ),
  { minLength: 1, maxLength: 2 },
)

const code: fc.Arbitrary<Code> = fc.record(
  { code: text, codingScheme: text, displayName: localized, id: uuid },
  { requiredKeys: ['code', 'codingScheme', 'displayName'] },
)

const author: fc.Arbitrary<Author> = fc.record(
  {
    authorPerson: text,
    authorInstitution: texts,
    authorRole: texts,
    authorSpecialty: texts,
    authorTelecommunication: texts,
    id: uuid,
  },
  { requiredKeys: ['authorInstitution', 'authorRole', 'authorSpecialty', 'authorTelecommunication'] },
)

const extraMetadata: fc.Arbitrary<Slot[]> = fc.uniqueArray(
  fc.record(
    {
      name: fc.webPath().map(name => `urn:example:${name}x`),
      values: fc.array(anyText, { maxLength: 3 }),
      slotType: fc.constant('urn:example:type'),
    },
    { requiredKeys: ['name', 'values'] },
  ),
  { maxLength: 3, selector: slot => slot.name },
)

const codes = fc.array(code, { maxLength: 2 })
const status = fc.constantFrom('Approved' as const, 'Deprecated' as const)
const version = fc.integer({ min: 1, max: 99 })
const registryObject = { homeCommunityId: text, availabilityStatus: status, extraMetadata }
const versioned = {
  ...registryObject,
  logicalID: id,
  version,
  title: localized,
  comments: localized,
  patientId: text,
  uniqueId: text,
  limitedMetadata: fc.boolean(),
}
const identifierIds = fc.record({ patientId: uuid, uniqueId: uuid })

const documentEntry: fc.Arbitrary<DocumentEntry> = withIdentifiers(
  fc.record(
    {
      kind: fc.constant('DocumentEntry' as const),
      entryUUID: id,
      ...versioned,
      objectType: fc.constantFrom('stable' as const, 'on-demand' as const),
      mimeType: text,
      author: fc.array(author, { maxLength: 2 }),
      classCode: code,
      confidentialityCode: codes,
      creationTime: text,
      documentAvailability: text,
      eventCodeList: codes,
      formatCode: code,
      hash: text,
      healthcareFacilityTypeCode: code,
      languageCode: text,
      legalAuthenticator: text,
      practiceSettingCode: code,
      referenceIdList: texts,
      repositoryUniqueId: text,
      serviceStartTime: text,
      serviceStopTime: text,
      size: text,
      sourcePatientId: text,
      sourcePatientInfo: texts,
      typeCode: code,
      URI: text.filter(value => !/^[0-9]+\|/.test(value)),
    },
    {
      requiredKeys: [
        ...(['kind', 'entryUUID', 'objectType', 'mimeType', 'author', 'confidentialityCode', 'eventCodeList'] as const),
        ...(['referenceIdList', 'sourcePatientInfo', 'limitedMetadata', 'extraMetadata'] as const),
      ],
    },
  ),
)

const submissionSet: fc.Arbitrary<SubmissionSet> = withIdentifiers(
  fc.record(
    {
      kind: fc.constant('SubmissionSet' as const),
      entryUUID: id,
      ...versioned,
      author: fc.array(author, { maxLength: 2 }),
      contentTypeCode: code,
      intendedRecipient: texts,
      sourceId: text,
      submissionTime: text,
    },
    { requiredKeys: ['kind', 'entryUUID', 'author', 'intendedRecipient', 'limitedMetadata', 'extraMetadata'] },
  ),
)

const folder: fc.Arbitrary<Folder> = withIdentifiers(
  fc.record(
    { kind: fc.constant('Folder' as const), entryUUID: id, ...versioned, codeList: codes, lastUpdateTime: text },
    { requiredKeys: ['kind', 'entryUUID', 'codeList', 'limitedMetadata', 'extraMetadata'] },
  ),
)

const association: fc.Arbitrary<Association> = fc.record(
  {
    kind: fc.constant('Association' as const),
    entryUUID: id,
    ...registryObject,
    associationType: fc.constantFrom('HasMember', 'RPLC', 'XFRM', 'APND', 'XFRM_RPLC', 'signs', 'SubmitAssociation'),
    sourceObject: id,
    targetObject: id,
    submissionSetStatus: text,
    associationDocumentation: code,
    previousVersion: text,
    associationPropagation: text,
    originalStatus: text,
    newStatus: text,
  },
  { requiredKeys: ['kind', 'entryUUID', 'associationType', 'sourceObject', 'targetObject', 'extraMetadata'] },
)

/** Every object has an id of its own; beyond that they make no sense together. */
export const arbitrarySubmission: fc.Arbitrary<Submission> = fc
  .record({
    submissionSets: fc.array(submissionSet, { minLength: 1, maxLength: 2 }),
    documentEntries: fc.array(documentEntry, { maxLength: 2 }),
    folders: fc.array(folder, { maxLength: 1 }),
    associations: fc.array(association, { maxLength: 3 }),
    findings: fc.constant<Finding[]>([]),
  })
  .filter(({ submissionSets, documentEntries, folders, associations }) => {
    const ids = [...submissionSets, ...documentEntries, ...folders, ...associations].map(object => object.entryUUID)
    return new Set(ids).size === ids.length
  })

function withIdentifiers<Value extends { patientId?: string; uniqueId?: string }>(
  objects: fc.Arbitrary<Value>,
): fc.Arbitrary<Value & { identifierIds: Record<string, string> }> {
  return fc.tuple(objects, identifierIds).map(([object, ids]) => ({
    ...object,
    identifierIds: Object.fromEntries(
      Object.entries(ids).filter(([name]) => object[name as keyof Value] !== undefined),
    ),
  }))
}
