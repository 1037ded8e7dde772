// What a domain asks of its patient identity feed beyond the Technical Framework: a row for each rule that it may switch on. It holds for
// whoever takes patients, registry and patient index alike.
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { AffinityDomain } from './affinity-domain.js'
import type { LogicRuleId } from './switched-rules.js'

/** A message of the feed, its form forgotten. */
export interface FedPatient<Sensitive extends string = string> {
  event: 'add' | 'revise' | 'merge'
  /** As CX. */
  patientIds: readonly string[]
  /** Elements that not every domain may see. */
  sensitive: readonly Sensitive[]
}

export interface FeedFault<Sensitive extends string = string> {
  kind: 'missing' | 'wrong'
  at: 'patientIds' | Sensitive
  clause: string
  text: string
}

export type FeedRule = <Sensitive extends string>(message: FedPatient<Sensitive>) => FeedFault<Sensitive>[]

/** What a rule needs to know of the domain that switches it on. */
interface Feed {
  nationalAuthority: string | undefined
  clause: string
}

export type FeedRuleId = Extract<LogicRuleId, `feed-${string}`>

type Row = <Sensitive extends string>(message: FedPatient<Sensitive>, feed: Feed) => FeedFault<Sensitive>[]

const rulesBy: Readonly<Record<FeedRuleId, Row>> = {
  'feed-names-patient-twice': namesPatientTwice,
  'feed-keeps-sensitive-back': keepsSensitiveBack,
}

/** In the order of the table. `without` are rules that a receiver of the feed does not hold its messages to, though the domain has switched them on. */
export function feedRulesOf(
  { nationalAuthority, switchedOn }: Pick<AffinityDomain, 'nationalAuthority' | 'switchedOn'>,
  without: readonly FeedRuleId[] = [],
): FeedRule[] {
  const ids = Object.keys(rulesBy) as FeedRuleId[]
  return ids.flatMap((id): FeedRule[] => {
    const on = switchedOn[id]
    if (on === undefined || without.includes(id)) return []
    return [message => rulesBy[id](message, { nationalAuthority, clause: on.clause })]
  })
}

/** [EPR annex 5.1:1.7.1] */
function namesPatientTwice({ event, patientIds }: FedPatient, { nationalAuthority, clause }: Feed) {
  // A merge names the ids that it is about and need not name others.
  if (event === 'merge') return []
  const isNational = (id: string) => instanceIdentifierOf(id.trim())?.root === nationalAuthority
  const missing = (text: string) => ({ kind: 'missing', at: 'patientIds', clause, text }) as const
  return [
    ...(patientIds.some(isNational) ? [] : [missing(`the EPR-SPID of the patient (${nationalAuthority}) is missing`)]),
    ...(patientIds.some(id => !isNational(id)) ? [] : [missing('a patient id beside the EPR-SPID is missing')]),
  ]
}

/** [EPR annex 5.1:1.7.1] */
function keepsSensitiveBack<Sensitive extends string>(
  { sensitive }: FedPatient<Sensitive>,
  { clause }: Feed,
): FeedFault<Sensitive>[] {
  return sensitive.map(at => ({ kind: 'wrong', at, clause, text: `${at} may not be sent` }))
}
