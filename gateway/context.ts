// What the handlers of the gateway are given.
import type { AuditRecord } from '../atna-audit/message.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Ports } from '../ports/ports.js'
import type { Log } from '../server/log.js'
import type { Communities } from './communities/communities.js'
import type { KeptBack } from './communities/kept-back.js'
import type { AwaitedAnswers } from './later/awaited-answers.js'
import type { DeferredDiscoveries } from './later/deferred-discoveries.js'
import type { Onward } from './onward.js'
import type { Correlations } from './patients/correlations.js'
import type { Locations } from './patients/locations.js'
import type { ToldDocuments } from './truth/told-documents.js'

/** One for the process; what belongs to a request is in its Exchange. */
export interface GatewayContext {
  config: GatewayConfig
  onward: Onward
  communities: Communities
  correlations: Correlations
  deferred: DeferredDiscoveries
  awaited: AwaitedAnswers
  locations: Locations
  told: ToldDocuments
  keptBack: KeptBack
  ports: Ports
  log: Log
  outbox: { append(records: AuditRecord[]): Promise<void> }
}
