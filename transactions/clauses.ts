// What the clauses ask that our rules hold a message to, one sentence each: for people who were refused and have no specification at hand.
// Clauses of single attributes need none here, their sentence is made from the attribute tables.
import { type NamedAttribute, requirednessOf, type SubmittedBy, tagOf } from '../metadata/attribute.js'
import { objectTables } from '../metadata/object-tables.js'

/** Undefined for a clause that none of our rules names. */
export function clauseInWords(tag: string): string | undefined {
  const [, domain] = /^domain ([^:]+)/.exec(tag) ?? []
  if (domain !== undefined) return `A rule of the affinity domain ${domain}; its domain.json has it by this name.`
  return sentences[tag] ?? attributeSentences().get(tag)
}

const sentences: Readonly<Record<string, string>> = {
  // Metadata. [ITI TF-3:4.2]
  'ITI TF-3:4.2.1':
    'A submission is a RegistryObjectList of ExtrinsicObjects, RegistryPackages, Associations, Classifications and ObjectRefs; each is recognised by its type and its classification.',
  'ITI TF-3:4.2.1.2.1':
    'Each attribute has one carrier (Slot, Classification or ExternalIdentifier), of the right form, in the object that it belongs to.',
  'ITI TF-3:4.2.1.4':
    'A submission has exactly one SubmissionSet, and each of its DocumentEntries and Folders is a member of that SubmissionSet by a HasMember Association.',
  'ITI TF-3:4.2.1.5':
    'What an object refers to is in the same submission, or is named by the UUID of a registered object.',
  'ITI TF-3:4.2.2':
    'An Association has a type, a source and a target; a deprecated DocumentEntry is no target of a new one.',
  'ITI TF-3:4.2.2.1':
    'HasMember joins a SubmissionSet to a DocumentEntry, to a Folder or to the HasMember of a Folder, or a Folder to a DocumentEntry; nothing else.',
  'ITI TF-3:4.2.2.1.1':
    'A HasMember from the SubmissionSet to a DocumentEntry says SubmissionSetStatus: Original for an entry of this submission, Reference for a registered one.',
  'ITI TF-3:4.2.2.2':
    'Relationships (RPLC, APND, XFRM, XFRM_RPLC, signs) join DocumentEntries and may say why by one documentation code; HasMember has none.',
  'ITI TF-3:4.2.2.2.1': 'A relationship goes from a DocumentEntry of this submission to another one, never to itself.',
  'ITI TF-3: Table 4.2.3.1.7-2':
    'A patient id is id^^^&OID&ISO: one text without control characters, and the OID of the authority that gave it.',
  'ITI TF-3: Table 4.2.2-1':
    'Each kind of Association has the kinds of objects that it may join; the type is one of those in the table.',
  'ITI TF-3:4.2.3.1.1':
    'A value is UTF-8 text without control characters; a rim:Value in a Slot has at most 256 characters.',
  'ITI TF-3:4.2.3.1.2':
    'A code is a Classification with nodeRepresentation, a Slot codingScheme with one value, and a Name as display name; code and codingScheme are not empty.',
  'ITI TF-3:4.2.3.1.3':
    'An ExternalIdentifier has an identificationScheme, a value and a Name, and stands once for each scheme.',
  'ITI TF-3:4.2.3.1.4':
    'An author is a Classification with Slots of its own and names at least a person, an institution or a telecommunication address.',
  'ITI TF-3:4.2.3.1.4.1': 'authorInstitution is an organisation of type XON.',
  'ITI TF-3:4.2.3.1.4.2': 'authorPerson is one person or device of type XCN.',
  'ITI TF-3:4.2.3.1.4.3': 'authorRole is a code or a text, as the affinity domain says.',
  'ITI TF-3:4.2.3.1.4.4': 'authorSpecialty is a code or a text, as the affinity domain says.',
  'ITI TF-3:4.2.3.1.4.5': 'authorTelecommunication is an address of type XTN.',
  'ITI TF-3:4.2.3.1.5':
    'An id is a UUID as urn:uuid: with hex digits in lower case, or a symbol that stands for one inside of the submission; no two objects have the same.',
  'ITI TF-3:4.2.3.1.6':
    'Slots that the specification does not know are extra metadata: their name is a URN, and not one that begins with urn:ihe:.',
  'ITI TF-3: Table 4.2.4.1-2': 'A uniqueId stands once in a submission.',
  'ITI TF-3: Table 4.3.1-3':
    'Each transaction has its table of attributes that are required, optional or forbidden; limited metadata is for transactions that allow it.',
  'XDS Metadata Update':
    'logicalID, version and what an Association says of an update are for Metadata Update; a first registration carries none that would contradict it.',

  // Provide and Register. [ITI TF-2:3.41]
  'ITI TF-2:3.41.4.1.2':
    'ITI-41 carries metadata and, for each DocumentEntry, one Document whose id is the id of that entry.',
  'ITI TF-2:3.41.4.1.3':
    'The repository refuses documents without an entry, entries without a document, and documents whose bytes are not those that hash and size tell of.',
  'ITI TF-2:3.41.4.1.3.2':
    'The repository keeps the documents as they came, completes hash, size and repositoryUniqueId, and registers the rest of the metadata unchanged.',

  // Cross-Gateway Document Provide. [ITI TF-2:3.80]
  'ITI TF-2:3.80.4.1.2':
    'Documents for a community name it, and no other, in the SOAP header block homeCommunityBlock (urn:ihe:iti:xdr:2014) of an ITI-41 to a gateway and of an ITI-80.',
  'ITI TF-2:3.80.4.1.3':
    'A gateway sends documents to the community that is named, for the patient as that community knows them; a Responding Gateway takes those that are for its own.',

  // Register. [ITI TF-2:3.42, 3.61]
  'ITI TF-2:3.42.4.1.2': 'ITI-42 registers stable documents: every DocumentEntry is of the stable type.',
  'ITI TF-2:3.42.4.1.3.2':
    'A registry that does not keep extra metadata registers the rest, and says by a warning what it left out.',
  'ITI TF-2:3.42.4.1.3.3.1':
    'A DocumentEntry with the uniqueId of a registered one is about the same document: hash and size are the same.',
  'ITI TF-2:3.42.4.1.3.3.2':
    'The patientId is known by the patient identity feed, and it is the same in the SubmissionSet, its DocumentEntries and Folders, and in what they are put into or related to.',
  'ITI TF-2:3.42.4.1.3.3.6': 'What is replaced, appended to or transformed is a DocumentEntry that is Approved.',
  'ITI TF-2:3.42.4.1.3.3.7': 'The uniqueId of a SubmissionSet or a Folder is one that no registered object has.',
  'ITI TF-2:3.42.4.1.3.5':
    'Relationships are checked before anything changes: source in the submission, target registered, of the same patient, and of a kind that fits.',
  'ITI TF-2:3.42.4.1.3.7': 'An entryUUID that is given is new: a registered object keeps its id for good.',
  'ITI TF-2:3.61.4.1.2':
    'ITI-61 registers on-demand documents: every DocumentEntry is of the on-demand type, without creationTime, hash and size.',
  'ITI TF-2:3.61.4.1.3': 'The uniqueId of an on-demand entry is not that of a registered stable one.',

  // Stored queries. [ITI TF-2:3.18]
  'ITI TF-2:3.18.4.1.2.3.1': 'A query says by returnType whether it wants LeafClass (all metadata) or ObjectRef (ids).',
  'ITI TF-2:3.18.4.1.2.3.7.1':
    'FindDocuments: documents of one patient by status, and by type, class, time and other attributes.',
  'ITI TF-2:3.18.4.1.2.3.7.2':
    'FindSubmissionSets: submission sets of one patient by status, source, time, author and content type.',
  'ITI TF-2:3.18.4.1.2.3.7.3': 'FindFolders: folders of one patient by status, time of last update and code.',
  'ITI TF-2:3.18.4.1.2.3.7.4':
    'GetAll: everything of one patient, by status of documents, submission sets and folders.',
  'ITI TF-2:3.18.4.1.2.3.7.5': 'GetDocuments: documents by either entryUUIDs or uniqueIds, one of them and not both.',
  'ITI TF-2:3.18.4.1.2.3.7.6': 'GetFolders: folders by either entryUUIDs or uniqueIds, one of them and not both.',
  'ITI TF-2:3.18.4.1.2.3.7.7': 'GetAssociations: the associations of objects, by their UUIDs.',
  'ITI TF-2:3.18.4.1.2.3.7.8':
    'GetDocumentsAndAssociations: documents by either entryUUIDs or uniqueIds, with their associations.',
  'ITI TF-2:3.18.4.1.2.3.7.9': 'GetSubmissionSets: the submission sets that hold given objects, by UUID.',
  'ITI TF-2:3.18.4.1.2.3.7.10':
    'GetSubmissionSetAndContents: one submission set by either entryUUID or uniqueId, with all that it holds.',
  'ITI TF-2:3.18.4.1.2.3.7.11':
    'GetFolderAndContents: one folder by either entryUUID or uniqueId, with all that it holds.',
  'ITI TF-2:3.18.4.1.2.3.7.12':
    'GetFoldersForDocument: the folders that hold one document, by either its entryUUID or its uniqueId.',
  'ITI TF-2:3.18.4.1.2.3.7.13':
    'GetRelatedDocuments: the documents that given types of associations join to one document.',
  'ITI TF-2:3.18.4.1.2.3.7.14': 'FindDocumentsByReferenceId: documents of one patient by referenceIdList.',
  'ITI TF-2:3.18.4.1.2.3.8': 'A query that names a community by home is for the registry of that community.',
  'ITI TF-2:3.18.4.1.2.4': 'A query is known by its id; a registry answers those it knows.',
  'ITI TF-2:3.18.4.1.2.6':
    'A registry may bound how many objects it returns; large results are asked for as ObjectRef first and then in portions.',
  'ITI TF-2:3.18.4.1.3':
    'A query for a patient whom nobody has announced finds nothing, or is refused where the domain wants it so.',

  // Retrieve. [ITI TF-2:3.43]
  'ITI TF-2:3.43.4.1.2':
    'ITI-43 names each document by repositoryUniqueId and documentUniqueId, and the community where one is asked for.',
  'ITI TF-2:3.43.4.1.3':
    'The repository hands out what it has; of each document that it cannot hand out it says so, with the id of the document as location.',
  // Patient identity. [ITI TF-2:3.8, 3.44]
  'ITI TF-2:3.8.4.1.1': 'The feed in HL7 v2 has the events A01, A04, A05, A08 and, for merges, A40.',
  'ITI TF-2:3.8.4.1.2': 'An ADT message of the feed has the segments MSH, EVN, PID and PV1; that of a merge has MRG.',
  'ITI TF-2:3.8.4.1.2.1': 'MSH-9 of a message of the feed is ADT with its event.',
  'ITI TF-2:3.8.4.1.2.3': 'PID-3, and MRG-1 of a merge, hold at least one id with its assigning authority.',
  'ITI TF-2:3.8.4.2.2': 'A message is about one patient, or about one pair of which one subsumes the other.',
  'ITI TF-2:3.8.4.2.3': 'A merge replaces the id of MRG-1 by that of PID-3 wherever the index has it.',
  // Queries in HL7 v2. [ITI TF-2:3.9, 3.21]
  'ITI TF-2: Table 3.9-2':
    'QPD of a PIX query has a name, a query tag, one patient id, and perhaps the domains that are wanted.',
  'ITI TF-2:3.9.4.1.1': 'A PIX query in HL7 v2 is QBP with the event Q23.',
  'ITI TF-2:3.9.4.1.2.1': 'MSH-9 of a PIX query is QBP^Q23^QBP_Q21.',
  'ITI TF-2:3.9.4.1.2.2':
    'QPD-3 has one id in its first component and its assigning authority in the fourth, by namespace or by OID.',
  'ITI TF-2:3.9.4.2.2.6':
    'An id or a domain that is not known is answered AE with 204: at QPD-3.1, at QPD-3.4, or at the repetition of QPD-4.',
  'ITI TF-2: Table 3.21-2':
    'QPD of a demographics query has a name, a query tag, what is known of the person, and perhaps the domains whose ids are wanted.',
  'ITI TF-2:3.21.4.1.1': 'A demographics query in HL7 v2 is QBP with the event Q22.',
  'ITI TF-2:3.21.4.1.2.1': 'MSH-9 of a demographics query is QBP^Q22^QBP_Q21.',
  'ITI TF-2:3.21.4.1.2.3':
    'QPD-3 repeats @PID.FIELD.COMPONENT and a value; an id takes its assigning authority beside it; all of it has to fit.',
  'ITI TF-2:3.21.4.1.2.5.1': 'RCP-1 is I: answers are given at once.',
  'ITI TF-2:3.21.4.1.2.5.2': 'RCP-2 is a number above 0 and RD: so many records at once.',
  'ITI TF-2:3.21.4.1.2.6': 'DSC-1 of a query is the pointer that the last part of the answer had.',
  'ITI TF-2:3.21.4.2.2.8': 'A domain of QPD-8 that is not known is answered AE with 204 at its repetition.',
  'ITI TF-2:3.21.4.3.1': 'A query that was answered in parts is cancelled by QCN with the event J01.',
  'ITI TF-2:3.21.4.3.2.1': 'MSH-9 of a cancellation is QCN^J01^QCN_J01.',
  'ITI TF-2:3.21.4.3.2.2': 'QID-1 is the query tag of the query that is cancelled.',
  'ITI TF-2:3.19': 'Both sides show a certificate, and who may send what is decided by the receiver ("peers").',
  'ITI TF-2: Appendix C.2.1':
    'HL7 v2 travels by MLLP: 0B, one message, 1C 0D; the next message follows when the first has been answered.',
  'ITI TF-2: Appendix O.1.1':
    'A message of HL7 v3 begins with its id, time, interactionId (that of its element), processingCode, receiver and sender.',
  'ITI TF-2:3.44.4.1.2':
    'A message of the feed in HL7 v3 registers or revises one patient, with the ids of that patient.',
  'ITI TF-2:3.44.4.2.2': 'A merge is PRPA_IN201304UV02: the patient that stays, and by replacementOf the id that ends.',
  'HL7 v2.5.1: 2.5.2':
    'A message is lines that begin with the name of a segment, three capitals or digits, and the separator.',
  'HL7 v2.5.1: 2.5.4':
    'MSH-1 and MSH-2 declare the separators of field, component, repetition, escape and subcomponent.',
  'HL7 v2.5.1: 2.15.9': 'A message begins with the segment MSH.',
  'HL7 v2.5.1: 2.15.9.3': 'MSH-3 names the sending application, in at most 227 characters.',
  'HL7 v2.5.1: 2.15.9.4': 'MSH-4 names the sending facility, in at most 227 characters.',
  'HL7 v2.5.1: 2.15.9.5': 'MSH-5 names the receiving application, in at most 227 characters.',
  'HL7 v2.5.1: 2.15.9.6': 'MSH-6 names the receiving facility, in at most 227 characters.',
  'HL7 v2.5.1: 2.15.9.10':
    'MSH-10 identifies the message and comes back in MSA-2; it has at most 199 characters in the widest version, 20 before 2.6.',
  'HL7 v2.5.1: 2.15.9.11': 'MSH-11 says whether the message is for production, training or debugging: P, T or D.',
  'HL7 v2.5.1: 2.15.9.12': 'MSH-12 is the version of HL7 that the message is written in.',
  'HL7 v2.5.1: 2.15.9.18': 'MSH-18 names the character set of the message, as table 0211 has them.',
  'HL7 v2.5.1: 2.A.14': 'CX has one text as id, a check digit with its scheme, the assigning authority and a type.',
  'HL7 v2.5.1: 2.A.36':
    'Namespace and universal id of an assigning authority, where both are given, name the same one.',
  'ITI TF-2:3.44.4.1.4':
    'A feed message names at least one patient id of an assigning authority of this domain, in a form that can be kept.',
  'ITI TF-2:3.44.4.2.4':
    'A merge names the surviving id and the ids that it subsumes, all of this domain; a subsumed id is not used again, and no message undoes a merge.',

  // Queries for several patients. [ITI TF-2:3.51, CP-ITI-793, CP-ITI-1323]
  'ITI TF-2:3.51.4.1':
    'A query for several patients (ITI-51) is answered where the registry is set up for it, and for partners who may ask it.',
  'ITI TF-2:3.51.4.1.2.1.1':
    'FindDocumentsForMultiplePatients: as FindDocuments, for several patients or for all by codes.',
  'ITI TF-2:3.51.4.1.2.1.2':
    'FindFoldersForMultiplePatients: as FindFolders, for several patients or for all by codes.',
  'CP-ITI-793': 'FindDocumentsByReferenceIdForMultiplePatients: as FindDocumentsByReferenceId, for several patients.',
  'CP-ITI-1323': 'FindDocumentsExclude: as FindDocuments, without the documents that given values exclude.',

  // Metadata Update and Restricted Metadata Update. [ITI TF-2:3.57, 3.92]
  'ITI TF-2:3.57.4.1.3.1': 'An update is of a registered object; first versions are registered by ITI-42.',
  'ITI TF-2:3.57.4.1.3.2':
    'Which update is meant is told by the Associations of the SubmissionSet; each of them stands for one operation, and all are done or none.',
  'ITI TF-2:3.57.4.1.3.3.1.2':
    'A new version is a member of the SubmissionSet by one HasMember Association that names the PreviousVersion.',
  'ITI TF-2:3.57.4.1.3.3.1.3':
    'A new version has the logicalID and the objectType of a registered object that is Approved, and PreviousVersion is its latest version.',
  'ITI TF-2:3.57.4.1.3.3.1.5':
    'The Associations of the version before are repeated for the new one unless AssociationPropagation says no.',
  'ITI TF-2:3.57.4.1.3.3.1.7': 'A new version of a Folder keeps what it holds, and what it holds is of its patient.',
  'ITI TF-2:3.57.4.1.3.3.2.2':
    'A change of status is an UpdateAvailabilityStatus Association with OriginalStatus and NewStatus, which are different.',
  'ITI TF-2:3.57.4.1.3.3.2.3':
    'A change of status names an object that is there and has the OriginalStatus that is told.',
  'ITI TF-2:3.57.4.1.3.3.5':
    'A change of the status of an Association leaves its ends as they are and contradicts no other.',
  'ITI TF-2:3.57.4.1.3.3.6': 'SubmitAssociation names one Association that stands in the same request.',
  'ITI TF-2:3.57.4.1.3.3.6.3':
    'A submitted Association joins registered objects, or new versions of the request, that are Approved and of the kinds that it may join.',
  'ITI TF-2:3.57.4.1.3.3.6.7': 'A submitted Association is not there already and joins objects of one patient.',
  'ITI TF-2:3.92.4.1.2':
    'A restricted update (ITI-92) holds one SubmissionSet and new versions of DocumentEntries, nothing else.',
  'ITI TF-2:3.92.4.1.2.2.2': 'A restricted update keeps all Associations: AssociationPropagation is not no.',
  'ITI TF-2:3.92.4.1.3':
    'A restricted update changes only what the domain lets be changed, never ids, patient, document or type.',
  'ITI TF-3:4.2.2.2.6': 'IsSnapshotOf goes from a stable DocumentEntry to the on-demand one that it was made of.',

  // Removal. [ITI TF-2:3.62, 3.86]
  'ITI TF-2:3.62.4.1.2':
    'Remove Metadata (ITI-62) names each object to remove by one ObjectRef with its UUID, and no more than may be removed at once.',
  'ITI TF-2:3.62.4.1.3':
    'What is removed is registered; nothing that stays refers to it, and nothing stays that only it held: all or nothing is removed.',
  'ITI TF-2:3.86.4.1.3':
    'Remove Documents (ITI-86) forgets documents of this repository that no metadata names any more; what was removed is not submitted again by the same message.',

  // Images. [IHE RAD TF-2: 4.69]
  'IHE RAD TF-2: 4.69.4.1.3':
    'Retrieve Imaging Document Set (RAD-69) names instances by study, series, repository and SOP Instance UID, and the transfer syntaxes that are taken.',

  // The Swiss electronic patient record, as the domain ch-epr has it.
  'CH-EPR annex 3':
    'Codes and metadata are those that annex 3 of the Swiss EPR ordinance allows, class and type in the pairs that it lists.',
  'CH-EPR deletionStatus':
    'deletionStatus says with one of its codes whether the patient has asked to have the document deleted; such documents are not found.',
  'CH-EPR originalProviderRole':
    'originalProviderRole says by one code in what role the document was first provided, and is not changed later.',
  'CARA deletionStatus': 'A source registers its documents with deletionNotRequested.',
  'CARA sourcePatientId':
    'sourcePatientId is the id of the local system, neither the EPR-SPID nor the social security number.',
  'EPR annex 5.1:1.7.1':
    'The Swiss patient feed names the patient by EPR-SPID and by the local id, and holds none of the fields that are kept back.',
  'Gazelle CH-XDS-001': 'The Swiss profile knows $MetadataLevel 1 only.',
  'Gazelle CH-XDS-003': 'The Swiss profile has no Folders.',
  'Gazelle CH-XDS-009': 'A SubmissionSet names its author.',
  'Gazelle title': 'A DocumentEntry has a title.',
}

