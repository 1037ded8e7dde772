// The Document Repository as a process: its database, its documents, its way to the registry, its door.
import { documentSpoilt } from '../atna-audit/security-events.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import { bucketIn } from '../config/documents-place.js'
import type { RepositoryConfig } from '../config/repository-config.js'
import type { Ports } from '../ports/ports.js'
import { databaseFor } from '../server/actor-database.js'
import { eventFacts, openAudit, runActor } from '../server/actor-service.js'
import { holdResources } from '../server/administration/hold-resources.js'
import { openCaller } from '../server/caller.js'
import { mostInMemoryBytes } from '../server/incoming.js'
import { openService, type RunningService, type Service } from '../server/service.js'
import type { Tracing } from '../server/tracing.js'
import { openSpool } from '../soap/spool.js'
import { documentRepository } from './actor.js'
import { backupResources } from './administration/backup-resources.js'
import { documentResources } from './administration/document-resources.js'
import { examinationResources } from './administration/examination-resources.js'
import { movingResources } from './administration/moving-resources.js'
import { retentionResources } from './administration/retention-resources.js'
import type { RepositoryAlarm, RepositoryOutbox } from './alarm.js'
import { openRepository, type RepositoryContext } from './context.js'
import { encryptionResources } from './encryption/encryption-resources.js'
import { reportHoldings } from './holdings.js'
import { imagingResources } from './imaging/imaging-resources.js'
import { type ObjectStorage, openObjectStorage } from './object-storage.js'
import { openDatabase } from './open-database.js'
import { registryOverSoap } from './registration/registry-over-soap.js'
import { startResolver } from './registration/resolver.js'
import { tracedRegistry } from './registration/traced-registry.js'

/** Resolves when partners may ask; what an earlier run has left half done is finished beside that. @throws CannotStart with what to do; nothing is left open then */
export async function startRepository(config: CarnetConfig, given: Ports): Promise<RunningService> {
  const section = config.repository
  const service = await openService('repository', config, section, given)
  const { ports } = service
  const database = await databaseFor(service, openDatabase(section, ports))
  const audit = openAudit(service, database.openOutbox, config, section.audit)
  const caller = openCaller({ tls: service.trust.identity, ports })
  service.trust.onRenewed(identity => caller.renewTls(identity))
  const spool = openSpool({
    files: ports.files,
    randomness: ports.randomness,
    folder: database.incoming,
    mostInMemoryBytes,
    budget: service.budget.spooled,
  })
  const objects = await openObjects(section, service)
  const repository = await openRepository({
    memory: database.memory,
    outbox: audit.outbox,
    registry: tracedRegistry(registryOverSoap({ caller, url: section.registry.url, ports }), service.tracing),
    config: section,
    ports,
    spool,
    changes: service.changes,
    objects,
    metrics: service.metrics,
    alarm: alarm => raise(alarm, service, audit.outbox),
  })
  repository.swept.then(
    files => files > 0 && service.log.info({ files }, 'files that belong to no document were removed'),
    problem => service.log.error({ failure: String(problem) }, 'the sweep of the documents did not end'),
  )
  const resolver = startResolver(repository.context)
  const { documents, closing } = repository.context
  reportHoldings(documents, { clock: ports.clock, metrics: service.metrics, closing })
  const running = await runActor(service, database, audit, {
    actor: documentRepository,
    context: withSteps(repository.context, service.tracing),
    path: '/repository',
    spool,
    resources: [
      ...documentResources(repository.context),
      ...backupResources(repository.context),
      ...examinationResources(repository.context, resolver),
      ...retentionResources(repository.context),
      ...holdResources({
        actor: documentRepository.name,
        holds: repository.context.holds,
        insert: audit.outbox.insert,
        ports,
      }),
      ...movingResources(repository.context),
      ...encryptionResources(repository.context),
      ...imagingResources(repository.context),
    ],
    config: section,
    ...storageChecks(section, objects),
  })
  return {
    ...(running.drain === undefined ? {} : { drain: running.drain }),
    ...(running.adopt === undefined ? {} : { adopt: running.adopt }),
    failing: service.failure.because,
    async close(graceMs) {
      repository.close()
      await Promise.all([running.close(graceMs), resolver.close()])
      caller.close()
      await repository.swept.catch(() => {})
      await repository.end()
      objects?.close()
      await audit.close(graceMs / 6)
      await database.close()
      await service.end()
    },
  }
}

async function openObjects(
  { objectStorage, documents }: RepositoryConfig,
  { ports, log }: Service,
): Promise<ObjectStorage | undefined> {
  return (
    objectStorage &&
    openObjectStorage({
      ...{ config: objectStorage, target: bucketIn(documents), ports },
      told: problem =>
        problem === undefined
          ? log.info({}, 'the object storage answers again')
          : log.error({ failure: problem }, 'the object storage does not answer'),
    })
  )
}

function withSteps(context: RepositoryContext, tracing: Tracing | undefined): RepositoryContext {
  if (tracing === undefined) return context
  const names = { place: 'keep the documents', begin: 'commit', registered: 'commit the verdict', drop: 'drop' }
  return { ...context, documents: tracing.steps(context.documents, names) }
}

function storageChecks({ documents }: RepositoryConfig, objects: ObjectStorage | undefined) {
  // Where only older documents are there, the others are served without it.
  if (objects === undefined || bucketIn(documents) === undefined) return {}
  return { checks: async () => [{ name: 'object storage', ...(await objects.watch.check()) }] }
}

function raise(alarm: RepositoryAlarm, service: Service, outbox: RepositoryOutbox): void {
  const { kind, detail, documentUniqueId } = alarm
  service.log.error({ ...alarm, trace: alarm.traceparent?.slice(3, 35) }, kind)
  if ((kind !== 'document spoilt' && kind !== 'document lost') || documentUniqueId === undefined) return
  const record = documentSpoilt(
    { documentUniqueId, why: detail, traceparent: alarm.traceparent },
    eventFacts('Document Repository', service.ports),
  )
  outbox
    .append([record])
    .catch(problem => service.log.error({ failure: String(problem) }, 'audit record could not be kept'))
}
