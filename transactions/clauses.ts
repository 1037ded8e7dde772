// What the clauses ask that our rules hold a message to, one sentence each: for people who were refused and have no specification at hand.
// Clauses of single attributes need none here, their sentence is made from the attribute tables.
import { type NamedAttribute, requirednessOf, type SubmittedBy, tagOf } from '../metadata/attribute.js'
import { objectTables } from '../metadata/object-tables.js'

/** Undefined for a clause that none of our rules names. */
export function clauseInWords(tag: string): string | undefined {
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

  // Register. [ITI TF-2:3.42, 3.61]
  'ITI TF-2:3.42.4.1.2': 'ITI-42 registers stable documents: every DocumentEntry is of the stable type.',
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
