// Audit records of what people do with the records of patients, beside all transactions: they look at them, decide of them, undo a merge.
// ITI TF-2 Table 3.20.4.1.1.1-1 (Patient Record).
import { application, type EventFacts } from './events.js'
import type { AuditRecord } from './message.js'
import { patientObject } from './objects.js'
import { eventIDs } from './vocabulary.js'

export interface UndoneMerge {
  /** A patient of its own again. */
  patientId: string
  /** Stood for it until now. */
  survivor: string
  by: { name: string; address: string }
}

/** The reverse of the two records of a merge. [ITI TF-2:3.44.5.1] */
export function patientMergeUndone({ patientId, survivor, by }: UndoneMerge, facts: EventFacts): AuditRecord[] {
  return (
    [
      ['C', patientId, 'an administrator has undone its merge'],
      ['U', survivor, 'an administrator has taken a merged patient out of it'],
    ] as const
  ).map(([action, id, what]) =>
    patientRecord(action, by, facts, [patientObject(id, [{ type: 'Merge Undone', value: what }])]),
  )
}

export interface PatientRecordUse {
  /** As CX. */
  patientIds: readonly string[]
  /** Read, or updated. */
  action: 'R' | 'U'
  /** In words: `taken for one person: same insurance card`. */
  what: string
  by: { name: string; address: string }
}

/** Somebody has looked at what an index knows of patients, or has decided something of them. [ITI TF-2: Table 3.20.4.1.1.1-1] */
export function patientRecordsUsed({ patientIds, action, what, by }: PatientRecordUse, facts: EventFacts): AuditRecord {
  const objects = patientIds.map(id => patientObject(id, [{ type: 'Use', value: what }]))
  return patientRecord(action, by, facts, objects)
}

/** What somebody has done here. */
function patientRecord(
  action: NonNullable<AuditRecord['action']>,
  by: PatientRecordUse['by'],
  facts: EventFacts,
  objects: AuditRecord['objects'],
): AuditRecord {
  return {
    eventID: eventIDs.patientRecord,
    action,
    outcome: 0,
    dateTimeMs: facts.dateTimeMs,
    participants: [
      { userID: by.name, userIsRequestor: true, networkAccessPointID: by.address },
      { ...application(facts), userIsRequestor: false },
    ],
    objects,
  }
}
