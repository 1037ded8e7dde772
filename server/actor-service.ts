// The frame of an actor that answers SOAP and reports to an audit service: its door, its outbox, its start and its end.
import { basename, join } from 'node:path'
import { applicationStarted, applicationStopped, type EventFacts } from '../atna-audit/events.js'
import { handshakeAlerts } from '../atna-audit/handshake-alerts.js'
import type { AuditRecord } from '../atna-audit/message.js'
import type { OpenOutbox, Outbox } from '../atna-audit/outbox.js'
import { securityConfigurationChanged } from '../atna-audit/security-events.js'
import { startSender } from '../atna-audit/sender.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { ExplainConfig, RepliesConfig } from '../config/service-config.js'
import type { RefusedHandshake } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import type { Spool } from '../soap/spool.js'
import { type DescribedService, schemaNamed, wsdlFor } from '../wsdl/wsdl-files.js'
import type { Actor } from './actor.js'
import type { ActorDatabase } from './actor-database.js'
import { databaseResource } from './administration/database-resource.js'
import { readOnlyResources } from './administration/read-only-resources.js'
import type { AdminResource } from './administration/resources.js'
import { schemaResource } from './administration/schema-resource.js'
import { answerHttp } from './answer-http.js'
import type { AnswersDoor } from './answers-door.js'
import { tellOfDatabase } from './database-watch.js'
import { auditQueueCheck, databaseCheck, openDoors } from './doors.js'
import type { PagesBelow } from './endpoint.js'
import { type Explanations, openExplanations } from './explanations/memory.js'
import { explainResource } from './explanations/resource.js'
import type { Check } from './health.js'
import { heldRecords } from './held-records.js'
import { refusedHandshakesResource, rememberRefused } from './refused-handshakes.js'
import { listedAs } from './replies/address.js'
import { openKeptReplies } from './replies/kept-replies.js'
import { openReplies } from './replies/replies.js'
import { undelivered } from './reply.js'
import type { RunningService, Service } from './service.js'
import { folderOf, siblingsOf } from './service-section.js'

/** Takes an actor's audit records on their way: durable with a commit, or soon. */
export function openAudit(
  service: Service,
  openOutbox: (options: OpenOutbox) => Outbox,
  config: CarnetConfig,
  to: { host: string; port: number },
): { outbox: Outbox; close(graceMs: number): Promise<void> } {
  const { name, ports, metrics, log } = service
  const source = {
    auditSourceID: `carnet-${name}`,
    auditEnterpriseSiteID: config.auditEnterpriseSiteID,
    appName: `carnet-${name}`,
  }
  const outbox = openOutbox({ source, ports })
  const counting = ports.clock.every(1_000, () => {
    try {
      service.budget.state.auditQueue = outbox.depth()
    } catch {
      // A database that cannot be read is told by the service itself, and ends no process here.
    }
  })
  metrics.gauge('audit_outbox_depth', 'Audit records that wait for the audit service', () => outbox.depth())
  metrics.gauge('audit_outbox_oldest_seconds', 'For how long the one that waits longest has waited', () => {
    const oldestMs = outbox.oldestMs()
    return oldestMs === undefined ? 0 : Math.max(0, ports.clock.now() - oldestMs) / 1000
  })
  const sender = startSender(outbox, { ...to, tls: service.trust.identity, ports, log })
  service.trust.onRenewed(identity => sender.renewTls(identity))
  return {
    outbox,
    async close(graceMs) {
      counting.cancel()
      await sender.close(graceMs)
    },
  }
}

export interface ActorService<Context> {
  actor: Actor<Context>
  context: Context
  /** `/registry` */
  path: DescribedService extends infer Name extends string ? `/${Name}` : never
  /** Where attachments are while they arrive. */
  spool: Spool
  /** Bounds of the answers that are sent elsewhere, and of what is remembered. */
  config: { replies: RepliesConfig; explain: ExplainConfig }
  checks?(): Promise<Check[]>
  /** Where its own questions are answered later. */
  answers?: AnswersDoor
  /** For administrators, beside the transactions. */
  resources?: readonly AdminResource[]
  /** For people in a browser. */
  pages?: PagesBelow | undefined
}

export interface RunningActor extends RunningService {
  /** For doors of the same actor that are opened elsewhere. */
  refusedHandshake(refused: RefusedHandshake): void
  readonly explanations: Explanations | undefined
}

