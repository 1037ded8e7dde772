// A registered object, as the rules see it.
import type { AvailabilityStatus, DocumentEntryType, RegistryObjectValue } from '../../metadata/model.js'

export type ObjectKind = RegistryObjectValue['kind']

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
    /** Where the submission replaces it, or replaces another by it: there may be thousands of both, which concern nobody else. */
    reach?: Reach
  }
  /** Of an Association. */
  association?: { associationType: string; source: ObjectKind; target: ObjectKind }
}

/** What else a replacement concerns. */
export interface Reach {
  /** Approved entries that are transformations or addenda of it, and of these in turn. */
  dependents: readonly Dependent[]
  /** Approved Folders that hold it. */
  folders: readonly { entryUUID: string; patientId: string }[]
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
