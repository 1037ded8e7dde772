// A submission as a row of either engine has it, under the names that the rest of the room knows.
import type { RegistryResponse } from '../transactions/xds-messages.js'
import type { KeptSubmission } from './document-store.js'

export interface SubmissionRow {
  id: string
  uniqueId: string | null
  partner: string
  messageID: string | null
  state: KeptSubmission['state']
  traceparent: string
  receivedMs: number
  settledMs: number | null
  answer: string | null
}

export function submissionOf(row: SubmissionRow): KeptSubmission {
  return {
    ...row,
    uniqueId: row.uniqueId ?? undefined,
    messageID: row.messageID ?? undefined,
    settledMs: row.settledMs ?? undefined,
    answer: row.answer === null ? undefined : (JSON.parse(row.answer) as RegistryResponse),
  }
}