/** Opens the actor to its partners; from here on it answers. */
export async function runActor<Context>(
  service: Service,
  store: Pick<ActorDatabase, 'broken' | 'lost' | 'stepsDone' | 'tables' | 'listIn'>,
  audit: ReturnType<typeof openAudit>,
  { actor, context, path, spool, config, checks, answers, resources = [], pages }: ActorService<Context>,
): Promise<RunningActor> {
  const { ports, log, metrics, budget, section, identify, origin } = service
  const { outbox } = audit
  const { clock, network } = ports
  const client = network.httpClient(service.trust.identity)
  service.trust.onRenewed(identity => client.renewTls(identity))
  const replies = openReplies({
    ...{ client, clock, log, metrics, bounds: config.replies },
    kept: await keptRepliesOf(service),
    undelivered: undelivered({ outbox, log, ports }),
  })
  const mayBeSent = (partner: string, url: string) => {
    const { replyTo = [] } = service.trust.peers().find(({ name }) => name === partner) ?? {}
    return listedAs(url, replyTo) === url
  }
  await replies.resume(mayBeSent)
  const explanations = await openExplanations({
    name: service.name,
    folder: folderOf(section),
    siblings: () => siblingsOf(section, ports),
    config: config.explain,
    ports,
    log,
    metrics,
  }).catch(problem => {
    log.error({ failure: String(problem) }, 'nothing will be remembered for carnet explain')
    return undefined
  })
  const held = heldRecords(outbox.append, { clock, log })
  const { changes } = service
  const { tracing, assertions } = service
  const around = {
    ...{ ports, log, metrics, limits: section.limits, spool, outbox, understood: actor.understood },
    ...{ replies, explanations, changes, held, tracing, assertions },
    patientTrail: section.patientTrail,
  }
  const refusedHandshakes = rememberRefused(ports.clock)
  const endpoint = {
    pages,
    actor,
    context,
    path,
    origin,
    identify,
    budget,
    answers,
    wsdl: (location: string) => wsdlFor(path.slice(1) as DescribedService, location, ports.files),
    schema: (name: string, location: string) => schemaNamed(name, location, ports.files),
    admin: {
      actor: actor.name,
      base: `${origin}${path}`,
      ports,
      log,
      record: (records: AuditRecord[]) => outbox.append(records),
      hold: held.hold,
      resources: [
        ...resources,
        await databaseResource(section.database, ports, store),
        schemaResource(() => store.stepsDone()),
        ...readOnlyResources(changes, ports),
        refusedHandshakesResource(refusedHandshakes),
        ...(explanations === undefined ? [] : [explainResource(explanations)]),
      ],
    },
  }
  const note = async (records: AuditRecord[]) => {
    await outbox
      .append(records)
      .catch(problem => log.error({ failure: String(problem) }, 'audit record could not be kept'))
  }
  service.trust.onRenewed(() => {
    const changed = securityConfigurationChanged(trustRenewed, `${origin}${path}`, eventFacts(actor.name, ports))
    void note([changed])
  })
  const alerts = handshakeAlerts({ actor: actor.name, ports, write: records => void note(records) })

  function refusedHandshake(refused: RefusedHandshake): void {
    refusedHandshakes.add(refused)
    alerts.refused(refused)
  }

  const doors = await openDoors(service, {
    answer: (request, reply) => void answerHttp(request, reply, endpoint, around),
    checks: async () => [databaseCheck(store), auditQueueCheck(outbox.depth()), ...((await checks?.()) ?? [])],
    onRefusedHandshake: refusedHandshake,
  })
  service.failure.follow(() => store.lost)
  const telling = tellOfDatabase(store, { clock: ports.clock, log })
  await note([
    applicationStarted(eventFacts(actor.name, ports)),
    ...settingsChanged(service, `${origin}${path}`, eventFacts(actor.name, ports)),
  ])
  await service.settings.remember().catch(problem => log.error({ failure: String(problem) }, settingsForgotten))
  return {
    refusedHandshake,
    explanations,
    drain: atMostMs => doors.drain(atMostMs),
    async adopt(worker) {
      const folder = (await siblingsOf(section, ports)).find(path => basename(path) === `worker-${worker}`)
      if (folder !== undefined) await replies.adopt(await (await keptRepliesIn(folder, service)).left(), mayBeSent)
    },
    async close(graceMs) {
      await doors.close(graceMs * (2 / 3))
      await replies.close(graceMs / 6)
      await explanations?.close()
      alerts.close()
      telling.cancel()
      await held.close()
      await note([applicationStopped(eventFacts(actor.name, ports))])
    },
  }
}

/** Told once, at the first start with them. [DICOM PS3.15 A.5.3.11] */
export function settingsChanged(
  { settings }: Pick<Service, 'settings'>,
  uri: string,
  facts: EventFacts,
): AuditRecord[] {
  const { changed } = settings
  if (changed.length === 0) return []
  const named = changed.slice(0, mostNamedSettings).join(', ')
  const more = changed.length > mostNamedSettings ? ` and ${changed.length - mostNamedSettings} more` : ''
  const what = `settings are not those of the last start: ${named}${more}`
  return [securityConfigurationChanged(what, uri, facts)]
}

const mostNamedSettings = 40

export const settingsForgotten = 'the settings of this start could not be remembered; the next start tells them again'

export const trustRenewed = 'certificates, revocation lists or partners have changed and hold from now on'

/** Without them answers still wait, in memory. */
function keptRepliesOf(service: Service) {
  return keptRepliesIn(folderOf(service.section), service).catch(problem => {
    service.log.error({ failure: String(problem) }, 'answers that wait for a wsa:ReplyTo will not outlive this service')
    return undefined
  })
}

function keptRepliesIn(folder: string, { name, ports }: Pick<Service, 'name' | 'ports'>) {
  return openKeptReplies(
    { folder: join(folder, `${name}-replies`), keyFile: join(folder, `${name}-replies.key`) },
    ports,
  )
}

/** Who writes down an event of its own, now. */
export function eventFacts(actor: string, { clock, processes }: Ports): EventFacts {
  return { actor, processId: processes.pid, hostName: processes.hostName, dateTimeMs: clock.now() }
}
