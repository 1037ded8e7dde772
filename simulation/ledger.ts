// What the simulation knows by itself: what was sent, what was answered, and so what must be there, must not, or may.
import type { DocumentEntry, Folder, Submission } from '../metadata/model.js'

/** acknowledged: Success was read. refused: an answer said that nothing was kept. unknown: no answer, or one that cannot tell. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown'

export type Certainty = 'there' | 'absent' | 'open'

export interface SentDocument {
  entry: DocumentEntry
  uniqueId: string
  patientId: string
  bytes: Buffer
  submission: SentSubmission
  replaces: SentDocument | undefined
  replacedBy: SentDocument[]
  appendedTo: SentDocument | undefined
  isUpdated: boolean
  /** Others lean on it: appended to it, in a folder, updated. */
  hasDependents: boolean
  /** Titles that may be the current one; one of them is. */
  titles: string[]
  /** Those of the beginning of a question that is being answered. */
  formerTitles: string[]
  removal: { metadata: Outcome | 'none'; bytes: Outcome | 'none' }
  /** A legal hold at both actors; unknown while it is put or lifted, or where somebody has not answered. */
  hold: 'none' | 'unknown' | 'acknowledged'
  /** Whether the registry had it when all was calm. */
  isSeen: boolean
  /** Somebody is at work on it. */
  isBusy: boolean
}

export interface SentSubmission {
  number: number
  sentBy: string
  submission: Submission
  documents: SentDocument[]
  /** What each sending of it came to; those under way are unknown. */
  attempts: { traceId: string; outcome: Outcome }[]
  /** The first answer that said no. */
  refusal?: string
}

export interface SentFolder {
  folder: Folder
  /** Of the one that brought it. */
  submission: SentSubmission
  /** Put into it by the submission that brought them. */
  members: SentDocument[]
  /** Submissions after its own have put something into it. */
  hasDependents: boolean
}

export interface Call {
  transaction: string
  service: 'registry' | 'repository'
  traceId: string
  beganMs: number
  endedMs: number
  /** Whether an answer of any kind was read to its end. */
  isAnswered: boolean
  isSuccess: boolean
  /** A merge has two of its kind, an update one for each id that its patient has by now. [ITI TF-2:3.44.5.1] */
  records: readonly number[]
  /** Of a removal. */
  documents?: number
  /** Refused while there was no space: its audit record is held in memory until there is some, and lost with the process. docs/decisions/0242 */
  isHeld: boolean
  /** Whether what it did was committed with its audit record, synced. */
  isSynced: boolean
}

export interface Ledger {
  submissions: SentSubmission[]
  documents: SentDocument[]
  folders: SentFolder[]
  calls: Call[]
  merges: { subsumed: string; survivor: string; outcome: Outcome }[]
  /** Sentences about what does not hold. */
  faults: string[]
}

/** Kept by the partners themselves, outside of whatever may crash. */
export function openLedger(): Ledger {
  return { submissions: [], documents: [], folders: [], calls: [], merges: [], faults: [] }
}

/** Whether the registry must know of it. */
export function registeredCertainty({ submission, removal }: SentDocument): Certainty {
  if (removal.metadata === 'acknowledged') return 'absent'
  if (removal.metadata === 'unknown') return 'open'
  return certaintyOf(submission)
}

/** Whether the repository must have its bytes. */
export function keptCertainty({ submission, removal }: SentDocument): Certainty {
  if (removal.bytes === 'acknowledged') return 'absent'
  if (removal.bytes === 'unknown') return 'open'
  return certaintyOf(submission)
}

function certaintyOf(submission: SentSubmission): Certainty {
  const outcome = outcomeSoFar(submission)
  if (outcome === 'acknowledged') return 'there'
  return outcome === 'unknown' ? 'open' : 'absent'
}

/** Once acknowledged it stays so; where one sending may have done it, no refusal of another says that it has not. */
export function outcomeSoFar({ attempts }: SentSubmission): Outcome | 'unsent' {
  if (attempts.length === 0) return 'unsent'
  const order: Outcome[] = ['acknowledged', 'unknown', 'refused']
  return order.find(each => attempts.some(({ outcome }) => outcome === each)) ?? 'unknown'
}
