// Messages of the four transactions written by hand, as another vendor's system would send them: nothing here knows Carnet's codecs,
// so that what they get wrong together cannot cancel out.
import { createHash, randomUUID } from 'node:crypto'

/** One document and the patient it is about; what is left out gets a sensible value. */
export interface Described {
  uniqueId: string
  patientId: string
  mimeType?: string
  title?: string
  entryUUID?: string
  submissionSetUniqueId?: string
  sourceId?: string
  /** What a repository adds on the way to the registry. */
  repositoryUniqueId?: string
  hash?: string
  sizeBytes?: number
  /** entryUUID of the entry that this one replaces. */
  replaces?: string
}

const actions = {
  'ITI-18': 'urn:ihe:iti:2007:RegistryStoredQuery',
  'ITI-41': 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b',
  'ITI-42': 'urn:ihe:iti:2007:RegisterDocumentSet-b',
  'ITI-43': 'urn:ihe:iti:2007:RetrieveDocumentSet',
  'ITI-44': 'urn:hl7-org:v3:PRPA_IN201301UV02',
} as const

export type TransactionId = keyof typeof actions

export interface Message {
  contentType: string
  body: Buffer
}

const rimNamespace = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'
const statusType = 'urn:oasis:names:tc:ebxml-regrep:StatusType'

/** A fresh OID below 2.25. */
export function freshOid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`
}

export function sha1Of(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** lcm:SubmitObjectsRequest with one DocumentEntry in one SubmissionSet, laid out the way a Java client prints it. */
export function submission(described: Described): string {
  const entry = described.entryUUID ?? `urn:uuid:${randomUUID()}`
  const set = `urn:uuid:${randomUUID()}`
  const objects = [documentEntry(entry, described), submissionSet(set, described), member(set, entry)]
  if (described.replaces !== undefined) objects.push(association(typeOf('RPLC'), entry, described.replaces))
  return `<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="${rimNamespace}">
  <rim:RegistryObjectList>
${objects.join('\n')}
  </rim:RegistryObjectList>
</lcm:SubmitObjectsRequest>`
}

/** ITI-41 as MTOM, each document in a part of its own. */
export function provideAndRegister(described: Described, document: Buffer): Message {
  const entry = described.entryUUID ?? `urn:uuid:${randomUUID()}`
  const contentId = `${randomUUID()}@bench.example`
  const body = `<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007">${submission({ ...described, entryUUID: entry })}<xdsb:Document id="${entry}"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${encodeURIComponent(contentId)}"/></xdsb:Document></xdsb:ProvideAndRegisterDocumentSetRequest>`
  return packaged(envelope('ITI-41', body), [
    { contentId, contentType: described.mimeType ?? 'text/plain', bytes: document },
  ])
}

/** ITI-41 without MTOM, the document inline. */
export function provideAndRegisterInline(described: Described, document: Buffer): Message {
  const entry = described.entryUUID ?? `urn:uuid:${randomUUID()}`
  const body = `<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007">${submission({ ...described, entryUUID: entry })}<xdsb:Document id="${entry}">${document.toString('base64')}</xdsb:Document></xdsb:ProvideAndRegisterDocumentSetRequest>`
  return plain(envelope('ITI-41', body))
}

export function register(described: Described): Message {
  return plain(envelope('ITI-42', submission(described)))
}

/** ITI-18 with its parameters as slots. */
function storedQuery(query: string, parameters: Record<string, string>, returnType = 'LeafClass'): Message {
  const slots = Object.entries(parameters).map(([name, value]) => slot(name, [value]))
  return plain(
    envelope(
      'ITI-18',
      `<query:AdhocQueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="${rimNamespace}"><query:ResponseOption returnType="${returnType}" returnComposedObjects="true"/><rim:AdhocQuery id="${query}">${slots.join('')}</rim:AdhocQuery></query:AdhocQueryRequest>`,
    ),
  )
}

export function findDocuments(patientId: string, returnType = 'LeafClass'): Message {
  return storedQuery(
    'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
    { $XDSDocumentEntryPatientId: `'${patientId}'`, $XDSDocumentEntryStatus: `('${statusType}:Approved')` },
    returnType,
  )
}

export function getDocumentsByUniqueId(uniqueIds: string[]): Message {
  return storedQuery('urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4', {
    $XDSDocumentEntryUniqueId: `(${uniqueIds.map(id => `'${id}'`).join(',')})`,
  })
}

