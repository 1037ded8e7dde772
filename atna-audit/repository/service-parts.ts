// The audit repository as a service wires it: its store, its syslog door, its search, and its own records.
import type { AuditConfig } from '../../config/audit-config.js'
import type { HttpReply, HttpRequest, PeerCertificate, TlsIdentity } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import type { Partner } from '../../server/actor.js'
import { openStore } from '../../store/open-store.js'
import type { Store } from '../../store/store.js'
import { applicationStarted, applicationStopped, type EventFacts } from '../events.js'
import { handshakeAlerts } from '../handshake-alerts.js'
import { auditRecordsRemoved } from '../log-events.js'
import type { AuditRecord } from '../message.js'
import { auditLogDamaged } from '../security-events.js'
import { writeSyslog } from '../syslog.js'
import { type AuditSource, writeMessage } from '../write-message.js'
import { described, ourselves } from './arrival.js'
import { type Chain, openChain } from './chain/chain.js'
import { chainPlaces } from './chain/places.js'
import { openVerification, type Verification } from './chain/verification.js'
import { type ClaimsOf, patientAuditServer, patientPath } from './fhir/ch-atc/serve-ch-atc.js'
import { auditEventServer, fhirPath, type ServeFhir } from './fhir/serve-fhir.js'
import { openIntake } from './intake.js'
import { auditRepositoryMigrations } from './migrations.js'
import { keep } from './records.js'
import { type Reindexing, reindex } from './reindex.js'
import { openRetention, type Retention } from './retention.js'
import { auditActor, auditSearchServer } from './serve-search.js'
import { type SyslogListener, startSyslogListener } from './syslog-listener.js'
import { startUdpListener } from './udp-listener.js'

export interface OpenAuditRepository {
  config: Pick<AuditConfig, 'database' | 'syslog'> & Partial<Pick<AuditConfig, 'folder' | 'chain' | 'retention'>>
  /** What the syslog door shows, and whom it does not let in. */
  trust: { readonly identity: TlsIdentity; refusalOf?(peer: PeerCertificate): string | undefined }
  source: AuditSource & { appName: string }
  /** `https://localhost:8443` */
  origin: string
  /** Reads the assertion of a user; without it none is taken. */
  claimsOf?: ClaimsOf | undefined
  ports: Ports
  log: {
    info(facts: object, message: string): void
    warn(facts: object, message: string): void
    error(facts: object, message: string): void
  }
}

/** What doors and pages of the audit service share; it is closed after them. */
export interface AuditRepository {
  store: Store
  listener: SyslogListener
  /** Where the deployment asks for it. */
  datagrams: { readonly port: number; readonly lost: number } | undefined
  /** Keeps a message as if it had come over the network; resolves with its id once it is on the disk. */
  ingest(frame: Buffer, origin: string): Promise<number[]>
  /** Records of our own, straight into the store. */
  record(records: AuditRecord[]): Promise<void>
  /** For a refused handshake at any door of this process. */
  handshakeRefused: ReturnType<typeof handshakeAlerts>['refused']
  handleHttp(request: HttpRequest, reply: HttpReply, partner: Partner): Promise<void>
  /** The same, within `store.write`. */
  recordWithin(records: AuditRecord[]): void
  chain: Chain
  verification: Verification
  retention: Retention
  /** How many records there are. */
  size(): number
  close(graceMs: number): Promise<void>
}

