// What the rules need to know of the registry to judge one submission.
import type { Fragment } from '../../metadata/fragment.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { RegisteredObject } from './registered-object.js'

/** Facts that not every submission needs. */
export interface FactsWanted {
  /** What its objects would be new versions of. */
  latestVersions: boolean
}

/** What the rules need to know of the registry to judge one submission. */
export interface Facts {
  /** Of the patient ids in the submission those that may be used, by id as sent; the value is the one spelling. */
  patients: ReadonlyMap<string, string>
  /** Those that a merge has ended. [ITI TF-2:3.44.4.2.4] */
  endedPatients: ReadonlySet<string>
  /** A few of the assigning authorities whose patients are known, for people who read an error. */
  assigningAuthorities(): readonly string[]
  /** Registered objects that the submission refers to or whose id it claims, by entryUUID. */
  objects: ReadonlyMap<string, RegisteredObject>
  /** Registered objects that have a uniqueId of the submission, by uniqueId: of versions the latest. Not asked for what an update calls a version of something by logicalID. */
  uniqueIds: ReadonlyMap<string, readonly RegisteredObject[]>
  /** By logicalID, where they are wanted. */
  latestVersions: ReadonlyMap<string, LatestVersion>
  /** Which Associations of the submission say what an Approved one of the registry says already: by `relationOf`. */
  relations: ReadonlySet<string>
  /** Deprecated Associations whose status an update names, by entryUUID. */
  reapproved: ReadonlyMap<string, Reapproved>
  /** What was committed under the uniqueId of the SubmissionSet. */
  earlier: EarlierSubmission | undefined
  /** What was removed that had been committed under it. */
  removed: RemovedSubmission | undefined
}

export interface Reapproved {
  /** By `relationOf`. */
  relation: string
  /** Approved Associations that say the same, by entryUUID. */
  alike: readonly string[]
}

/** What an update would follow upon. [ITI TF-2:3.57.4.1.3.3.1] */
export interface LatestVersion {
  object: RegisteredObject
  fragment: Fragment
  /** Approved Associations to latest versions of others; undefined once all of a request are more than `mostTakenOver`. */
  links: readonly Link[] | undefined
}

/** More than this are not repeated for the new versions of a request. */
export const mostTakenOver = 5_000

export interface Link {
  associationType: string
  source: LinkEnd
  target: LinkEnd
  fragment: Fragment
}

/** A DocumentEntry or a Folder. */
export type LinkEnd = Pick<RegisteredObject, 'entryUUID' | 'kind' | 'patientId' | 'availabilityStatus'> & {
  isLatest: boolean
}

/** For the decision about a submission that is sent again. */
export interface EarlierSubmission {
  partner: string
  digest: string
  messageID: string | undefined
  committedMs: number
  answer: RegistryResponse
  /** Its SubmissionSet and all that this one holds, as they are kept. */
  objects: readonly Fragment[]
}

/** What is remembered of a submission whose metadata were removed, so that it does not come back by being sent again. */
export interface RemovedSubmission {
  partner: string
  digest: string
  removedMs: number
}
