// What a domain asks of its patient identity feed beyond the Technical Framework: a row for each rule that it may switch on.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { LogicRuleId } from '../affinity/switched-rules.js'
import type { SensitiveElement } from '../transactions/xds-messages.js'
import type { FeedMessage, FeedProblem } from './patient-feed.js'
import { assigningAuthorityOf } from './patient-id.js'

export interface FeedProfile {
  /** OID of the authority whose ids name patients nationwide; kept beside our own, never as one of them. */
  nationalAuthority: string | undefined
  rules: readonly FeedRule[]
}

type FeedRule = (message: FeedMessage) => FeedProblem[]

/** What a rule needs to know of the domain that switches it on. */
interface Feed {
  nationalAuthority: string | undefined
  clause: string
}

const rulesBy: Readonly<Record<FeedRuleId, (message: FeedMessage, feed: Feed) => FeedProblem[]>> = {
  'feed-names-patient-twice': namesPatientTwice,
  'feed-keeps-sensitive-back': keepsSensitiveBack,
}

type FeedRuleId = Extract<LogicRuleId, `feed-${string}`>

export function feedProfileOf({ nationalAuthority, switchedOn }: AffinityDomain): FeedProfile {
  const ids = Object.keys(rulesBy) as FeedRuleId[]
  const rules = ids.flatMap((id): FeedRule[] => {
    const on = switchedOn[id]
    return on === undefined ? [] : [message => rulesBy[id](message, { nationalAuthority, clause: on.clause })]
  })
  return { nationalAuthority, rules }
}

/** [EPR annex 5.1:1.7.1] */
function namesPatientTwice({ event, patientIds }: FeedMessage, { nationalAuthority, clause }: Feed): FeedProblem[] {
  // A merge names the ids that it is about and need not name others.
  if (event === 'merge') return []
  const isNational = (id: string) => assigningAuthorityOf(id) === nationalAuthority
  const missing = (text: string): FeedProblem => ({ kind: 'missing', at: 'patientIds', clause, text })
  return [
    ...(patientIds.some(isNational) ? [] : [missing(`the EPR-SPID of the patient (${nationalAuthority}) is missing`)]),
    ...(patientIds.some(id => !isNational(id)) ? [] : [missing('a patient id beside the EPR-SPID is missing')]),
  ]
}

/** [EPR annex 5.1:1.7.1] */
function keepsSensitiveBack({ sensitive }: FeedMessage, { clause }: Feed): FeedProblem[] {
  return sensitive.map((at: SensitiveElement) => ({ kind: 'wrong', at, clause, text: `${at} may not be sent` }))
}