/** ITI-43 as a package with one part, the way Java clients send it. */
export function retrieve(repositoryUniqueId: string, uniqueIds: string[]): Message {
  const requests = uniqueIds.map(
    id =>
      `<xdsb:DocumentRequest><xdsb:RepositoryUniqueId>${repositoryUniqueId}</xdsb:RepositoryUniqueId><xdsb:DocumentUniqueId>${escaped(id)}</xdsb:DocumentUniqueId></xdsb:DocumentRequest>`,
  )
  return packaged(
    envelope(
      'ITI-43',
      `<xdsb:RetrieveDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007">${requests.join('')}</xdsb:RetrieveDocumentSetRequest>`,
    ),
    [],
  )
}

/** ITI-44, Patient Registry Record Added. */
export function patientAdded(extension: string, authority: string): Message {
  const device = '<device classCode="DEV" determinerCode="INSTANCE"><id root="2.25.999"/></device>'
  return plain(
    envelope(
      'ITI-44',
      `<PRPA_IN201301UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"><id root="${freshOid()}"/><creationTime value="20260101120000"/><interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201301UV02"/><processingCode code="T"/><processingModeCode code="T"/><acceptAckCode code="AL"/><receiver typeCode="RCV">${device}</receiver><sender typeCode="SND">${device}</sender><controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201301UV02" codeSystem="2.16.840.1.113883.1.6"/><subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT"><id root="${authority}" extension="${escaped(extension)}"/><statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE"><name><family>Muster</family><given>Maja</given></name></patientPerson></patient></subject1></registrationEvent></subject></controlActProcess></PRPA_IN201301UV02>`,
    ),
  )
}

function envelope(transaction: TransactionId, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Header><Action soap:mustUnderstand="true" xmlns="http://www.w3.org/2005/08/addressing">${actions[transaction]}</Action><MessageID xmlns="http://www.w3.org/2005/08/addressing">urn:uuid:${randomUUID()}</MessageID><To xmlns="http://www.w3.org/2005/08/addressing">https://localhost/</To><ReplyTo xmlns="http://www.w3.org/2005/08/addressing"><Address>http://www.w3.org/2005/08/addressing/anonymous</Address></ReplyTo></soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`
}

export function plain(soap: string): Message {
  return { contentType: 'application/soap+xml; charset=utf-8', body: Buffer.from(soap) }
}

/** An MTOM package in the manner of CXF: boundary `uuid:…` in quotes, body beginning with CRLF. */
export function packaged(soap: string, parts: { contentId: string; contentType: string; bytes: Buffer }[]): Message {
  const boundary = `uuid:${randomUUID()}`
  const pieces: (string | Buffer)[] = [
    `\r\n--${boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root.message@cxf.apache.org>\r\n\r\n${soap}`,
  ]
  for (const { contentId, contentType, bytes } of parts) {
    pieces.push(
      `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${contentId}>\r\n\r\n`,
      bytes,
    )
  }
  pieces.push(`\r\n--${boundary}--`)
  return {
    contentType: `multipart/related; type="application/xop+xml"; boundary="${boundary}"; start="<root.message@cxf.apache.org>"; start-info="application/soap+xml"`,
    body: Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece))),
  }
}

function documentEntry(id: string, described: Described): string {
  const { uniqueId, patientId, mimeType = 'text/plain', title = 'Discharge letter', ...repository } = described
  const slots: [string, string[]][] = [
    ['creationTime', ['20260115093000']],
    ['languageCode', ['de-CH']],
    ['serviceStartTime', ['202601140800']],
    ['serviceStopTime', ['202601150900']],
    ['sourcePatientId', ['4711^^^&2.16.756.5.30.1.999.2.1&ISO']],
    [
      'sourcePatientInfo',
      ['PID-3|4711^^^&2.16.756.5.30.1.999.2.1&ISO', 'PID-5|Muster^Maja', 'PID-7|19600618', 'PID-8|F'],
    ],
    ['legalAuthenticator', ['7601000000000^Stone^Sarah^^^Dr.^^^&2.51.1.3&ISO']],
    ['urn:ihe:iti:xds:2013:referenceIdList', ['2.16.756.5.30.1.999.7.1^^^^urn:ihe:iti:xds:2013:uniqueId']],
  ]
  if (repository.repositoryUniqueId !== undefined) slots.push(['repositoryUniqueId', [repository.repositoryUniqueId]])
  if (repository.hash !== undefined) slots.push(['hash', [repository.hash]])
  if (repository.sizeBytes !== undefined) slots.push(['size', [String(repository.sizeBytes)]])
  const codes = entryCodes.map(([scheme, code, system, name]) => coded(id, scheme, code, system, name))
  return `    <rim:ExtrinsicObject id="${id}" mimeType="${mimeType}" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">
${slots.map(([name, values]) => slot(name, values)).join('\n')}
      ${named(title)}
      <rim:Description><rim:LocalizedString xml:lang="de-CH" charset="UTF-8" value="Austrittsbericht der medizinischen Klinik"/></rim:Description>
${author(id, 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d')}
${codes.join('\n')}
${identifier(id, 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', patientId, 'XDSDocumentEntry.patientId')}
${identifier(id, 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab', uniqueId, 'XDSDocumentEntry.uniqueId')}
    </rim:ExtrinsicObject>`
}

