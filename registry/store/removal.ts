// What the rules need to know of the registry to judge a removal, and what they decide. [ITI TF-2:3.62.4.1.3]
import type { RemoveMetadataResponse } from '../../transactions/xds-messages.js'
import type { ObjectKind } from './registered-object.js'

/** What the rules need to know of the registry to judge a removal. [ITI TF-2:3.62.4.1.3] */
export interface RemovalFacts {
  /** Of the objects named those that are there, by entryUUID. */
  objects: ReadonlyMap<string, RemovableObject>
  /** All Associations that begin or end at one of them, named or not, by the entryUUID of that one. */
  touching: ReadonlyMap<string, readonly RemovableAssociation[]>
  /** SubmissionSets that are not named and lose members: how many they keep, by entryUUID; 1 stands for any number. */
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
