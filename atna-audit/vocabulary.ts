// The codes of the audit messages we write. DICOM CID 400 to 403, ITI TF-2 §3.20.
import type { AuditCode } from './message.js'

const dcm = (code: string, text: string): AuditCode => [code, 'DCM', text]

/** What kind of thing happened. [DICOM CID 400] */
export const eventIDs = {
  applicationActivity: dcm('110100', 'Application Activity'),
  auditLogUsed: dcm('110101', 'Audit Log Used'),
  instancesAccessed: dcm('110103', 'DICOM Instances Accessed'),
  instancesTransferred: dcm('110104', 'DICOM Instances Transferred'),
  export: dcm('110106', 'Export'),
  import: dcm('110107', 'Import'),
  patientRecord: dcm('110110', 'Patient Record'),
  query: dcm('110112', 'Query'),
  securityAlert: dcm('110113', 'Security Alert'),
  userAuthentication: dcm('110114', 'User Authentication'),
} as const

/** The kind in detail: for transactions the transaction, else one of these. [DICOM CID 401, 403] */
export const eventTypes = {
  applicationStart: dcm('110120', 'Application Start'),
  applicationStop: dcm('110121', 'Application Stop'),
  login: dcm('110122', 'Login'),
  logout: dcm('110123', 'Logout'),
  nodeAuthentication: dcm('110126', 'Node Authentication'),
  securityConfiguration: dcm('110129', 'Security Configuration'),
  useOfRestrictedFunction: dcm('110132', 'Use of Restricted Function'),
  objectSecurityAttributesChanged: dcm('110135', 'Object Security Attributes Changed'),
} as const

/** [ITI TF-2:3.20.8] */
export function transactionType(id: string, name: string): AuditCode {
  return [id, 'IHE Transactions', name]
}

/** What a participant was in the event. [DICOM CID 402] */
export const roles = {
  application: dcm('110150', 'Application'),
  destination: dcm('110152', 'Destination Role ID'),
  source: dcm('110153', 'Source Role ID'),
} as const

/** How the id of a participant object is to be read. */
export const idTypes = {
  patientNumber: ['2', 'RFC-3881', 'Patient Number'],
  reportNumber: ['9', 'RFC-3881', 'Report Number'],
  uri: ['12', 'RFC-3881', 'URI'],
  study: dcm('110180', 'Study Instance UID'),
  node: dcm('110182', 'Node ID'),
  submissionSet: [
    'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd',
    'IHE XDS Metadata',
    'submission set classificationNode',
  ],
  registryObject: ['urn:ihe:iti:2017:ObjectRef', 'IHE XDS Metadata', 'registry object reference'],
  traceparent: ['traceparent', 'e-health-suisse', 'traceparent'],
} as const satisfies Record<string, AuditCode>

/** What happened to a participant object. [DICOM PS3.15 A.5.2.6, RFC 3881: 5.5.3] */
export const lifeCycles = { logicalDeletion: 14, permanentErasure: 15 } as const

/** AuditSourceTypeCode of a service. [DICOM PS3.15 A.5.1] */
export const applicationServerProcess: AuditCode = ['4', 'DCM', 'Application server process']
