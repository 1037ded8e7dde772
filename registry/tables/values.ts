// What of an object stands in columns, as it stands there.
import type { AvailabilityStatus, RegistryObjectValue } from '../../metadata/model.js'
import { firstInstantOf } from '../dtm.js'

/** What is submitted says no status, and becomes Approved. */
export function statusOf(object: RegistryObjectValue): AvailabilityStatus {
  return object.availabilityStatus ?? 'Approved'
}

/** The first instant of a DTM of any precision, to be compared as text; null where there is none, or it is no DTM. */
export function instant(dtm: string | undefined): string | null {
  return dtm === undefined ? null : (firstInstantOf(dtm) ?? null)
}

/** Without leading zeros, so that two sizes are one when they are equal. */
export function sizeOf(size: string | undefined): string | null {
  return size === undefined ? null : String(BigInt(size))
}
