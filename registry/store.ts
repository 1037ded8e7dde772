// What the registry remembers, as its handlers see it. Every call is one indivisible step of the engine below:
// nothing can change between the facts and the commit, or between two looks of one query. docs/decisions/0030.
import type { Fragment, InPhrases } from '../metadata/fragment.js'
import type {
  Association,
  AvailabilityStatus,
  DocumentEntryType,
  RegistryObjectValue,
  Submission,
} from '../metadata/model.js'
import type { Holds } from '../server/holds.js'
import type { RegistryResponse, RemoveMetadataResponse } from '../transactions/xds-messages.js'
import type { PatientStore } from './patient-store.js'

export type ObjectKind = RegistryObjectValue['kind']

export interface RegistryStore {
  /** Gathers what is known of the things a submission names, has it judged, and keeps it if so decided: one step. */
  register(submission: Submission, wanted: FactsWanted, decide: (facts: Facts) => Decision): Promise<RegistryResponse>
  readonly patients: PatientStore
  /** What may not be removed. */
  readonly holds: Holds
  /** Gathers what is known of the objects named, has their removal judged, and removes them if so decided: one step. */
  remove(
    entryUUIDs: readonly string[],
    decide: (facts: RemovalFacts) => RemovalDecision,
  ): Promise<RemoveMetadataResponse>
  /** Resolves when nothing of what was removed is in the files any more. */
  erased(): Promise<void>
  /** One consistent view. `work` awaits nothing but the reader. */
  read<Result>(options: ReadOptions, work: (registry: RegistryReader) => Promise<Result>): Promise<Result>
  /** Of objects that were found without them, by key; of one that has been removed since there is none. */
  fragmentsOf(kind: ObjectKind, keys: readonly number[]): Promise<ReadonlyMap<number, Fragment>>
}

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
  /** Registered objects that have a uniqueId of the submission, by uniqueId. */
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

export interface RegisteredObject {
  entryUUID: string
  kind: ObjectKind
  /** In the one spelling; after a merge that of the survivor. */
  patientId: string
  availabilityStatus: AvailabilityStatus
  /** Of a DocumentEntry or Folder. One that is not the latest version is Deprecated. */
  version?: ObjectVersion
  /** Of a DocumentEntry. */
  document?: {
    objectType: DocumentEntryType
    /** 40 hex digits in lower case. */
    hash: string | undefined
    /** Decimal digits without leading zeros. */
    size: string | undefined
    /** Whether it was registered as the transformation (XFRM) of another. */
    isTransformation: boolean
    /** Approved entries that are transformations or addenda of it, and of these in turn. */
    dependents: readonly Dependent[]
    /** Approved Folders that hold it. */
    folders: readonly { entryUUID: string; patientId: string }[]
  }
  /** Of an Association. */
  association?: { associationType: string; source: ObjectKind; target: ObjectKind }
}

export interface Dependent {
  entryUUID: string
  /** The entry that it is a transformation or addendum of. */
  of: string
}

