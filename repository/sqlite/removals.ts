// Documents on their way out: out of reach by one commit, forgotten by another. docs/decisions/0122.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { Clock } from '../../ports/clock.js'
import { heldPatient, holdOn } from '../../server/holds.js'
import type { Store } from '../../store/store.js'
import type { DocumentStore, RemovableCopy } from '../document-store.js'
import { type CopyRow, copyOf } from './rows.js'
import type { Statements } from './statements.js'

/** Synchronous within each commit; documents that are being removed are out of reach for all other calls. [ITI TF-2:3.86.4.1.3] */
export function removalsIn(
  store: Store,
  statements: Statements,
  { clock, windowMs }: { clock: Clock; windowMs: number },
): Pick<DocumentStore, 'beginRemoval' | 'endRemoval' | 'halfRemoved' | 'holdOf'> {
  const held = holdOn(store)

  function holdOf({ uniqueId, patientId }: Pick<RemovableCopy, 'uniqueId' | 'patientId'>): string | undefined {
    const ofDocument = held('document', uniqueId.normalize('NFC'))
    const patient = patientId === undefined ? undefined : heldPatient(patientId)
    return ofDocument ?? (patient === undefined ? undefined : held('patient', patient))
  }

  function withHold(copy: RemovableCopy): RemovableCopy {
    const hold = holdOf(copy)
    return hold === undefined ? copy : { ...copy, hold }
  }

  /** The last document of a submission takes the submission with it; that it was removed is known for a while. */
  function forget(documentId: string, nowMs: number): void {
    const row = statements.submissionOfDocument.get<{ id: string; digest: string; partner: string }>(documentId)
    statements.deleteDocument.run(documentId)
    statements.deleteRemoval.run(documentId)
    if (row === undefined) return
    statements.rememberRemoved.run(row.digest, row.partner, nowMs)
    statements.deleteEmptySubmission.run(row.id)
  }

  return {
    holdOf,
    beginRemoval: (uniqueIds, audit) =>
      store.write(() =>
        uniqueIds.flatMap(uniqueId => {
          const copies = statements.copies.all<CopyRow>(uniqueId).map(row => withHold(copyOf(row)))
          if (copies.some(({ state, hold }) => state === 'registering' || hold !== undefined)) return copies
          for (const copy of copies) statements.insertRemoval.run(copy.id, JSON.stringify(audit(copy)))
          return copies
        }),
      ),

    async endRemoval({ gone, kept }, alongside) {
      const forgotten = [...gone]
      await store.write(() => {
        const nowMs = clock.now()
        for (const id of forgotten) forget(id, nowMs)
        for (const id of kept) statements.deleteRemoval.run(id)
        if (forgotten.length > 0) {
          statements.forgetRemoved.run(nowMs - windowMs)
          store.markErasure()
        }
        alongside()
      })
      if (forgotten.length > 0) await store.erased()
    },

    halfRemoved: () =>
      statements.halfRemoved
        .all<CopyRow & { audit: string }>()
        .map(({ audit, ...row }) => ({ ...copyOf(row), audit: JSON.parse(audit) as AuditRecord[] })),
  }
}
