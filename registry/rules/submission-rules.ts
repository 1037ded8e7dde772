// The rules of ITI-42 in the order in which their findings are reported. ITI TF-2 §3.42.4.1.3.
// What single attributes must look like stands with them: metadata/check.ts.
import {
  idsNotYetRegistered,
  idsUniqueInMessage,
  sameDocument,
  uniqueIdsNotYetUsed,
  uniqueIdsUniqueInMessage,
} from './identifiers.js'
import {
  everythingIsMember,
  folderOfSamePatient,
  membershipHasShape,
  membershipResolves,
  noDocumentationOfMembership,
  setHasMembers,
} from './memberships.js'
import { noLimitedMetadata, noUpdates, oneSubmissionSet, serviceTimesInOrder, stableEntriesOnly } from './metadata.js'
import { patientIsKnown, samePatient } from './patients.js'
import {
  relationIsToAnother,
  relationOfSamePatient,
  relationResolves,
  snapshotOfOnDemand,
  targetIsApproved,
  transformationHasNoAddendum,
} from './relationships.js'
import type { Rule } from './rule.js'

export const submissionRules: readonly Rule[] = [
  // Metadata.
  oneSubmissionSet,
  stableEntriesOnly,
  noLimitedMetadata,
  noUpdates,
  serviceTimesInOrder,
  // Ids and uniqueness.
  idsUniqueInMessage,
  idsNotYetRegistered,
  uniqueIdsUniqueInMessage,
  uniqueIdsNotYetUsed,
  sameDocument,
  // The patient.
  patientIsKnown,
  samePatient,
  // Associations.
  setHasMembers,
  everythingIsMember,
  noDocumentationOfMembership,
  membershipResolves,
  membershipHasShape,
  folderOfSamePatient,
  relationResolves,
  relationIsToAnother,
  targetIsApproved,
  relationOfSamePatient,
  snapshotOfOnDemand,
  transformationHasNoAddendum,
]

/** For a submission that is there already: its ids are in use, its targets replaced, and all because of itself. */
export const resubmissionRules: readonly Rule[] = [uniqueIdsNotYetUsed]
