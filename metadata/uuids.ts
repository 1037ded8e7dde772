// Every UUID and URN of Document Sharing metadata, in one table each. ITI TF-3 §4.2.5.
import type { AssociationType, AvailabilityStatus, DocumentEntryType } from './model.js'

/** rim:ExtrinsicObject@objectType. [ITI TF-3:4.2.5.2] */
export const documentEntryTypes: Readonly<Record<DocumentEntryType, string>> = {
  stable: 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1',
  'on-demand': 'urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248',
}

/** Classification@classificationNode: what a rim:RegistryPackage is. [ITI TF-3:4.2.5.1] */
export const packageNodes = {
  SubmissionSet: 'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd',
  Folder: 'urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2',
} as const

/** Classification@classificationNode: made under the weaker rules of a Metadata-Limited Document Source. [ITI TF-3:4.2.3.1.10] */
export const limitedMetadataNodes = {
  DocumentEntry: 'urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85',
  SubmissionSet: 'urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707',
  Folder: 'urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03',
} as const

/** Classification@classificationScheme. [ITI TF-3:4.2.5] */
export const classificationSchemes = {
  DocumentEntry: {
    author: 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d',
    classCode: 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a',
    confidentialityCode: 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f',
    eventCodeList: 'urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4',
    formatCode: 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
    healthcareFacilityTypeCode: 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1',
    practiceSettingCode: 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead',
    typeCode: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  },
  SubmissionSet: {
    author: 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d',
    contentTypeCode: 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500',
  },
  Folder: { codeList: 'urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5' },
  Association: { associationDocumentation: 'urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3' },
} as const

/** ExternalIdentifier@identificationScheme. [ITI TF-3:4.2.5] */
export const identificationSchemes = {
  DocumentEntry: {
    patientId: 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427',
    uniqueId: 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab',
  },
  SubmissionSet: {
    patientId: 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446',
    sourceId: 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832',
    uniqueId: 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8',
  },
  Folder: {
    patientId: 'urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a',
    uniqueId: 'urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a',
  },
} as const

/** rim:Association@associationType. [ITI TF-3: Table 4.2.2-1] */
export const associationTypes: Readonly<Record<AssociationType, string>> = {
  HasMember: 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember',
  RPLC: 'urn:ihe:iti:2007:AssociationType:RPLC',
  XFRM: 'urn:ihe:iti:2007:AssociationType:XFRM',
  APND: 'urn:ihe:iti:2007:AssociationType:APND',
  XFRM_RPLC: 'urn:ihe:iti:2007:AssociationType:XFRM_RPLC',
  signs: 'urn:ihe:iti:2007:AssociationType:signs',
  IsSnapshotOf: 'urn:ihe:iti:2010:AssociationType:IsSnapshotOf',
  UpdateAvailabilityStatus: 'urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus',
  SubmitAssociation: 'urn:ihe:iti:2010:AssociationType:SubmitAssociation',
}

/** @status of a registry object. [ITI TF-3:4.2.3.2.2] */
export const statusTypes: Readonly<Record<AvailabilityStatus, string>> = {
  Approved: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',
  Deprecated: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated',
}

/** Slot documentAvailability. [XDS Metadata Update] */
export const documentAvailabilities = {
  Online: 'urn:ihe:iti:2010:DocumentAvailability:Online',
  Offline: 'urn:ihe:iti:2010:DocumentAvailability:Offline',
} as const

/** @objectType of the elements that are told apart by their names anyway. [ITI TF-3:4.2.3.1.2, 4.2.3.1.3] */
export const objectTypes = {
  RegistryPackage: 'urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage',
  Association: 'urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association',
  Classification: 'urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification',
  ExternalIdentifier: 'urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier',
} as const

/** @status of a response. [ITI TF-3:4.2.4.2] */
export const responseStatusTypes = {
  Success: 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success',
  PartialSuccess: 'urn:ihe:iti:2007:ResponseStatusType:PartialSuccess',
  Failure: 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure',
} as const

/** RegistryError@severity. [ITI TF-3: Table 4.2.4.1-1] */
export const severityTypes = {
  Error: 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error',
  Warning: 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning',
} as const
