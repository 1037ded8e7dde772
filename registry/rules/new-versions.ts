// Rules for new versions of DocumentEntries and Folders. ITI TF-2 §3.57.4.1.3.1, §3.57.4.1.3.3.1, §3.57.4.1.3.3.3, §3.92.4.1.3.
import { isSymbolic } from '../../metadata/entry-uuid.js'
import type { Association, ErrorCode } from '../../metadata/model.js'
import { counted, quoted } from '../../metadata/words.js'
import { type NewVersion, operationsOf, propagates } from '../operations.js'
import { canonicalPatientId } from '../patient-id.js'
import { type Facts, mostTakenOver } from '../store/facts.js'
import { type TakenOverEnd, takenOver } from '../taken-over.js'
import type { Breach, Rule, Submitted } from './rule.js'

/** What the two transactions call the same faults. */
export interface UpdateCodes {
  /** Nothing that could be updated is named. */
  initialVersion: ErrorCode
  symbolicLogicalID: ErrorCode
  unknownLogicalID: readonly ErrorCode[]
  /** The HasMember of the SubmissionSet, and its Slots. */
  annotation: ErrorCode
}

/** Without a logicalID, or with its own id as such, an object is an initial version. [ITI TF-2:3.57.4.1.3.1] */
export function noInitialVersions({ initialVersion }: UpdateCodes, logicalID: 'required' | 'optional'): Rule {
  return forEachVersion('ITI TF-2:3.57.4.1.3.1', ({ object, latest }) => {
    const isMeant = logicalID === 'optional' && object.logicalID === undefined && latest !== undefined
    if (isMeant || (object.logicalID !== undefined && object.logicalID !== object.entryUUID)) return []
    const expected = `the logicalID of the ${object.kind} that is updated (initial versions are for ITI-42)`
    const found = object.logicalID === undefined ? 'none' : `its own id, ${quoted(object.logicalID)}`
    return [{ code: initialVersion, object, attribute: 'logicalID', expected, found }]
  })
}

/** [ITI TF-2:3.57.4.1.3.3.1.2, 3.57.4.1.3.3.1.3] */
export function logicalIDIsRegistered({ symbolicLogicalID, unknownLogicalID }: UpdateCodes): Rule {
  return forEachVersion('ITI TF-2:3.57.4.1.3.3.1.3', ({ object, latest }) => {
    const { logicalID, entryUUID } = object
    if (logicalID === undefined || logicalID === entryUUID || latest !== undefined) return []
    const isSymbol = isSymbolic(logicalID)
    const codes = isSymbol ? [symbolicLogicalID] : unknownLogicalID
    const expected = isSymbol ? 'a UUID, never a symbol' : `the logicalID of a registered ${object.kind}`
    return codes.map(code => ({ code, object, attribute: 'logicalID', expected, found: quoted(logicalID) }))
  })
}

/** [ITI TF-2:3.57.4.1.3.3.1.2] */
export function heldOnce({ annotation }: UpdateCodes): Rule {
  return forEachVersion('ITI TF-2:3.57.4.1.3.3.1.2', ({ object, memberships }) => {
    if (memberships.length === 1) return []
    const expected = 'one HasMember Association from the SubmissionSet, with the Slot PreviousVersion'
    return [
      { code: annotation, object, attribute: 'HasMember', expected, found: counted(memberships.length, 'of them') },
    ]
  })
}

/** [ITI TF-2:3.57.4.1.3.3.1.2] */
export function previousVersionGiven({ annotation }: UpdateCodes): Rule {
  return forEachMembership('ITI TF-2:3.57.4.1.3.3.1.2', (association, { latest }, { sound }) => {
    if (association.previousVersion !== undefined || !sound(association, 'previousVersion')) return []
    const latestIs = latest === undefined ? '' : `, ${latest.object.version?.number}`
    const expected = `the number of the version that is superseded${latestIs}`
    return [{ code: annotation, object: association, attribute: 'previousVersion', expected, found: 'nothing' }]
  })
}

/** Nobody updates what he has not seen. [ITI TF-2:3.57.4.1.3.3.1.3] */
export const previousVersionIsLatest: Rule = forEachMembership(
  'ITI TF-2:3.57.4.1.3.3.1.3',
  (association, { latest }, { sound }) => {
    const { previousVersion } = association
    const number = latest?.object.version?.number
    if (previousVersion === undefined || number === undefined || !sound(association, 'previousVersion')) return []
    if (BigInt(previousVersion) === BigInt(number)) return []
    const expected = `the number of the latest version, ${number}`
    const found = quoted(previousVersion)
    return [{ code: 'XDSMetadataVersionError', object: association, attribute: 'previousVersion', expected, found }]
  },
)

/** Of an entry; a Folder needs none. [ITI TF-3:4.2.2.1.1] */
export function statusInSetIsOriginal({ annotation }: UpdateCodes): Rule {
  return forEachMembership('ITI TF-3:4.2.2.1.1', (association, { object }, { sound }) => {
    const { submissionSetStatus } = association
    if (!sound(association, 'submissionSetStatus') || submissionSetStatus === 'Original') return []
    if (object.kind === 'Folder' && submissionSetStatus === undefined) return []
    const found = submissionSetStatus === undefined ? 'nothing' : quoted(submissionSetStatus)
    const expected = 'Original: the new version is in this request'
    return [{ code: annotation, object: association, attribute: 'submissionSetStatus', expected, found }]
  })
}

