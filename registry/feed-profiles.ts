// What a domain asks of its patient identity feed, as the registry holds its messages to it. docs/AFFINITY-DOMAINS.md
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { type FeedRule, feedRulesOf } from '../affinity/feed-rules.js'

export interface FeedProfile {
  /** OID of the authority whose ids name patients nationwide; kept beside our own, never as one of them. */
  nationalAuthority: string | undefined
  rules: readonly FeedRule[]
}

/** All rules that the domain has switched on for the feed. */
export function feedProfileOf(domain: AffinityDomain): FeedProfile {
  return { nationalAuthority: domain.nationalAuthority, rules: feedRulesOf(domain) }
}
