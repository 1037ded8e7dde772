// Names of code systems as DICOM messages write them, and URIs as FHIR does. Each name has one URI and comes back from it.

const uris: Readonly<Record<string, string>> = {
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  'IHE Transactions': 'urn:ihe:event-type-code',
  'e-health-suisse': 'urn:e-health-suisse:event-type-code',
  'IHE XDS Metadata': 'urn:oid:1.3.6.1.4.1.19376.1.2.6',
  'RFC-3881': 'urn:ietf:rfc:3881',
  'SNOMED CT': 'http://snomed.info/sct',
}
const names = new Map(Object.entries(uris).map(([name, uri]) => [uri, name]))

const oid = /^[0-2](?:\.(?:0|[1-9][0-9]*))+$/
const uri = /^[a-z][a-z0-9+.-]*:\S+$/i
/** For names that are neither known nor URIs: FHIR allows nothing else as a system. */
const named = 'urn:carnet:code-system-name:'

/** What is neither known nor an OID nor a URI gets a URI of ours that nameOf turns back. */
export function uriOf(codeSystemName: string): string {
  const known = Object.hasOwn(uris, codeSystemName) ? uris[codeSystemName] : undefined
  if (known !== undefined) return known
  if (oid.test(codeSystemName)) return `urn:oid:${codeSystemName}`
  const isItself = uri.test(codeSystemName) && nameOf(codeSystemName) === codeSystemName
  return isItself ? codeSystemName : named + encodeURIComponent(codeSystemName)
}

/** The inverse of uriOf, for every name. */
export function nameOf(system: string): string {
  const known = names.get(system)
  if (known !== undefined) return known
  if (system.startsWith('urn:oid:') && oid.test(system.slice(8))) return system.slice(8)
  return system.startsWith(named) ? decoded(system.slice(named.length)) : system
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Systems of FHIR whose codes stand as bare digits in DICOM. */
export const digits = {
  entityType: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  objectRole: 'http://terminology.hl7.org/CodeSystem/object-role',
  lifeCycle: 'http://terminology.hl7.org/CodeSystem/dicom-audit-lifecycle',
  sourceType: 'http://terminology.hl7.org/CodeSystem/security-source-type',
} as const

const displays: Record<keyof typeof digits, readonly string[]> = {
  entityType: ['Person', 'System Object', 'Organization', 'Other'],
  objectRole: [
    'Patient',
    'Location',
    'Report',
    'Domain Resource',
    'Master file',
    'User',
    'List',
    'Doctor',
    'Subscriber',
    'Guarantor',
    'Security User Entity',
    'Security User Group',
    'Security Resource',
    'Security Granularity Definition',
    'Practitioner',
    'Data Destination',
    'Data Repository',
    'Schedule',
    'Customer',
    'Job',
    'Job Stream',
    'Table',
    'Routing Criteria',
    'Query',
    'Data Source',
    'Processing Element',
  ],
  lifeCycle: [
    'Origination / Creation',
    'Import / Copy',
    'Amendment',
    'Verification',
    'Translation',
    'Access / Use',
    'De-identification',
    'Aggregation / summarization / derivation',
    'Report',
    'Export',
    'Disclosure',
    'Receipt of disclosure',
    'Archiving',
    'Logical deletion',
    'Permanent erasure / Physical destruction',
  ],
  sourceType: [
    'User Device',
    'Data Interface',
    'Web Server',
    'Application Server',
    'Database Server',
    'Security Server',
    'Network Device',
    'Network Router',
    'Other',
  ],
}

/** What FHIR calls the code; undefined for one that its system has not. */
export function displayOf(system: keyof typeof digits, code: string): string | undefined {
  return displays[system][Number(code) - 1]
}