/** Opens the store, then the door; its first record is that of its own start. */
export async function openAuditRepository(options: OpenAuditRepository): Promise<AuditRepository> {
  const { config, trust, source, origin, ports, log, claimsOf } = options
  const { clock, network, processes, files } = ports
  const store = await openStore({ path: config.database, migrations: auditRepositoryMigrations }, clock, files)
  const intake = openIntake(store, clock)
  const { receivedMs: latestMs } =
    store
      .prepare('SELECT received_ms AS receivedMs FROM audit_record ORDER BY id DESC LIMIT 1')
      .get<{ receivedMs: number }>() ?? {}
  const self = { hostName: processes.hostName, appName: source.appName, processId: processes.pid }
  const places = chainPlaces(config)
  const { everyRecords = 10_000, everyMinutes = 5 } = config.chain ?? {}
  const chain = await openChain({
    ...{ store, ...places, clock, files, log },
    everyRecords,
    everyMs: everyMinutes * 60_000,
  }).catch(async problem => {
    await store.close()
    throw problem
  })
  let written = 0

  const ingest = (frame: Buffer, from: string) =>
    intake.take([{ frame, origin: from, receivedMs: clock.now(), repeatable: false }])

  function frameOf(one: AuditRecord): Buffer {
    written += 1
    return writeSyslog(self, one.dateTimeMs, written, writeMessage(one, source))
  }

  async function record(records: AuditRecord[]): Promise<void> {
    await Promise.all(records.map(one => ingest(frameOf(one), ourselves)))
  }

  function recordWithin(records: AuditRecord[]): void {
    for (const one of records) {
      const arrival = { frame: frameOf(one), origin: ourselves, receivedMs: clock.now(), repeatable: false }
      keep(store, arrival, described(arrival))
    }
  }

  const uri = `${origin}/audit/records`
  const facts = (): EventFacts => ({
    actor: auditActor,
    processId: processes.pid,
    hostName: processes.hostName,
    dateTimeMs: clock.now(),
  })
  const alerts = handshakeAlerts({
    actor: auditActor,
    ports,
    write: records => {
      record(records).catch(problem =>
        log.error({ reason: String(problem) }, 'a refused handshake could not be written down'),
      )
    },
  })

  let listener: SyslogListener
  let datagrams: Awaited<ReturnType<typeof startUdpListener>> | undefined
  try {
    await record([applicationStarted(facts()), ...chain.alarms.map(alarm => auditLogDamaged(alarm, uri, facts()))])
    listener = await startSyslogListener({
      ...config.syslog,
      tls: trust.identity,
      ...(trust.refusalOf === undefined ? {} : { refusalOf: trust.refusalOf }),
      network,
      clock,
      intake,
      log,
      onRefusedHandshake: refused => alerts.refused(refused),
    })
    const { udp } = config.syslog
    if (udp !== undefined) {
      datagrams = await startUdpListener({ ...udp, network, clock, intake, log }).catch(async problem => {
        await listener.close(0)
        throw problem
      })
    }
  } catch (problem) {
    alerts.close()
    await chain.close()
    await store.close()
    throw problem
  }

  const reindexing: Reindexing = reindex(store, clock, log)
  const retention = openRetention({
    ...{ store, clock, log, latestMs },
    rules: config.retention ?? { leastDays: 0, rules: [], everyHours: 24 },
    signedSize: () => chain.state().signedSize,
    note: ({ rule }, count, urn) => recordWithin([auditRecordsRemoved({ uri, urn, rule, count }, facts())]),
  })
  const verification = openVerification(store, { database: config.database, rootsFile: places.rootsFile }, ports, log)
  const records = auditSearchServer({ store, ports, uri, record })
  const fhir = { store, intake, ports, record, log, mostBytes: config.syslog.maxMessageBytes }
  const doors: Readonly<Record<string, ServeFhir>> = {
    [fhirPath]: auditEventServer({ ...fhir, base: `${origin}${fhirPath}` }),
    [patientPath]: patientAuditServer({
      ...fhir,
      base: `${origin}${patientPath}`,
      site: source.auditEnterpriseSiteID,
      claimsOf,
    }),
  }

  return {
    store,
    listener,
    datagrams,
    ingest,
    record,
    recordWithin,
    chain,
    verification,
    retention,
    handshakeRefused: refused => alerts.refused(refused),
    handleHttp(request, reply, partner) {
      const at = /^\/audit\/[^/?]*/.exec(request.url)?.[0] ?? ''
      const serve = Object.hasOwn(doors, at) ? doors[at] : undefined
      return (serve ?? records)(request, reply, partner)
    },
    size: () =>
      store.prepare('SELECT coalesce(max(id), 0) AS size FROM audit_record').get<{ size: number }>()?.size ?? 0,
    async close(graceMs) {
      await datagrams?.close()
      await listener.close(graceMs)
      alerts.close()
      reindexing.end()
      await retention.end()
      await reindexing.done
      await record([applicationStopped(facts())]).catch(problem =>
        log.error({ reason: String(problem) }, 'the end of the audit service could not be written down'),
      )
      await intake.settle()
      await verification.stop()
      await chain.close()
      await store.close()
    },
  }
}
