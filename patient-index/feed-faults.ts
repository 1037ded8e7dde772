// What the affinity domain asks of a feed beyond the Technical Framework, as the index holds its sources to it. docs/decisions/0327
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { type FedPatient, type FeedFault, type FeedRule, type FeedRuleId, feedRulesOf } from '../affinity/feed-rules.js'
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import type { PatientIndexContext } from './context.js'

/** All that every rule has to say; empty where the domain asks for nothing more. */
export function feedFaults<Sensitive extends string>(
  message: FedPatient<Sensitive>,
  { feedRules }: Pick<PatientIndexContext, 'feedRules'>,
): FeedFault<Sensitive>[] {
  return feedRules.flatMap(rule => rule(message))
}

/** The number may be missing where the index is to ask for it. */
export function feedRulesFor(
  domain: Pick<AffinityDomain, 'nationalAuthority' | 'switchedOn'>,
  { recordsWithoutNationalId }: Pick<PatientIndexConfig, 'recordsWithoutNationalId'>,
): FeedRule[] {
  const without: FeedRuleId[] = recordsWithoutNationalId === 'taken' ? ['feed-names-patient-twice'] : []
  return feedRulesOf(domain, without)
}
