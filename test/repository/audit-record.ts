// A small audit record for tests that only ask which transactions were written down, and how they ended.
import type { AuditRecord } from '../../atna-audit/message.js'

export function anAuditRecord(transaction: string, outcome: AuditRecord['outcome']): AuditRecord {
  return {
    eventID: ['110107', 'DCM', 'Import'],
    eventTypeCode: [transaction, 'IHE Transactions', transaction],
    action: 'C',
    outcome,
    dateTimeMs: 0,
    participants: [],
    objects: [],
  }
}
