// The rules of the two transactions that update, in the order in which their findings are reported. ITI TF-2 §3.57.4.1.3, §3.92.4.1.3.
// What single attributes must look like stands with them: metadata/check.ts.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { RegistryConfig } from '../../config/registry-config.js'
import type { ErrorCode, Finding } from '../../metadata/model.js'
import { idsNotYetRegistered, idsUniqueInMessage, setIdNotYetUsed, uniqueIdsUniqueInMessage } from './identifiers.js'
import { noDocumentationOfMembership } from './memberships.js'
import { oneSubmissionSet, serviceTimesInOrder } from './metadata.js'
import {
  newAddendumOfOriginal,
  newAssociationEndsInForce,
  newAssociationHasShape,
  newAssociationIsNew,
  newAssociationOfSamePatient,
  newAssociationResolves,
  newSnapshotOfOnDemand,
  newStableReplacesStable,
  notBesidePropagation,
  orderedAssociationIsThere,
  replacesRegistered,
  replacesUndisturbed,
} from './new-associations.js'
import {
  alwaysPropagates,
  heldOnce,
  latestIsApproved,
  logicalIDIsRegistered,
  noInitialVersions,
  oneUpdateOfEach,
  patientStays,
  previousVersionGiven,
  previousVersionIsLatest,
  statusInSetIsOriginal,
  statusStays,
  takesOverBounded,
  takesOverSamePatient,
  type UpdateCodes,
} from './new-versions.js'
import { patientIsKnown, samePatient } from './patients.js'
import { relationIsToAnother } from './relationships.js'
import type { Rule } from './rule.js'
import {
  approvedOnce,
  oneStatusForEach,
  originalStatusIsPresent,
  statusesDiffer,
  statusesGiven,
  statusMayChange,
  statusTargetResolves,
} from './status-changes.js'
import { unchangeable, unchangeableByRestrictedUpdate, unchangeableByUpdate } from './unchangeable.js'
import {
  annotationsWhereTheyBelong,
  entriesOnly,
  noStrayAssociations,
  ordersOfSubmissionSet,
  somethingToDo,
} from './update-requests.js'

export const updateCodes: UpdateCodes = {
  initialVersion: 'XDSMetadataUpdateError',
  symbolicLogicalID: 'XDSMetadataUpdateError',
  // Sources differ: docs/decisions/0111.
  unknownLogicalID: ['XDSMetadataVersionError', 'XDSMetadataUpdateError'],
  annotation: 'XDSMetadataUpdateOperationError',
}

export const restrictedUpdateCodes: UpdateCodes = {
  initialVersion: 'XDSInvalidRequestException',
  symbolicLogicalID: 'XDSMetadataIdentifierError',
  unknownLogicalID: ['XDSMetadataVersionError'],
  annotation: 'XDSMetadataAnnotationError',
}

const whole = [
  { ...oneSubmissionSet, breaches: withCode('XDSMetadataUpdateError', oneSubmissionSet) },
  serviceTimesInOrder,
  ...[idsUniqueInMessage, idsNotYetRegistered, uniqueIdsUniqueInMessage, setIdNotYetUsed],
  ...[patientIsKnown, samePatient],
  somethingToDo,
]

function versions(codes: UpdateCodes, logicalID: 'required' | 'optional'): Rule[] {
  return [
    noInitialVersions(codes, logicalID),
    logicalIDIsRegistered(codes),
    oneUpdateOfEach,
    heldOnce(codes),
    statusInSetIsOriginal(codes),
    previousVersionGiven(codes),
    previousVersionIsLatest,
    annotationsWhereTheyBelong(codes.annotation),
    takesOverBounded,
  ]
}

const statuses = [
  statusesGiven,
  statusesDiffer,
  statusTargetResolves,
  statusMayChange,
  originalStatusIsPresent,
  oneStatusForEach,
  approvedOnce,
]

const associations = [
  orderedAssociationIsThere,
  noDocumentationOfMembership,
  newAssociationResolves,
  relationIsToAnother,
  newAssociationHasShape,
  newAssociationEndsInForce,
  notBesidePropagation,
  newAssociationOfSamePatient,
  newAssociationIsNew,
  replacesRegistered,
  replacesUndisturbed,
  newSnapshotOfOnDemand,
  newStableReplacesStable,
  newAddendumOfOriginal,
]

/** [ITI TF-2:3.57.4.1.3] */
export function updateRules(
  { updateDeprecated }: Pick<RegistryConfig, 'updateDeprecated'>,
  domain: Pick<AffinityDomain, 'unchangeable'>,
): readonly Rule[] {
  return [
    ...whole,
    ...[noStrayAssociations, ordersOfSubmissionSet],
    ...versions(updateCodes, 'required'),
    ...(updateDeprecated ? [] : [latestIsApproved]),
    unchangeable('ITI TF-2:3.57.4.1.3.3.1.3', unchangeableByUpdate),
    ...unchangeableIn(domain, 'XDSMetadataUpdateError'),
    takesOverSamePatient,
    ...statuses,
    ...associations,
  ]
}

/** [ITI TF-2:3.92.4.1.3] */
export function restrictedUpdateRules(domain: Pick<AffinityDomain, 'unchangeable'>): readonly Rule[] {
  return [
    ...whole,
    entriesOnly,
    ...versions(restrictedUpdateCodes, 'optional'),
    alwaysPropagates(restrictedUpdateCodes),
    unchangeable('ITI TF-2:3.92.4.1.3', unchangeableByRestrictedUpdate),
    ...unchangeableIn(domain, 'UnmodifiableMetadataError'),
    patientStays,
    statusStays,
  ]
}

/** What the affinity domain lets no update change beside; `code` is the transaction's word for it. */
function unchangeableIn(domain: Pick<AffinityDomain, 'unchangeable'>, code: ErrorCode): Rule[] {
  return domain.unchangeable.map(({ clause, ...row }) => unchangeable(clause, [{ ...row, codes: [code] }]))
}

/** For an update that is there already. */
export const repeatedUpdateRules: readonly Rule[] = [setIdNotYetUsed]

/** What cannot be decoded as an operation, and what is wrong with its Slots. [ITI TF-2:3.57.4.1.3.2] */
export function codeOfUpdate({ annotation }: UpdateCodes): (finding: Finding) => ErrorCode {
  return ({ code, object, attribute = '' }) => {
    if (code !== 'XDSRegistryMetadataError') return code
    if (object === 'SubmitObjectsRequest' || object === 'RegistryObjectList') return 'XDSMetadataUpdateOperationError'
    return object.startsWith('Association ') && annotations.has(attribute) ? annotation : code
  }
}

/** By the names of the attributes, of their Slots, and of any Slot that nobody knows. */
const annotations = new Set(
  ['previousVersion', 'associationPropagation', 'submissionSetStatus', 'originalStatus', 'newStatus', 'slot'].flatMap(
    name => [name, `${name[0]?.toUpperCase()}${name.slice(1)}`],
  ),
)

function withCode(code: ErrorCode, { breaches }: Rule): Rule['breaches'] {
  return (submitted, facts) => breaches(submitted, facts).map(breach => ({ ...breach, code }))
}
