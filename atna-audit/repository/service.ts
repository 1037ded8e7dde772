// The Audit Record Repository as a process: its store, the syslog door for records, the HTTPS door for those who may read them.
import type { CarnetConfig } from '../../config/carnet-config.js'
import type { Ports } from '../../ports/ports.js'
import { eventFacts, settingsChanged, settingsForgotten, trustRenewed } from '../../server/actor-service.js'
import { databaseResource } from '../../server/administration/database-resource.js'
import { holdResources } from '../../server/administration/hold-resources.js'
import type { AdminResource } from '../../server/administration/resources.js'
import { schemaResource } from '../../server/administration/schema-resource.js'
import { databaseCheck, openDoors, opened } from '../../server/doors.js'
import { holdsIn } from '../../server/holds.js'
import { openService, type RunningService, type Service } from '../../server/service.js'
import { stepsDone } from '../../store/migrate.js'
import { securityConfigurationChanged } from '../security-events.js'
import { answerAudit } from './administration.js'
import { chainResources } from './chain/chain-resources.js'
import { examinationResources } from './examination-resources.js'
import type { ClaimsOf } from './fhir/ch-atc/serve-ch-atc.js'
import { retentionResources } from './retention-resources.js'
import { auditActor } from './serve-search.js'
import { type AuditRepository, openAuditRepository } from './service-parts.js'

/** Doors for people beside those for systems, in the same process and on the same database. */
export type Beside = (
  config: CarnetConfig,
  service: Service,
  repository: AuditRepository,
) => Promise<{ resources: readonly AdminResource[]; close(graceMs: number): Promise<void> } | undefined>

/** Resolves when all its doors are open. @throws CannotStart, CannotListen with what is to be mended. */
export async function startAuditRepository(
  config: CarnetConfig,
  ports: Ports,
  openBeside: Beside = async () => undefined,
): Promise<RunningService> {
  const section = config.atnaAudit
  const service = await openService('atna-audit', config, section, ports)
  const { trust, origin, log, metrics, identify } = service
  const source = {
    auditSourceID: 'carnet-atna-audit',
    auditEnterpriseSiteID: config.auditEnterpriseSiteID,
    appName: 'carnet-atna-audit',
  }
  const { assertions } = service
  const claimsOf: ClaimsOf | undefined = assertions && ((token, { peer }) => assertions.claimsIn(token, peer?.der))
  const repository = await opened(section.syslog, 'atnaAudit.syslog.port', () =>
    openAuditRepository({ config: section, trust, source, origin, claimsOf, ports, log }),
  )
  trust.onRenewed((identity, letsIn) => {
    repository.listener.renewTls(identity, letsIn)
    const changed = securityConfigurationChanged(trustRenewed, `${origin}/audit`, eventFacts(auditActor, ports))
    repository
      .record([changed])
      .catch(problem => log.error({ failure: String(problem) }, 'audit record could not be kept'))
  })
  metrics.gauge('audit_records', 'Audit records stored', () => repository.size())
  const beside = await openBeside(config, service, repository)
  const administration = {
    repository,
    origin,
    resources: [
      await databaseResource(section.database, ports),
      schemaResource(() => stepsDone(repository.store)),
      ...examinationResources(repository.store),
      ...chainResources({ ...repository, ports }),
      ...(beside?.resources ?? []),
      ...retentionResources(repository.retention),
      ...holdResources({
        actor: auditActor,
        holds: holdsIn(repository.store),
        insert: records => repository.recordWithin(records),
        ports,
      }),
    ],
    ports,
    log,
  }
  const doors = await openDoors(service, {
    answer(request, reply) {
      const partner = identify(request.peer, request.remoteAddress)
      answerAudit(request, reply, partner, administration).catch(problem => {
        log.error({ failure: problem instanceof Error ? problem.stack : String(problem) }, 'unforeseen failure')
        reply.abort()
      })
    },
    checks: async () => [databaseCheck(repository.store)],
    onRefusedHandshake: repository.handshakeRefused,
  })
  service.failure.follow(() => repository.store.broken)
  await repository
    .record(settingsChanged(service, `${origin}/audit`, eventFacts(auditActor, ports)))
    .then(() => service.settings.remember())
    .catch(problem => log.error({ failure: String(problem) }, settingsForgotten))
  return {
    failing: service.failure.because,
    async close(graceMs) {
      await Promise.all([doors.close(graceMs), beside?.close(graceMs)])
      await repository.close(graceMs)
      await service.end()
    },
  }
}
