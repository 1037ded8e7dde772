// What the registry remembers of patients, as its handlers see it: who is known, whose ids were merged, who is who nationally.

export interface PatientStore {
  /** Has a change judged by what is known of the ids that it names, and makes it if so decided: one step. Of others nothing may be asked. docs/decisions/0030. */
  change<Answer>(
    patientIds: readonly string[],
    decide: (facts: PatientFacts) => PatientDecision<Answer>,
  ): Promise<Answer>
  /** What is known of an id; undefined when nothing is. */
  show(patientId: string): Promise<KnownPatient | undefined>
  /** Ids in their order, those after the given one. */
  list(after: string, atMost: number): Promise<ListedPatient[]>
  /** The patient whom a national id stands for, by the id that has survived all merges. [Swiss EPR: EPR-SPID to XAD-PID] */
  patientIdOf(nationalId: string): Promise<string | undefined>
  /** The national ids of a patient, those of merged ids included. [Swiss EPR: XAD-PID to EPR-SPID] */
  nationalIdsOf(patientId: string): Promise<string[]>
}

/** `into` is the id that it was merged into itself, `survivor` the end of the chain, both in their one spelling. */
export type Standing = { is: 'unknown' } | { is: 'active' } | { is: 'subsumed'; into: string; survivor: string }

export interface PatientFacts {
  standingOf(patientId: string): Standing
}

export interface PatientDecision<Answer> {
  answer: Answer
  /** Absent when nothing is to be changed. */
  change?: PatientChange
}

export interface PatientChange {
  /** Become known; those already known stay as they are. [ITI TF-2:3.44.4.1.4] */
  announced?: readonly string[]
  /** Both ids known by then, neither of them ended before. [ITI TF-2:3.44.4.2.4] */
  merges?: readonly Merge[]
  /** Ids that are patients of their own again. */
  separated?: readonly string[]
  nationalIds?: readonly NationalId[]
  nowMs: number
  /** Written in the same commit by somebody else. */
  alongside(): void
}

export interface Merge {
  subsumed: string
  survivor: string
}

export interface NationalId {
  nationalId: string
  patientId: string
}

export interface ListedPatient {
  patientId: string
  /** The id that stands for it after merges; absent while it stands for itself. */
  survivor?: string
}

export interface KnownPatient extends ListedPatient {
  /** The id that it was merged into itself, where there was a chain. */
  mergedInto?: string
  mergedMs?: number
  /** Ids that were merged into this one, directly. */
  subsumed: string[]
  nationalIds: string[]
  /** DocumentEntries, SubmissionSets and Folders that were registered under this very id. */
  objects: number
}
