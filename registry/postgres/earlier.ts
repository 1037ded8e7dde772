// What was committed as a SubmissionSet, for the decision about sending it again.
import type { Session } from '../../store/postgres/session.js'
import type { EarlierSubmission } from '../store/facts.js'
import { earlierSubmission, type SubmissionRow } from '../tables/earlier.js'
import { type FragmentRow, fragmentIn } from './fragments.js'
import { at, placesOf, sqlPatientOf, touching } from './places.js'

const submission = `SELECT e.partner, e.digest, e.message_id, e.committed_ms, e.answer, e.head, e.body FROM ${at('submission_sets')}`

const members = ['document_entries', 'folders', 'associations']
  .map(
    table => `SELECT m.head, m.body FROM ${touching('source')}
      JOIN ${table} m ON m.patient = ${sqlPatientOf('a.target')} AND m.object = a.target`,
  )
  .join(' UNION ALL ')

/** `set` is the key of a SubmissionSet; undefined where there is none (any more). */
export async function earlierOf(session: Session, set: number): Promise<EarlierSubmission | undefined> {
  const place = placesOf([set])
  const [[row], objects] = await Promise.all([
    session.query<SubmissionRow & FragmentRow>(submission, ...place),
    session.query<FragmentRow>(members, ...place, ...place, ...place),
  ])
  if (row === undefined) return undefined
  return earlierSubmission(row, [row, ...objects].map(fragmentIn))
}
