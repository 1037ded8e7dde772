// What is kept of a submission that was judged good, and what it changes.
import type { InPhrases } from '../../metadata/fragment.js'
import type { Association, AvailabilityStatus, RegistryObjectValue, Submission } from '../../metadata/model.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { EarlierSubmission } from './facts.js'

export interface Decision {
  answer: RegistryResponse
  /** Absent when nothing is to be kept. */
  commit?: Commit
}

export interface Commit {
  /** Every id a UUID, every attribute as it is to be returned. */
  submission: Submission
  /** Ready to be sent, in the order of `objectsOf(submission)`. */
  fragments: readonly InPhrases[]
  effects: Effects
  /** Patients that become known by it. */
  newPatients: readonly string[]
  /** Kept under the uniqueId of the SubmissionSet. */
  record: Omit<EarlierSubmission, 'answer' | 'objects'>
  /** Folder.lastUpdateTime of all Folders touched. */
  now: string
  /** Written in the same commit by somebody else. */
  alongside(): void
}

/** What a submission changes beside adding its own objects. [ITI TF-2:3.42.4.1.3.5] */
export interface Effects {
  /** Registered DocumentEntries, Folders and Associations that become Deprecated or Approved, by entryUUID. */
  statuses: ReadonlyMap<string, AvailabilityStatus>
  /** Associations that the registry itself adds. */
  associations: readonly { association: Association; fragment: InPhrases }[]
  /** Registered Folders that a DocumentEntry was placed into. [ITI TF-2:3.42.4.1.3.6] */
  touchedFolders: readonly string[]
  /** Registered DocumentEntries and Folders that are not the latest version any more. [ITI TF-2:3.57.4.1.3] */
  superseded: readonly string[]
}

/** What an Association says, whoever says it. */
export function relationOf({
  associationType,
  sourceObject,
  targetObject,
}: Pick<Association, 'associationType' | 'sourceObject' | 'targetObject'>): string {
  return `${associationType} ${sourceObject} ${targetObject}`
}

/** The objects of a submission in the order in which they are kept. */
export function objectsOf(submission: Submission): RegistryObjectValue[] {
  return [
    ...submission.submissionSets,
    ...submission.documentEntries,
    ...submission.folders,
    ...submission.associations,
  ]
}
