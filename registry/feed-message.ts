// What a message of the patient identity feed says, its ids as this registry knows them, and what may be wrong with it. ITI TF-2 §3.8.4, §3.44.4.
import type { FeedEvent, SensitiveElement } from '../transactions/xds-messages.js'

/** What a message says, its form forgotten. */
export interface FeedMessage {
  event: FeedEvent
  /** As CX; of a merge those that survive. */
  patientIds: readonly string[]
  /** Those that a merge ends. */
  subsumedIds: readonly string[]
  sensitive: readonly SensitiveElement[]
}

/** Why a message was not followed. */
export interface FeedProblem {
  kind: 'missing' | 'unknown' | 'ended' | 'wrong' | 'tooLong' | 'malformed'
  /** What of the message is at fault. */
  at: 'patientIds' | 'subsumedIds' | SensitiveElement
  clause: string
  text: string
}

/** Those ids of a message that are of the domains of this registry, in canonical form. */
export interface OurIds {
  patientIds: string[]
  subsumedIds: string[]
  /** What the ids should have been, for people who read an error. */
  expected: string
  /** Whose ids there were, for the same. */
  found: { patientIds: string; subsumedIds: string }
  /** Said where there is none of ours. */
  none: string
}
