// The patient index as a process: its database, its door, and its way to those who follow it.
import { openDomain } from '../affinity/affinity-domain.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { Ports } from '../ports/ports.js'
import { databaseFor, openInFile } from '../server/actor-database.js'
import { openAudit, runActor } from '../server/actor-service.js'
import { openCaller } from '../server/caller.js'
import type { PagesBelow } from '../server/endpoint.js'
import { openMllpCaller } from '../server/hl7v2/mllp-caller.js'
import { type MllpService, openMllp } from '../server/hl7v2/mllp-service.js'
import { openIncoming } from '../server/incoming.js'
import { CannotStart, openService, type RunningService, type Service } from '../server/service.js'
import { patientIndex, patientIndexOverMllp } from './actor.js'
import { personResources } from './admin-resources.js'
import type { PatientIndexContext } from './context.js'
import { startDeferredAnswers } from './deferred-answers.js'
import { openDeferredStore } from './deferred-store.js'
import { feedRulesFor } from './feed-faults.js'
import { openLocatedStore } from './located.js'
import { patientIndexMigrations } from './migrations.js'
import { startNotifier } from './notifier.js'
import { openPersonStore } from './person-store.js'
import { refile } from './refiling.js'
import { openPages } from './result-pages.js'
import { undoingElsewhere } from './undone-elsewhere.js'
import { openInbox } from './upi/inbox.js'
import { nationalNumberResources } from './upi/resources.js'
import { startUpi } from './upi/start.js'

/** Pages for people, beside the transactions and on the same door. */
export type PagesBeside = (parts: {
  context: PatientIndexContext
  /** `https://localhost:8445` */
  origin: string
  timeZone: string
  log: Service['log']
}) => PagesBelow

/** Resolves when its doors are open and its database has been migrated. @throws CannotStart, CannotListen with what is to be mended. */
export async function startPatientIndex(
  config: CarnetConfig,
  ports: Ports,
  openPagesBeside?: PagesBeside,
): Promise<RunningService> {
  const section = config.patientIndex
  if (section === undefined) throw new CannotStart('There is no section "patientIndex" in carnet.json.')
  const service = await openService('patient-index', config, section, ports)
  const domain = await openDomain(config.profile, ports.files)
  const database = await databaseFor(service, openInFile(section.database, patientIndexMigrations, ports))
  const { store } = database
  const audit = openAudit(service, database.openOutbox, config, section.audit)
  const upi = await startUpi({ config, section: section.upi, nationalAuthority: domain.nationalAuthority }, service)
  const administering = ports.network.httpClient(service.trust.identity)
  const context: PatientIndexContext = {
    store,
    persons: openPersonStore(store),
    outbox: audit.outbox,
    config: section,
    nationalAuthority: domain.nationalAuthority,
    feedRules: feedRulesFor(domain, section),
    pages: openPages(ports.clock),
    deferred: openDeferredStore(store),
    located: openLocatedStore(store),
    upi: upi?.asked,
    undoElsewhere: undoingElsewhere(administering, section),
    ports,
  }
  const spool = await openIncoming(service)
  const caller = openCaller({ tls: service.trust.identity, ports })
  const mllp = openMllpCaller({ tls: service.trust.identity, ports })
  service.trust.onRenewed(identity => {
    caller.renewTls(identity)
    mllp.renewTls(identity)
    administering.renewTls(identity)
  })
  const { persons } = context
  const timeZone = config.atnaAudit.pages?.timeZone ?? 'Europe/Zurich'
  const { outbox } = audit
  const notifier = startNotifier({ store, persons, caller, mllp, config: section, ports, log: service.log, outbox })
  const refiling = refile({ store, persons, clock: ports.clock, log: service.log })
  service.metrics.gauge('patient_index_notices', 'Messages that wait for those who follow the patient index', () =>
    persons.noticesWaiting(),
  )
  const deferred = startDeferredAnswers({
    ...{ context, caller, outbox, log: service.log },
    listedFor: partner => service.trust.peers().find(({ name }) => name === partner)?.replyTo ?? [],
  })
  let door: MllpService | undefined
  const running = await runActor(service, database, audit, {
    actor: patientIndex,
    context,
    path: '/patient-index',
    spool,
    config: section,
    checks: async () => door?.checks() ?? [],
    resources: [...personResources(context), ...nationalNumberResources(context)],
    pages: openPagesBeside?.({ context, origin: service.origin, timeZone, log: service.log }),
  })
  const served = {
    ...{ name: patientIndex.name, section: 'patientIndex', loopbackRoles: ['feed', 'consumer'] as const },
    ...{ served: patientIndexOverMllp, context, outbox, explanations: running.explanations },
  }
  door = await openMllp(service, section.mllp, served, running.refusedHandshake)
  const inbox = section.upi?.inbox
  const following = upi && inbox !== undefined ? await openInbox(inbox, context, service.log) : undefined
  return {
    failing: service.failure.because,
    async close(graceMs) {
      await Promise.all([door?.close(graceMs * (2 / 3)), running.close(graceMs * (2 / 3))])
      refiling.end()
      await refiling.done
      await deferred.close()
      await following?.close()
      await upi?.close()
      mllp.close()
      administering.close()
      await notifier.close()
      caller.close()
      await audit.close(graceMs / 6)
      await database.close()
      await service.end()
    },
  }
}
