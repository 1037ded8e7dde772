// The rules of the transactions that submit, in the order in which their findings are reported. ITI TF-2 §3.42.4.1.3, §3.61.4.1.3.
// What single attributes must look like stands with them: metadata/check.ts.
import {
  idsNotYetRegistered,
  idsUniqueInMessage,
  notOfStableDocument,
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
import { noUpdates, oneSubmissionSet, serviceTimesInOrder, someOnDemandEntry, stableEntriesOnly } from './metadata.js'
import { patientIsKnown, samePatient } from './patients.js'
import {
  relationIsToAnother,
  relationOfSamePatient,
  relationResolves,
  snapshotOfOnDemand,
  stableReplacesStable,
  targetIsApproved,
  transformationHasNoAddendum,
} from './relationships.js'
import type { Rule } from './rule.js'

const metadata = [noUpdates, serviceTimesInOrder]
const ids = [idsUniqueInMessage, idsNotYetRegistered, uniqueIdsUniqueInMessage, uniqueIdsNotYetUsed]
const patient = [patientIsKnown, samePatient]
const associations = [
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
  stableReplacesStable,
  transformationHasNoAddendum,
]

/** [ITI TF-2:3.42.4.1.3] */
export const submissionRules: readonly Rule[] = [
  ...[oneSubmissionSet, stableEntriesOnly],
  ...metadata,
  ...[...ids, sameDocument],
  ...patient,
  ...associations,
]

/** The same but for the entries, of which no document is known yet. [ITI TF-2:3.61.4.1.3] */
export const onDemandRules: readonly Rule[] = [
  ...[oneSubmissionSet, someOnDemandEntry],
  ...metadata,
  ...[...ids, notOfStableDocument],
  ...patient,
  ...associations,
]

/** For a submission that is there already: its ids are in use, its targets replaced, and all because of itself. */
export const resubmissionRules: readonly Rule[] = [uniqueIdsNotYetUsed]
