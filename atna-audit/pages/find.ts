// Records that match, the newest first, as they are found; what a reader may not see is taken out before anybody looks at it.
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'
import { countRecords, foundRecords } from '../repository/find-records.js'
import type { RecordQuery } from '../repository/record-query.js'
import { eventIDs } from '../vocabulary.js'
import type { Fields, Span } from './filters.js'
import { actsForPatient, withoutPatient } from './masking.js'
import { type Told, toldOf } from './told.js'

export interface Finding {
  fields: Fields
  span: Span
  /** Without it patients' data are hidden, and cannot be searched for either. */
  seesPatients: boolean
  /** Where the page before ended. */
  cursor?: string | undefined
  /** Of records found. */
  limit: number
}

export interface Ending {
  found: number
  failed: number
  /** Where to go on, when there may be more. */
  next: string | undefined
}

export interface Library {
  store: Store
  clock: Pick<Clock, 'monotonicMs' | 'endOfTurn'>
}

/** Of records that are passed over, for a search whose matches are all hidden. */
const mostPassedOver = 20_000

/**
 * Ends with how many were found and where to go on. For readers who see no patients, what would be found by the name of somebody who acts for a
 * patient is passed over, so that finding tells nothing.
 */
export async function* recordsFound(
  { store, clock }: Library,
  { fields, span, seesPatients, cursor, limit }: Finding,
): AsyncGenerator<Told, Ending> {
  const ending: Ending = { found: 0, failed: 0, next: undefined }
  let passedOver = 0
  let left = limit
  let from = cursor
  while (left > 0) {
    const options = { limit: Math.min(left, 100), ...(from !== undefined && { cursor: from }) }
    const query = queryOf(fields, span, seesPatients)
    for await (const { records, next } of foundRecords(store, query, options, clock)) {
      for (const record of records) {
        const whole = toldOf(record)
        if (isHidden(whole, fields, seesPatients)) {
          passedOver += 1
          continue
        }
        ending.found += 1
        if (whole.outcome !== undefined && whole.outcome > 0) ending.failed += 1
        left -= 1
        yield seesPatients ? whole : withoutPatient(whole)
      }
      from = next
      // The next one would be of the same size again, whatever is left.
      if (left < 100 || passedOver >= mostPassedOver) break
    }
    if (from === undefined) return ending
    if (passedOver >= mostPassedOver) break
  }
  return { ...ending, next: from }
}

/** How many there are, hidden ones included; undefined where that would tell what is hidden. */
export function countOf(
  { store, clock }: Library,
  { fields, span, seesPatients }: Finding,
): { count: number; exact: boolean } | undefined {
  return seesPatients ? countRecords(store, queryOf(fields, span, seesPatients), {}, clock) : undefined
}

function queryOf(fields: Fields, span: Span, seesPatients: boolean): RecordQuery {
  const { patient, person, organisation, document, purpose, role, outcome, kind, trace, q } = fields
  return {
    ...span,
    ...(trace !== undefined && { trace }),
    ...(patient !== undefined && { patient }),
    ...(document !== undefined && { object: document }),
    ...(person !== undefined && { person }),
    ...(organisation !== undefined && { organisation }),
    ...(purpose !== undefined && { purpose }),
    ...(role !== undefined && { role }),
    ...(kind !== undefined && kindAsked(kind)),
    ...(outcome !== undefined && { outcome: outcomeAsked(outcome) }),
    ...(fields.unreadable !== undefined && { unreadable: true }),
    ...(q !== undefined && lineAsked(q, seesPatients)),
  }
}

function kindAsked(kind: string): RecordQuery {
  const code = kind.toUpperCase()
  // Events that come in several types, by their DICOM code.
  return /^1101(?:0[0-9]|1[0-4])$/.test(code) ? { event: code } : { type: code }
}

function outcomeAsked(outcome: string): number | 'failed' {
  if (outcome === 'success') return 0
  return /^\d{1,2}$/.test(outcome) ? Number(outcome) : 'failed'
}

/** One line may be anything; for those who see no patients, only what is none. */
function lineAsked(line: string, seesPatients: boolean): RecordQuery {
  if (/^(?:ITI|RAD|PHARM)-\d{1,4}$/i.test(line)) return { type: line.toUpperCase() }
  if (seesPatients) return { anything: line }
  return /^[0-9a-f]{32}$/i.test(line) ? { trace: line } : { person: line }
}

/** Who reads this log would otherwise see little but that; a search for it finds it. */
const [ownLooks] = eventIDs.auditLogUsed

function isHidden(told: Told, { looks, kind, trace, person, q }: Fields, seesPatients: boolean): boolean {
  // By its being found a name would tell that a patient has acted.
  if (!seesPatients && (person ?? q) !== undefined && told.people.some(actsForPatient)) return true
  return told.kind === ownLooks && (looks ?? kind ?? trace ?? person ?? q) === undefined
}
