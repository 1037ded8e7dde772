// Text that stands in every registry object, each stretch of it by a number: objects are written with the numbers, and written out
// where they leave (written-out.ts). docs/decisions/0354.
import { escapeXml } from '../soap/xml.js'
import {
  associationTypes,
  classificationSchemes,
  documentEntryTypes,
  identificationSchemes,
  limitedMetadataNodes,
  objectTypes,
  packageNodes,
} from './uuids.js'

// Characters that no XML can hold, so that nothing a sender says looks like one of them. [XML 1.0: 2.2]
/** Ends the two values at the beginning: the id of the object, and what the ids begin with that it gives to its parts. */
export const endOfId = '\x01'
/** The id of the object; in phrases too, once in each at the most. */
export const ownId = '\x02'
/** A fresh id for a part. */
export const nextId = '\x03'
/** Where status and lastUpdateTime belong, which change. */
export const changing = '\x04'
export const firstPhrase = 0x05
/** A phrase whose number is the next character. */
export const lead = 0x1f

export const startOfSlot = (name: string) => `<rim:Slot name="${escapeXml(name)}"><rim:ValueList><rim:Value>`
export const endOfSlot = '</rim:Value></rim:ValueList></rim:Slot>'
export const startOfText = (element: string) => `<rim:${element}><rim:LocalizedString`
export const byScheme = (scheme: string) =>
  `" objectType="${objectTypes.Classification}" classificationScheme="${scheme}" classifiedObject="${ownId}" nodeRepresentation="`
export const byNode = (node: string) =>
  `" objectType="${objectTypes.Classification}" classificationNode="${node}" classifiedObject="${ownId}"/>`
export const identifiedBy = (scheme: string) =>
  `" objectType="${objectTypes.ExternalIdentifier}" registryObject="${ownId}" identificationScheme="${scheme}" value="`
export const identifierNamed = (name: string) =>
  `"><rim:Name><rim:LocalizedString value="${name}"/></rim:Name></rim:ExternalIdentifier>`

const { DocumentEntry, SubmissionSet, Folder, Association } = classificationSchemes
const identifiers = identificationSchemes

/** The place of a phrase is its number in every database: what is new comes last, and nothing is ever changed. */
export const phrases: readonly string[] = [
  'urn:uuid:',
  endOfSlot,
  '</rim:Value><rim:Value>',
  '<rim:Classification id="',
  '<rim:Classification id="urn:uuid:',
  `">${startOfSlot('codingScheme')}`,
  `${endOfSlot}${startOfText('Name')} xml:lang="`,
  `${endOfSlot}${startOfText('Name')} value="`,
  '" charset="UTF-8" value="',
  '" value="',
  '"/></rim:Name></rim:Classification>',
  '"/></rim:Name>',
  `${startOfText('Name')} xml:lang="`,
  `${startOfText('Name')} value="`,
  `${startOfText('Description')} xml:lang="`,
  `${startOfText('Description')} value="`,
  '"/></rim:Description>',
  '"/><rim:LocalizedString xml:lang="',
  '"/><rim:LocalizedString value="',
  '</rim:Classification>',
  '<rim:ExternalIdentifier id="',
  '<rim:ExternalIdentifier id="urn:uuid:',
  '</rim:ExtrinsicObject>',
  '</rim:RegistryPackage>',
  '</rim:Association>',
  '<rim:VersionInfo versionName="1"/>',
  // From here on two characters each.
  '<rim:ExtrinsicObject',
  '<rim:RegistryPackage',
  '<rim:Association',
  ` id="${ownId}"`,
  ` lid="${ownId}"`,
  ' id="urn:uuid:',
  ' lid="urn:uuid:',
  ' home="urn:oid:',
  ' mimeType="',
  ' sourceObject="urn:uuid:',
  ' targetObject="urn:uuid:',
  ...Object.values(documentEntryTypes).map(type => ` objectType="${type}"`),
  ` objectType="${objectTypes.RegistryPackage}"`,
  ` objectType="${objectTypes.Association}"`,
  ...Object.values(associationTypes).map(type => ` associationType="${type}"`),
  ...[
    ...['creationTime', 'documentAvailability', 'hash', 'languageCode', 'legalAuthenticator'],
    ...['urn:ihe:iti:xds:2013:referenceIdList', 'repositoryUniqueId', 'serviceStartTime', 'serviceStopTime', 'size'],
    ...['sourcePatientId', 'sourcePatientInfo', 'URI', 'intendedRecipient', 'submissionTime'],
    ...['SubmissionSetStatus', 'PreviousVersion', 'AssociationPropagation', 'OriginalStatus', 'NewStatus'],
    ...['authorPerson', 'authorInstitution', 'authorRole', 'authorSpecialty', 'authorTelecommunication'],
  ].map(startOfSlot),
  ...[
    ...[DocumentEntry.author, DocumentEntry.classCode, DocumentEntry.confidentialityCode, DocumentEntry.eventCodeList],
    ...[DocumentEntry.formatCode, DocumentEntry.healthcareFacilityTypeCode, DocumentEntry.practiceSettingCode],
    ...[DocumentEntry.typeCode, SubmissionSet.author, SubmissionSet.contentTypeCode, Folder.codeList],
    Association.associationDocumentation,
  ].map(byScheme),
  ...[packageNodes.SubmissionSet, packageNodes.Folder, ...Object.values(limitedMetadataNodes)].map(byNode),
  ...[identifiers.DocumentEntry.patientId, identifiers.DocumentEntry.uniqueId].map(identifiedBy),
  ...['XDSDocumentEntry.patientId', 'XDSDocumentEntry.uniqueId'].map(identifierNamed),
  ...Object.values(identifiers.SubmissionSet).map(identifiedBy),
  ...['XDSSubmissionSet.patientId', 'XDSSubmissionSet.sourceId', 'XDSSubmissionSet.uniqueId'].map(identifierNamed),
  ...Object.values(identifiers.Folder).map(identifiedBy),
  ...['XDSFolder.patientId', 'XDSFolder.uniqueId'].map(identifierNamed),
]

const numbers = new Map(phrases.map((text, index) => [text, written(index)]))

/** As it is kept: by its number where it has one, else as it is. */
export function phrase(text: string): string {
  return numbers.get(text) ?? text
}

/** For a text that is made of a name; those that have a number are not made twice. */
export function phraseFor(textOf: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>()
  return name => {
    const found = known.get(name)
    if (found !== undefined) return found
    const text = textOf(name)
    const number = numbers.get(text)
    if (number !== undefined) known.set(name, number)
    return number ?? text
  }
}

function written(index: number): string {
  const code = firstPhrase + index
  return code < lead ? String.fromCharCode(code) : String.fromCharCode(lead, code - lead + 0x20)
}
