// What the handlers of the Document Registry are given.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { AuditRecord } from '../atna-audit/message.js'
import type { RegistryConfig } from '../config/registry-config.js'
import type { Ports } from '../ports/ports.js'
import type { FeedProfile } from './feed-profiles.js'
import type { Rule } from './rules/rule.js'
import type { RegistryStore } from './store.js'

/** One for each process; a request adds its `exchange`. */
export interface RegistryContext {
  store: RegistryStore
  /** Takes audit records into the commit under way. */
  outbox: { insert(records: AuditRecord[]): void }
  config: RegistryConfig
  domain: AffinityDomain
  /** Rules of the domain that need logic, beside the framework's. */
  domainRules: readonly Rule[]
  /** What the domain asks of its patient identity feed. */
  feedProfile: FeedProfile
  ports: Ports
}