/** [ITI TF-2:3.92.4.1.2.2.2] */
export function alwaysPropagates({ annotation }: UpdateCodes): Rule {
  return forEachMembership('ITI TF-2:3.92.4.1.2.2.2', association => {
    if (association.associationPropagation !== 'no') return []
    const expected = 'yes or no Slot at all: a restricted update keeps all Associations'
    return [{ code: annotation, object: association, attribute: 'associationPropagation', expected, found: '"no"' }]
  })
}

/** [ITI TF-2:3.57.4.1.3.1] */
export const oneUpdateOfEach: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.1',
  breaches(submitted, facts) {
    const seen = new Set<string>()
    return operationsOf(submitted, facts).newVersions.flatMap(({ object, latest }): Breach[] => {
      const logicalID = latest?.object.version?.logicalID ?? object.logicalID
      if (logicalID === undefined || !seen.has(logicalID)) {
        if (logicalID !== undefined) seen.add(logicalID)
        return []
      }
      const expected = `one update of each logical ${object.kind} in a request`
      const found = `another of ${quoted(logicalID)}`
      return [{ code: 'XDSMetadataUpdateOperationError', object, attribute: 'logicalID', expected, found }]
    })
  },
}

/** [ITI TF-2:3.57.4.1.3.3.1.3] */
export const latestIsApproved: Rule = forEachVersion('ITI TF-2:3.57.4.1.3.3.1.3', ({ object, latest }) => {
  if (latest?.object.availabilityStatus !== 'Deprecated') return []
  const expected = `a ${object.kind} whose latest version is Approved`
  const found = `version ${latest.object.version?.number} of it, Deprecated`
  return [{ code: 'XDSMetadataUpdateError', object, attribute: 'logicalID', expected, found }]
})

/** A restricted update keeps the patient. [ITI TF-2:3.92.4.1.3] */
export const patientStays: Rule = {
  clause: 'ITI TF-2:3.92.4.1.3',
  breaches: (submitted, facts) =>
    operationsOf(submitted, facts).newVersions.flatMap(({ object, latest }): Breach[] => {
      if (latest === undefined || object.patientId === undefined || !submitted.sound(object, 'patientId')) return []
      const sent = facts.patients.get(object.patientId) ?? canonicalPatientId(object.patientId)
      if (sent === latest.object.patientId) return []
      const expected = `the patientId of the ${object.kind} as it is, ${quoted(latest.object.patientId)}`
      const found = quoted(object.patientId)
      return [{ code: 'XDSPatientIDReconciliationError', object, attribute: 'patientId', expected, found }]
    }),
}

/** A restricted update orders no status; an entry that says none means the one it has. [ITI TF-2:3.92.4.1.3] */
export const statusStays: Rule = forEachVersion('ITI TF-2:3.92.4.1.3', ({ object, latest }) => {
  const { availabilityStatus } = object
  if (latest === undefined || availabilityStatus === undefined) return []
  if (availabilityStatus === latest.object.availabilityStatus) return []
  const expected = `none, or the one of the latest version, ${latest.object.availabilityStatus}`
  const attribute = 'availabilityStatus'
  return [{ code: 'UnmodifiableMetadataError', object, attribute, expected, found: availabilityStatus }]
})

/** Whose patient changes takes over nothing that belongs to another. [ITI TF-2:3.57.4.1.3.3.1.7, 3.57.4.1.3.3.3.7] */
export const takesOverSamePatient: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.3.1.7',
  breaches(submitted, facts) {
    const { newVersions } = operationsOf(submitted, facts)
    return takenOver(newVersions).flatMap(({ link, source, target }): Breach[] => {
      const patients = [source, target].map(end => patientOf(end, submitted, facts))
      if (patients.includes(undefined) || patients[0] === patients[1]) return []
      const object =
        'newVersion' in source ? source.newVersion.object : (target as { newVersion: NewVersion }).newVersion.object
      const other = 'registered' in source ? source.registered : 'registered' in target ? target.registered : undefined
      return [
        {
          code: 'XDSPatientIDReconciliationError',
          object,
          attribute: 'patientId',
          expected: `the patient of all that its ${link.associationType} Associations lead to, or AssociationPropagation "no"`,
          found: `${quoted(object.patientId ?? '')}, and ${other?.kind} ${other?.entryUUID} of ${quoted(other?.patientId ?? '')}`,
        },
      ]
    })
  },
}

/** What the registry adds by itself has a bound. [ITI TF-2:3.57.4.1.3.3.1.5] */
export const takesOverBounded: Rule = forEachVersion('ITI TF-2:3.57.4.1.3.3.1.5', version => {
  const { object, latest } = version
  if (latest === undefined || latest.links !== undefined || !propagates(version)) return []
  const expected = `at most ${mostTakenOver} Associations that are repeated for the new versions of a request, or AssociationPropagation "no"`
  return [{ code: 'XDSMetadataUpdateError', object, expected, found: 'more of them' }]
})

function patientOf(end: TakenOverEnd, { sound }: Submitted, { patients }: Facts): string | undefined {
  if ('registered' in end) return end.registered.patientId
  const { object } = end.newVersion
  return sound(object, 'patientId') ? patients.get(object.patientId ?? '') : undefined
}

function forEachVersion(clause: string, breaches: (version: NewVersion) => Breach[]): Rule {
  return { clause, breaches: (submitted, facts) => operationsOf(submitted, facts).newVersions.flatMap(breaches) }
}

function forEachMembership(
  clause: string,
  breaches: (association: Association, version: NewVersion, submitted: Submitted) => Breach[],
): Rule {
  return {
    clause,
    breaches: (submitted, facts) =>
      operationsOf(submitted, facts).newVersions.flatMap(version =>
        version.memberships.flatMap(association => breaches(association, version, submitted)),
      ),
  }
}