/** Made once, when somebody asks. */
let made: ReadonlyMap<string, string> | undefined

function attributeSentences(): ReadonlyMap<string, string> {
  if (made !== undefined) return made
  const all = new Map<string, string>()
  for (const { kind, attributes } of Object.values(objectTables)) {
    for (const attribute of attributes) {
      const tag = tagOf(attribute.rules.clause)
      const before = all.get(tag)
      const sentence = sentenceOf(kind, attribute)
      all.set(tag, before === undefined ? sentence : `${before} ${sentence}`)
    }
  }
  made = all
  return all
}

const numbers = {
  one: 'exactly one value',
  maybe: 'at most one value',
  some: 'one value or more',
  many: 'any number of values',
}
const transactions: readonly SubmittedBy[] = ['ITI-41', 'ITI-42', 'ITI-61']
const words = { R: 'required', R2: 'required if known', O: 'optional', X: 'forbidden' }

function sentenceOf(kind: string, attribute: NamedAttribute): string {
  const { name, cardinality, rules } = attribute
  if (rules.ignored === true) return `${kind}.${name} is set by the registry; what a sender says of it has no effect.`
  const byTransaction = transactions.map(transaction => words[requirednessOf(attribute, transaction)])
  const alike = byTransaction.every(word => word === byTransaction[0])
  const requiredness = alike
    ? byTransaction[0]
    : transactions.map((transaction, index) => `${byTransaction[index]} on ${transaction}`).join(', ')
  const length = rules.maxLength === undefined ? '' : `, at most ${rules.maxLength} characters`
  return `${kind}.${name}: ${numbers[cardinality]}${length}; ${requiredness}.`
}
