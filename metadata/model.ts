// The metadata of a Document Sharing submission as plain values. Attribute names are those of ITI TF-3 §4.2.3;
// their types, carriers and rules stand in the attribute tables (document-entry.ts, submission-set.ts, folder.ts, association.ts).

/** A text in one or more languages, as rim:LocalizedString carries it. */
export type InternationalString = readonly LocalizedString[]

export interface LocalizedString {
  value: string
  lang?: string
  charset?: string
}

/** A coded value; equal to another when code and codingScheme are. [ITI TF-3:4.2.3.1.2] */
export interface Code {
  code: string
  codingScheme: string
  displayName: InternationalString
  /** Of the Classification that carries it, when it came with one. */
  id?: string
}

/** [ITI TF-3:4.2.3.1.4] */
export interface Author {
  authorPerson?: string
  authorInstitution: string[]
  authorRole: string[]
  authorSpecialty: string[]
  authorTelecommunication: string[]
  id?: string
}

/** A name with values; what the attribute tables do not know is kept in this form. [ITI TF-3:4.2.3.1.6] */
export interface Slot {
  name: string
  values: string[]
  slotType?: string
}

export type AvailabilityStatus = 'Approved' | 'Deprecated'
export type DocumentEntryType = 'stable' | 'on-demand'

interface RegistryObject {
  /** A UUID URN, or a symbolic id inside a submission; '' when an Association came without. */
  entryUUID: string
  homeCommunityId?: string
  /** Ignored on submission, always set on what a registry returns. */
  availabilityStatus?: AvailabilityStatus
  /** Slots that no table names, in the order sent. */
  extraMetadata: Slot[]
}

interface VersionedObject extends RegistryObject {
  logicalID?: string
  version?: number
  title?: InternationalString
  comments?: InternationalString
  patientId?: string
  uniqueId?: string
  limitedMetadata: boolean
  /** Ids of the ExternalIdentifiers, by attribute name, when they came with one. */
  identifierIds: Readonly<Record<string, string>>
}

/** What is known of one document. [ITI TF-3: Table 4.2.3.2-1] HL7 values (CX, XCN, DTM …) are kept as text, as sent. */
export interface DocumentEntry extends VersionedObject {
  kind: 'DocumentEntry'
  /** Undefined when the objectType sent is neither of the two. */
  objectType: DocumentEntryType | undefined
  author: Author[]
  classCode?: Code
  confidentialityCode: Code[]
  creationTime?: string
  documentAvailability?: string
  eventCodeList: Code[]
  formatCode?: Code
  hash?: string
  healthcareFacilityTypeCode?: Code
  languageCode?: string
  legalAuthenticator?: string
  mimeType: string
  practiceSettingCode?: Code
  referenceIdList: string[]
  repositoryUniqueId?: string
  serviceStartTime?: string
  serviceStopTime?: string
  /** Decimal digits, as sent. */
  size?: string
  sourcePatientId?: string
  sourcePatientInfo: string[]
  typeCode?: Code
  URI?: string
}

/** [ITI TF-3: Table 4.2.3.3-1] */
export interface SubmissionSet extends VersionedObject {
  kind: 'SubmissionSet'
  author: Author[]
  contentTypeCode?: Code
  intendedRecipient: string[]
  sourceId?: string
  submissionTime?: string
}

/** [ITI TF-3: Table 4.2.3.4-1] */
export interface Folder extends VersionedObject {
  kind: 'Folder'
  codeList: Code[]
  lastUpdateTime?: string
}

export type AssociationType =
  | 'HasMember'
  | 'RPLC'
  | 'XFRM'
  | 'APND'
  | 'XFRM_RPLC'
  | 'signs'
  | 'IsSnapshotOf'
  | 'UpdateAvailabilityStatus'
  | 'SubmitAssociation'

/** [ITI TF-3:4.2.2] */
export interface Association extends RegistryObject {
  kind: 'Association'
  /** One of the known types, or the URN as sent. */
  associationType: AssociationType | (string & {})
  sourceObject: string
  targetObject: string
  submissionSetStatus?: string
  associationDocumentation?: Code
  previousVersion?: string
  associationPropagation?: string
  originalStatus?: string
  newStatus?: string
}

export type RegistryObjectValue = DocumentEntry | SubmissionSet | Folder | Association

/** A lcm:SubmitObjectsRequest, decoded. Whatever it holds it decodes; what was wrong in its carriage stands in `findings`. */
export interface Submission {
  submissionSets: SubmissionSet[]
  documentEntries: DocumentEntry[]
  folders: Folder[]
  associations: Association[]
  findings: Finding[]
}

/** One rule broken by one object, in words that its sender understands. */
export interface Finding {
  code: ErrorCode
  severity?: 'Error' | 'Warning'
  /** As `DocumentEntry Document01` or `Association urn:uuid:…`. */
  object: string
  attribute?: string
  /** Clause tag, as `ITI TF-3:4.2.3.2.6`. */
  rule: string
  expected: string
  found: string
  /** For RegistryError@location, where the specification asks for one. */
  location?: string
}

/** As it travels in rs:RegistryErrorList. [ITI TF-3:4.2.4.1] */
export interface RegistryError {
  errorCode: ErrorCode | (string & {})
  codeContext: string
  severity: 'Error' | 'Warning'
  location?: string
}

/** Codes of ITI TF-3 Table 4.2.4.1-2, and of Metadata Update, Restricted Metadata Update and Remove Metadata and Documents, that we give; foreign ones are read as text. */
export type ErrorCode =
  | 'XDSMissingDocument'
  | 'XDSMissingDocumentMetadata'
  | 'XDSRegistryNotAvailable'
  | 'XDSRegistryError'
  | 'XDSRepositoryError'
  | 'XDSRegistryDuplicateUniqueIdInMessage'
  | 'XDSRepositoryDuplicateUniqueIdInMessage'
  | 'XDSDuplicateUniqueIdInRegistry'
  | 'XDSNonIdenticalHash'
  | 'XDSNonIdenticalSize'
  | 'XDSRegistryBusy'
  | 'XDSRepositoryBusy'
  | 'XDSRegistryOutOfResources'
  | 'XDSRepositoryOutOfResources'
  | 'XDSRegistryMetadataError'
  | 'XDSRepositoryMetadataError'
  | 'XDSTooManyResults'
  | 'XDSExtraMetadataNotSaved'
  | 'XDSUnknownPatientId'
  | 'XDSPatientIdDoesNotMatch'
  | 'XDSUnknownStoredQuery'
  | 'XDSStoredQueryMissingParam'
  | 'XDSStoredQueryParamNumber'
  | 'XDSResultNotSinglePatient'
  | 'XDSRegistryDeprecatedDocumentError'
  | 'XDSUnknownRepositoryId'
  | 'XDSDocumentUniqueIdError'
  | 'XDSUnknownCommunity'
  | 'XDSMissingHomeCommunityId'
  | 'XDSUnavailableCommunity'
  | 'XDSIRequestError'
  | 'UnresolvedReferenceException'
  | 'ReferencesExistException'
  | 'XDSUnreferencedObjectException'
  | 'XDSMetadataUpdateError'
  | 'XDSMetadataUpdateOperationError'
  | 'XDSMetadataVersionError'
  | 'XDSPatientIDReconciliationError'
  | 'XDSRemoveDocumentsError'
  | 'XDSInvalidRequestException'
  | 'XDSObjectTypeError'
  | 'XDSMetadataIdentifierError'
  | 'UnmodifiableMetadataError'
  | 'LocalPolicyRestrictionError'
  | 'XDSMetadataAnnotationError'
