// The Document Registry as a process: its database, its outbox, its door.
import { openDomain } from '../affinity/affinity-domain.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { Ports } from '../ports/ports.js'
import { databaseFor } from '../server/actor-database.js'
import { openAudit, runActor } from '../server/actor-service.js'
import { holdResources } from '../server/administration/hold-resources.js'
import { type MllpService, openMllp } from '../server/hl7v2/mllp-service.js'
import { openIncoming } from '../server/incoming.js'
import { openService, type RunningService } from '../server/service.js'
import { documentRegistry, documentRegistryOverMllp } from './actor.js'
import type { RegistryContext } from './context.js'
import { entryResources } from './entry-resources.js'
import { examinationResources } from './examination-resources.js'
import { feedProfileOf } from './feed-profiles.js'
import { withTokens } from './get-x-user-assertion.js'
import { openDatabase } from './open-database.js'
import { patientResources } from './patient-resources.js'
import { domainRules } from './rules/domain-rules.js'

/** Resolves when partners may ask. @throws CannotStart with what to do; nothing is left open then */
export async function startRegistry(config: CarnetConfig, ports: Ports): Promise<RunningService> {
  const section = config.registry
  const service = await openService('registry', config, section, ports)
  const domain = await openDomain(config.profile, ports.files)
  const database = await databaseFor(service, openDatabase(section, domain, ports))
  const audit = openAudit(service, database.openOutbox, config, section.audit)
  const context: RegistryContext = {
    store:
      service.tracing?.steps(database.store, { register: 'judge and commit', remove: 'judge and remove' }) ??
      database.store,
    outbox: audit.outbox,
    config: section,
    domain,
    domainRules: domainRules(domain),
    feedProfile: feedProfileOf(domain),
    ports,
  }
  // No transaction of a registry carries attachments; what comes all the same is thrown away with its request.
  const spool = await openIncoming(service)
  const holding = { actor: documentRegistry.name, holds: context.store.holds, insert: audit.outbox.insert, ports }
  let feed: MllpService | undefined
  const running = await runActor(service, database, audit, {
    actor: await withTokens(documentRegistry, config, ports),
    context,
    path: '/registry',
    spool,
    config: section,
    checks: async () => feed?.checks() ?? [],
    resources: [
      ...patientResources(documentRegistry.name, context),
      ...entryResources(context),
      ...examinationResources(context),
      ...holdResources(holding),
    ],
  })
  const { outbox } = audit
  const { explanations } = running
  const served = {
    ...{ name: documentRegistry.name, section: 'registry', loopbackRoles: ['feed'] as const },
    ...{ served: documentRegistryOverMllp, context, outbox, explanations },
  }
  feed = await openMllp(service, section.mllp, served, running.refusedHandshake)
  return {
    ...(running.drain === undefined ? {} : { drain: running.drain }),
    ...(running.adopt === undefined ? {} : { adopt: running.adopt }),
    failing: service.failure.because,
    async close(graceMs) {
      await Promise.all([feed?.close(graceMs * (2 / 3)), running.close(graceMs)])
      await audit.close(graceMs / 6)
      await database.close()
      await service.end()
    },
  }
}
