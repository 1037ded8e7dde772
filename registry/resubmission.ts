// Sending again is safe: which submissions get the answer that they had before. docs/decisions/0032.
// There is no state "in flight" here: a submission is judged and committed in one synchronous step, so that a second one
// with the same uniqueId finds either nothing or the committed first.
import type { RegistryConfig } from '../config/registry-config.js'
import type { Finding } from '../metadata/model.js'
import { isoOf } from '../ports/clock.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import type { EarlierSubmission, Facts } from './store/facts.js'

export const dayMs = 86_400_000

export interface Sent {
  /** The configured partner, whatever certificate it shows. */
  partner: string
  digest: string
  messageID: string | undefined
}

/** Undefined when the submission has to pass the rules, where a uniqueId in use is refused. [ITI TF-2:3.42.4.1.3.3.7] */
export function earlierAnswer(
  sent: Sent,
  earlier: EarlierSubmission | undefined,
  config: Pick<RegistryConfig, 'resubmission' | 'resubmissionWindowDays'>,
  nowMs: number,
): RegistryResponse | undefined {
  if (earlier === undefined || !isSentAgain(sent, earlier)) return undefined
  // The same message twice is a matter of transport, whatever the setting.
  if (sent.messageID !== undefined && sent.messageID === earlier.messageID) return earlier.answer
  const isInWindow = nowMs - earlier.committedMs <= config.resubmissionWindowDays * dayMs
  return config.resubmission === 'replay' && isInWindow ? earlier.answer : undefined
}

/** Whether it is the committed submission itself that comes again: all that is wrong with it is that it is there. */
export function isSentAgain(sent: Sent, earlier: EarlierSubmission | undefined): boolean {
  return earlier !== undefined && earlier.partner === sent.partner && earlier.digest === sent.digest
}

/**
 * The finding against a submission that comes again after its metadata were removed: a late retry never brings back what was
 * erased. With `strict` it is a new submission. Counted from the removal. docs/decisions/0121.
 */
export function removedEarlier(
  sent: Sent,
  { earlier, removed }: Pick<Facts, 'earlier' | 'removed'>,
  config: Pick<RegistryConfig, 'resubmission' | 'resubmissionWindowDays'>,
  nowMs: number,
): Omit<Finding, 'object'> | undefined {
  if (removed === undefined || earlier !== undefined || config.resubmission !== 'replay') return undefined
  const isSame = removed.partner === sent.partner && removed.digest === sent.digest
  if (!isSame || nowMs - removed.removedMs > config.resubmissionWindowDays * dayMs) return undefined
  return {
    code: 'XDSDuplicateUniqueIdInRegistry',
    attribute: 'uniqueId',
    rule: 'ITI TF-2:3.62.4.1.3',
    expected: 'a submission that was not removed before',
    found: `one that was removed at ${isoOf(removed.removedMs)}`,
  }
}
