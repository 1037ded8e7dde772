// Submissions as a Document Source makes them, all their ids from the seed.
import { createHash } from 'node:crypto'
import type { Association, DocumentEntry, Submission, SubmissionSet } from '../metadata/model.js'
import { aDocumentEntry, aFolder, anAssociation, anAuthor, aSubmissionSet } from '../test/samples/submission.js'
import type { ProvideAndRegisterRequest } from '../transactions/xds-messages.js'
import type { Chance } from './chance.js'
import type { Ledger, SentDocument, SentFolder, SentSubmission } from './ledger.js'

export const patients = ['A', 'B', 'C', 'D', 'E', 'F'].map(letter => `${letter}-1^^^&2.999.5&ISO`)

export interface Wanted {
  sentBy: string
  patientId: string
  documents: number
  related?: { associationType: 'RPLC' | 'XFRM_RPLC' | 'APND' | 'XFRM'; target: SentDocument }
  /** Where the documents are put: one that comes with them, or one that is there. */
  folder?: 'new' | SentFolder
}

/** Not yet sent; it stands in the ledger from here on. */
export function newSubmission(
  { sentBy, patientId, documents, related, folder }: Wanted,
  chance: Chance,
  ledger: Ledger,
): SentSubmission {
  const set = aSubmissionSet({ entryUUID: uuid(chance), uniqueId: oid(chance), patientId })
  const sent: SentSubmission = {
    number: ledger.submissions.length + 1,
    sentBy,
    submission: { submissionSets: [set], documentEntries: [], folders: [], associations: [], findings: [] },
    documents: [],
    attempts: [],
  }
  for (let count = 0; count < documents; count++) {
    const entry = newEntry(patientId, chance)
    sent.submission.documentEntries.push(entry)
    sent.submission.associations.push(association(chance, 'HasMember', set.entryUUID, entry.entryUUID, 'Original'))
    sent.documents.push({
      ...{ entry, uniqueId: entry.uniqueId!, patientId, bytes: newBytes(chance), submission: sent },
      replaces: related?.associationType.endsWith('RPLC') && count === 0 ? related.target : undefined,
      ...{
        replacedBy: [],
        appendedTo: undefined,
        isUpdated: false,
        hasDependents: false,
        isSeen: false,
        isBusy: false,
        hold: 'none',
        titles: [entry.title![0]!.value],
        formerTitles: [],
      },
      removal: { metadata: 'none', bytes: 'none' },
    })
  }
  if (related !== undefined) {
    const [first] = sent.submission.documentEntries
    const { entryUUID } = related.target.entry
    sent.submission.associations.push(association(chance, related.associationType, first!.entryUUID, entryUUID))
  }
  if (folder !== undefined) fill(folder === 'new' ? newFolder(sent, set, chance, ledger) : folder, sent, chance)
  ledger.submissions.push(sent)
  ledger.documents.push(...sent.documents)
  return sent
}

function newFolder(sent: SentSubmission, set: SubmissionSet, chance: Chance, ledger: Ledger): SentFolder {
  const { patientId } = set
  const title = [{ value: `Aufenthalt ${chance.whole(1, 1_000_000)}`, lang: 'de-CH', charset: 'UTF-8' }]
  const folder = aFolder({ ...{ entryUUID: uuid(chance), uniqueId: oid(chance), title }, patientId: patientId! })
  sent.submission.folders.push(folder)
  sent.submission.associations.push(association(chance, 'HasMember', set.entryUUID, folder.entryUUID))
  const made: SentFolder = { folder, submission: sent, members: [], hasDependents: false }
  ledger.folders.push(made)
  return made
}

/** [ITI TF-3:4.2.1.4] */
function fill(folder: SentFolder, sent: SentSubmission, chance: Chance): void {
  const { submission, documents } = sent
  for (const document of documents) {
    const member = association(chance, 'HasMember', folder.folder.entryUUID, document.entry.entryUUID)
    const [set] = submission.submissionSets
    submission.associations.push(member, association(chance, 'HasMember', set!.entryUUID, member.entryUUID))
    folder.members.push(document)
  }
  if (folder.submission !== sent) folder.hasDependents = true
}

/** All that stands in the registry because of it. */
export const objectsOf = ({ submissionSets, documentEntries, folders, associations }: Submission) => [
  ...submissionSets,
  ...documentEntries,
  ...folders,
  ...associations,
]

export function requestOf({ submission, documents }: SentSubmission): ProvideAndRegisterRequest {
  return {
    submission,
    documents: documents.map(({ entry, bytes }) => ({ id: entry.entryUUID, content: { inline: bytes } })),
  }
}

/** The same under other bytes: no submission may add a second hash under a uniqueId. */
export function impostorOf(document: SentDocument, chance: Chance): ProvideAndRegisterRequest {
  const set = aSubmissionSet({ entryUUID: uuid(chance), uniqueId: oid(chance), patientId: document.patientId })
  const entry = { ...newEntry(document.patientId, chance), uniqueId: document.uniqueId }
  const submission: Submission = {
    ...{ submissionSets: [set], documentEntries: [entry], folders: [], findings: [] },
    associations: [association(chance, 'HasMember', set.entryUUID, entry.entryUUID, 'Original')],
  }
  return { submission, documents: [{ id: entry.entryUUID, content: { inline: newBytes(chance) } }] }
}

/** A new version with another title. [ITI TF-2:3.57.4.1.3.3.1] */
export function updateOf(
  { entry, patientId }: SentDocument,
  version: DocumentEntry,
  title: string,
  chance: Chance,
): Submission {
  const set = aSubmissionSet({ entryUUID: uuid(chance), uniqueId: oid(chance), patientId })
  const { availabilityStatus, version: former = 1, homeCommunityId, ...kept } = version
  const next: DocumentEntry = {
    ...kept,
    entryUUID: uuid(chance),
    logicalID: entry.entryUUID,
    title: [{ value: title, lang: 'de-CH', charset: 'UTF-8' }],
  }
  const member = association(chance, 'HasMember', set.entryUUID, next.entryUUID, 'Original')
  return {
    ...{ submissionSets: [set], documentEntries: [next], folders: [], findings: [] },
    associations: [{ ...member, previousVersion: String(former) }],
  }
}

export const sha1Of = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

function newEntry(patientId: string, chance: Chance): DocumentEntry {
  return aDocumentEntry({
    entryUUID: uuid(chance),
    uniqueId: oid(chance),
    patientId,
    author: [anAuthor({ authorPerson: `${chance.whole(1, 9_999)}^Tanner^Mia` })],
    title: [{ value: `Bericht ${chance.whole(1, 1_000_000)}`, lang: 'de-CH', charset: 'UTF-8' }],
    ...{ hash: undefined, size: undefined, repositoryUniqueId: undefined },
  })
}

/** Small ones stay in memory and in the database, large ones are spooled and become files. */
function newBytes(chance: Chance): Buffer {
  return chance.bytes(chance.percent(70) ? chance.whole(0, 4_000) : chance.whole(66_000, 300_000))
}

function association(
  chance: Chance,
  associationType: string,
  sourceObject: string,
  targetObject: string,
  submissionSetStatus?: string,
): Association {
  const status = submissionSetStatus === undefined ? {} : { submissionSetStatus }
  return anAssociation({ entryUUID: uuid(chance), associationType, sourceObject, targetObject, ...status })
}

function uuid(chance: Chance): string {
  return `urn:uuid:${chance.uuid()}`
}

function oid(chance: Chance): string {
  return `2.25.${BigInt(`0x${chance.bytes(12).toString('hex')}`)}`
}