const entryCodes: [scheme: string, code: string, system: string, name: string][] = [
  [
    'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a',
    '371531000',
    '2.16.840.1.113883.6.96',
    'Report of clinical encounter',
  ],
  ['urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f', '17621005', '2.16.840.1.113883.6.96', 'Normal'],
  ['urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4', '38483-4', '2.16.840.1.113883.6.1', 'Creatinine in blood'],
  [
    'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
    'urn:ihe:iti:xds:2017:mimeTypeSufficient',
    '1.3.6.1.4.1.19376.1.2.3',
    'mimeType sufficient',
  ],
  ['urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', '22232009', '2.16.840.1.113883.6.96', 'Hospital'],
  ['urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead', '394802001', '2.16.840.1.113883.6.96', 'General medicine'],
  ['urn:uuid:f0306f51-975f-434e-a61c-c59651d33983', '373942005', '2.16.840.1.113883.6.96', 'Discharge summary'],
]

function submissionSet(id: string, described: Described): string {
  const { patientId, submissionSetUniqueId = freshOid(), sourceId = '2.16.756.5.30.1.999.3.1' } = described
  return `    <rim:RegistryPackage id="${id}" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage">
${slot('submissionTime', ['20260115093500'])}
      ${named('Discharge of a patient')}
${author(id, 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d')}
${coded(id, 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500', '71388002', '2.16.840.1.113883.6.96', 'Procedure')}
      <rim:Classification id="urn:uuid:${randomUUID()}" classifiedObject="${id}" classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>
${identifier(id, 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446', patientId, 'XDSSubmissionSet.patientId')}
${identifier(id, 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832', sourceId, 'XDSSubmissionSet.sourceId')}
${identifier(id, 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8', submissionSetUniqueId, 'XDSSubmissionSet.uniqueId')}
    </rim:RegistryPackage>`
}

function member(set: string, entry: string): string {
  return association(typeOf('HasMember'), set, entry, slot('SubmissionSetStatus', ['Original']))
}

function association(type: string, source: string, target: string, inside = ''): string {
  return `    <rim:Association id="urn:uuid:${randomUUID()}" associationType="${type}" sourceObject="${source}" targetObject="${target}" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association">${inside}</rim:Association>`
}

function typeOf(name: 'HasMember' | 'RPLC'): string {
  return name === 'HasMember'
    ? 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember'
    : 'urn:ihe:iti:2007:AssociationType:RPLC'
}

function author(object: string, scheme: string): string {
  return `      <rim:Classification id="urn:uuid:${randomUUID()}" classificationScheme="${scheme}" classifiedObject="${object}" nodeRepresentation="" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification">
${slot('authorPerson', ['7601000000000^Stone^Sarah^^^Dr.^^^&2.51.1.3&ISO'])}
${slot('authorInstitution', ['Spital Wettingen^^^^^&2.16.756.5.30.1.999&ISO^^^^2.16.756.5.30.1.999.8'])}
${slot('authorRole', ['Attending physician'])}
${slot('authorSpecialty', ['General medicine'])}
      </rim:Classification>`
}

function coded(object: string, scheme: string, code: string, system: string, name: string): string {
  return `      <rim:Classification id="urn:uuid:${randomUUID()}" classificationScheme="${scheme}" classifiedObject="${object}" nodeRepresentation="${code}" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification">
${slot('codingScheme', [system])}
        ${named(name)}
      </rim:Classification>`
}

function identifier(object: string, scheme: string, value: string, name: string): string {
  return `      <rim:ExternalIdentifier id="urn:uuid:${randomUUID()}" registryObject="${object}" identificationScheme="${scheme}" value="${escaped(value)}" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier">
        ${named(name)}
      </rim:ExternalIdentifier>`
}

function named(text: string): string {
  return `<rim:Name><rim:LocalizedString xml:lang="en" charset="UTF-8" value="${escaped(text)}"/></rim:Name>`
}

function slot(name: string, values: string[]): string {
  return `      <rim:Slot name="${name}"><rim:ValueList>${values.map(value => `<rim:Value>${escaped(value)}</rim:Value>`).join('')}</rim:ValueList></rim:Slot>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
