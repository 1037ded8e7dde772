// The looks that queries take at the registry: among which objects, which of them, and what is found.
import type { Fragment } from '../../metadata/fragment.js'
import type { AvailabilityStatus, DocumentEntryType } from '../../metadata/model.js'
import type { ObjectKind } from './registered-object.js'

/** One look each, at one registry; entries that a domain hides are left out only where a filter says so (`hidden`). */
export interface RegistryReader {
  documentEntries(among: Among, where: DocumentEntryFilter): Promise<Found[]>
  submissionSets(among: Among, where: SubmissionSetFilter): Promise<Found[]>
  folders(among: Among, where: FolderFilter): Promise<Found[]>
  /** Associations with one of the objects at that end; more than the answer may have where they only lead to what is in it. */
  associations(end: End, keys: readonly number[], where: AssociationFilter, only?: 'on the way'): Promise<Found[]>
  /** The next keys of a kind, `atMost` of them; undefined behind the last. */
  rangeAfter(kind: 'DocumentEntry' | 'Folder', key: number, atMost: number): Promise<KeyRange | undefined>
  /** Keys of the objects of any kind that have these entryUUIDs. */
  keysOf(entryUUIDs: readonly string[]): Promise<number[]>
  /** The patients whom the objects belong to, each once, by the id that has survived all merges. */
  patientIdsOf(keys: readonly number[]): Promise<string[]>
  /** Whether somebody has announced the patient and no merge has ended the id. */
  knowsPatient(patientId: string): Promise<boolean>
}

export interface ReadOptions {
  /** Whether the found objects come with their fragments, unless there are more than `fragmentsAtOnce`. */
  fragments: boolean
  /** More than this in one look is TooManyResults. */
  limit: number
  /** The same of a look at what leads to the objects of the answer and need not be in it; `limit` without it. */
  limitOnTheWay?: number
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