export interface ObjectVersion {
  logicalID: string
  number: number
  isLatest: boolean
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

/** What the rules need to know of the registry to judge a removal. [ITI TF-2:3.62.4.1.3] */
export interface RemovalFacts {
  /** Of the objects named those that are there, by entryUUID. */
  objects: ReadonlyMap<string, RemovableObject>
  /** All Associations that begin or end at one of them, named or not, by the entryUUID of that one. */
  touching: ReadonlyMap<string, readonly RemovableAssociation[]>
  /** SubmissionSets that are not named and lose members: how many they keep, by entryUUID. */
  membersLeft: ReadonlyMap<string, number>
  /** Legal holds that objects named are under, by entryUUID: of their patient, merged ids included, or of their uniqueId. */
  held: ReadonlyMap<string, string>
}

export interface RemovableObject {
  entryUUID: string
  kind: ObjectKind
  /** In the one spelling; after a merge that of the survivor. */
  patientId: string
  association?: RemovableAssociation
}

export interface RemovableAssociation {
  entryUUID: string
  associationType: string
  source: { entryUUID: string; kind: ObjectKind }
  target: { entryUUID: string; kind: ObjectKind }
  /** Whether a SubmissionSet holds its target by reference. [ITI TF-3:4.2.1.4.1] */
  byReference: boolean
}

export interface RemovalDecision {
  answer: RemoveMetadataResponse
  /** Absent when nothing is to be removed; else all that was named is. */
  removal?: {
    nowMs: number
    /** How long its submissions are remembered as removed. */
    windowMs: number
    /** Written in the same commit by somebody else. */
    alongside(): void
  }
}

/** What is remembered of a submission whose metadata were removed, so that it does not come back by being sent again. */
export interface RemovedSubmission {
  partner: string
  digest: string
  removedMs: number
}

export interface ReadOptions {
  /** Whether the found objects come with their fragments, unless there are more than `fragmentsAtOnce`. */
  fragments: boolean
  /** More than this in one look is TooManyResults. */
  limit: number
  /** Whether a copy may answer that does not have the very latest. */
  mayLag?: boolean
}

/** Some megabytes. What finds more has its fragments read while they are sent. */
export const fragmentsAtOnce = 400

/** Thrown by a reader that would have to return more than its limit. */
export class TooManyResults extends Error {
  override name = 'TooManyResults'
}

/** An object that was found; the order of keys is that of submission. */
export interface Found {
  key: number
  kind: ObjectKind
  entryUUID: string
  availabilityStatus: AvailabilityStatus
  /** Of a Folder. */
  lastUpdateTime?: string
  /** Where a merge has ended the id under which the object was registered: the id that stands for it. [ITI TF-2:3.18.4.1.2.3.9] */
  patientId?: string
  /** Of an Association: keys of its ends. */
  source?: number
  target?: number
  fragment?: Fragment
}

/** Where to look: among one patient's objects, or among those with given ids, or among those found before. */
export type Among =
  | { patientId: string }
  | { patientIds: readonly string[] }
  | { range: KeyRange }
  | { entryUUIDs: readonly string[] }
  | { uniqueIds: readonly string[] }
  | { logicalIDs: readonly string[] }
  | { keys: readonly number[] }

/** Keys next to one another, whoever's objects they are. */
export interface KeyRange {
  first: number
  last: number
}

export interface CodeValue {
  code: string
  codingScheme: string
}

/** All that are given must hold; values of a list are alternatives; lists of lists are alternatives that must hold together. */
export interface DocumentEntryFilter {
  status?: readonly AvailabilityStatus[]
  type?: readonly DocumentEntryType[]
  classCode?: readonly CodeValue[]
  typeCode?: readonly CodeValue[]
  practiceSettingCode?: readonly CodeValue[]
  healthcareFacilityTypeCode?: readonly CodeValue[]
  formatCode?: readonly CodeValue[]
  eventCodeList?: readonly (readonly CodeValue[])[]
  confidentialityCode?: readonly (readonly CodeValue[])[]
  /** Patterns with % and _. */
  authorPerson?: readonly string[]
  /** Patterns with % and _. */
  referenceIdList?: readonly (readonly string[])[]
  creationTimeFrom?: string
  creationTimeTo?: string
  serviceStartTimeFrom?: string
  serviceStartTimeTo?: string
  serviceStopTimeFrom?: string
  serviceStopTimeTo?: string
  documentAvailability?: readonly string[]
  /** 1 hides what a newer version has taken the place of, and what is Offline. */
  metadataLevel?: number
  /** What none of the found may have. [CP-ITI-1323] */
  without?: Omit<DocumentEntryFilter, 'without'>
  /** Leaves out those whose latest version the affinity domain hides. */
  hidden?: 'left out'
}

export interface SubmissionSetFilter {
  status?: readonly AvailabilityStatus[]
  sourceId?: readonly string[]
  submissionTimeFrom?: string
  submissionTimeTo?: string
  /** A pattern with % and _. */
  authorPerson?: readonly string[]
  contentTypeCode?: readonly CodeValue[]
  /** Leaves out those that hold hidden entries and nothing else. */
  hidden?: 'left out'
}

export interface FolderFilter {
  status?: readonly AvailabilityStatus[]
  lastUpdateTimeFrom?: string
  lastUpdateTimeTo?: string
  codeList?: readonly (readonly CodeValue[])[]
  /** 1 hides what a newer version has taken the place of, and what is Deprecated. */
  metadataLevel?: number
}

export interface AssociationFilter {
  status?: readonly AvailabilityStatus[]
  associationType?: readonly string[]
  /** 1 hides deprecated Associations. */
  metadataLevel?: number
  /** Leaves out those that touch a hidden entry. */
  hidden?: 'left out'
}

/** What of an Association must be one of the given objects. */
export type End = 'source' | 'target' | 'either' | 'itself'

export interface RegistryReader {
  documentEntries(among: Among, where: DocumentEntryFilter): Promise<Found[]>
  submissionSets(among: Among, where: SubmissionSetFilter): Promise<Found[]>
  folders(among: Among, where: FolderFilter): Promise<Found[]>
  /** Associations with one of the objects at that end. */
  associations(end: End, keys: readonly number[], where: AssociationFilter): Promise<Found[]>
  /** The next keys of a kind, `atMost` of them; undefined behind the last. */
  rangeAfter(kind: 'DocumentEntry' | 'Folder', key: number, atMost: number): Promise<KeyRange | undefined>
  /** Keys of the objects of any kind that have these entryUUIDs. */
  keysOf(entryUUIDs: readonly string[]): Promise<number[]>
  /** The patients whom the objects belong to, each once, by the id that has survived all merges. */
  patientIdsOf(keys: readonly number[]): Promise<string[]>
  /** Whether somebody has announced the patient and no merge has ended the id. */
  knowsPatient(patientId: string): Promise<boolean>
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
