// What the registry remembers, as its handlers see it. Every call is one indivisible step of the engine below:
// nothing can change between the facts and the commit, or between two looks of one query. docs/decisions/0030.
import type { Fragment } from '../metadata/fragment.js'
import type { Submission } from '../metadata/model.js'
import type { Holds } from '../server/holds.js'
import type { RegistryResponse, RemoveMetadataResponse } from '../transactions/xds-messages.js'
import type { PatientStore } from './patient-store.js'
import type { Decision } from './store/commit.js'
import type { Facts, FactsWanted } from './store/facts.js'
import type { ReadOptions, RegistryReader } from './store/reader.js'
import type { ObjectKind } from './store/registered-object.js'
import type { RemovalDecision, RemovalFacts } from './store/removal.js'

export interface RegistryStore {
  /** Gathers what is known of the things a submission names, has it judged, and keeps it if so decided: one step. */
  register(submission: Submission, wanted: FactsWanted, decide: (facts: Facts) => Decision): Promise<RegistryResponse>
  readonly patients: PatientStore
  /** What may not be removed. */
  readonly holds: Holds
  /** Gathers what is known of the objects named, has their removal judged, and removes them if so decided: one step. */
  remove(
    entryUUIDs: readonly string[],
    decide: (facts: RemovalFacts) => RemovalDecision,
  ): Promise<RemoveMetadataResponse>
  /** Resolves when nothing of what was removed is in the files any more. */
  erased(): Promise<void>
  /** One consistent view. `work` awaits nothing but the reader. */
  read<Result>(options: ReadOptions, work: (registry: RegistryReader) => Promise<Result>): Promise<Result>
  /** Of objects that were found without them, by key; of one that has been removed since there is none. */
  fragmentsOf(kind: ObjectKind, keys: readonly number[]): Promise<ReadonlyMap<number, Fragment>>
}
