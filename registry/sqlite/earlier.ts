// What was committed under a SubmissionSet.uniqueId, for the decision about sending it again.
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { EarlierSubmission } from '../store/facts.js'
import { kindNumbers } from '../tables/columns.js'
import { earlierSubmission, type SubmissionRow } from '../tables/earlier.js'
import { type FragmentRow, fragmentIn } from '../tables/fragment-row.js'

/** Undefined for an id that nothing was committed under, as for undefined. */
export function earlierIn(store: Store): (uniqueId: string | undefined) => EarlierSubmission | undefined {
  const submission = store.prepare(
    `SELECT s.partner, s.digest, s.message_id, s.committed_ms, s.answer
     FROM unique_ids u JOIN registered_submissions s ON s.object = u.object
     WHERE u.unique_id = ? AND u.kind = ${kindNumbers.SubmissionSet}`,
  )
  const objects = store.prepare(
    `WITH sets AS (SELECT object FROM unique_ids WHERE unique_id = ? AND kind = ${kindNumbers.SubmissionSet})
     SELECT f.head, f.body FROM sets s JOIN fragments f ON f.object = s.object
     UNION ALL
     SELECT f.head, f.body FROM sets s JOIN associations a ON a.source = s.object JOIN fragments f ON f.object = a.target`,
  )

  return uniqueId => {
    const key = comparable(uniqueId ?? '')
    const row = submission.get<SubmissionRow>(key)
    if (row === undefined) return undefined
    return earlierSubmission(row, objects.all<FragmentRow>(key).map(fragmentIn))
  }
}
