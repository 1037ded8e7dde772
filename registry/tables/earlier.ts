// What was committed as a submission, as it comes out of its row.
import type { Fragment } from '../../metadata/fragment.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { EarlierSubmission } from '../store/facts.js'

export interface SubmissionRow {
  partner: string
  digest: string
  message_id: string | null
  committed_ms: number
  answer: string
}

/** `answer` is what was answered then; `objects` stay fragments, nothing of them is parsed. */
export function earlierSubmission(row: SubmissionRow, objects: readonly Fragment[]): EarlierSubmission {
  return {
    partner: row.partner,
    digest: row.digest,
    messageID: row.message_id ?? undefined,
    committedMs: row.committed_ms,
    answer: JSON.parse(row.answer) as RegistryResponse,
    objects,
  }
}
