// What every service process runs on: its certificates, log, metrics, budget and doors. The actors add what is theirs.
import { basename, dirname, join } from 'node:path'
import type { CarnetConfig } from '../config/carnet-config.js'
import { isOnServer } from '../config/postgres-url.js'
import type { ConfiguredService } from '../config/sections.js'
import type { Limits, TlsFiles } from '../config/service-config.js'
import type { HttpReply, HttpRequest, RefusedHandshake } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { type Lock, takeLock } from '../store/lock.js'
import { type Assertions, openAssertions } from './assertions.js'
import { type ChangesDoor, foldersOf, openChangesDoor } from './changes-door.js'
import { answerHealth, type Check } from './health.js'
import { type Budget, openBudget } from './limits.js'
import { type LiveTrust, openLiveTrust } from './live-trust.js'
import { type OpenLog, openLog } from './log.js'
import { type Metrics, openMetrics } from './metrics.js'
import type { Identify } from './partners.js'
import { type SettingsWatch, watchSettings } from './settings-watch.js'
import { openTracing, type Tracing } from './tracing.js'
import { answerParent } from './worker-health.js'

export type ServiceName = ConfiguredService

/** A service that runs; closing it takes `graceMs`, of which requests under way have two thirds and what waits to be sent the rest. */
export interface RunningService {
  /** Takes no new connections and lets those that are there come to their end, in so long; to be closed afterwards. */
  drain?(atMostMs: number): Promise<void>
  close(graceMs: number): Promise<void>
}

/** What the config sections of all services have in common. */
export interface ServiceSection {
  listen: { host: string; port: number; publicName: string }
  tls: TlsFiles
  health: { host: string; port: number }
  database: string
  /** For what is under way and what is remembered beside the database. */
  folder?: string
  log?: string
  /** Its number, where this is one of several processes that share their doors and their settings. */
  worker?: number
  limits: Limits
  /** Whether patients are told of what is done with their documents. */
  patientTrail?: boolean
  /** Folder or bucket of the documents, of the service that has any; and the folder beside a bucket. */
  documents?: string
  documentsFolder?: string | undefined
}

export interface Service {
  name: ServiceName
  ports: Ports
  section: ServiceSection
  trust: LiveTrust
  log: OpenLog
  metrics: Metrics
  budget: Budget
  identify: Identify
  changes: ChangesDoor
  /** What it was set to before, as far as that was otherwise. */
  settings: SettingsWatch
  /** Who asks, where assertions of users are looked at. */
  assertions: Assertions | undefined
  /** Where the deployment asks for it. */
  tracing: Tracing | undefined
  /** `https://localhost:8441` */
  origin: string
  /** Lets go of the data and closes the log: the last thing that a service does. */
  end(): Promise<void>
}

/** A reason not to start, in one sentence that says what to do. */
export class CannotStart extends Error {}

export async function openService(
  name: ServiceName,
  config: CarnetConfig,
  section: ServiceSection,
  ports: Ports,
): Promise<Service> {
  const folder = folderOf(section)
  await ports.files.makeFolder(folder)
  const lock = isOnServer(section.database)
    ? await lockData(name, { at: join(folder, name), setting: 'folder' }, ports)
    : await lockData(name, { at: section.database, setting: 'database' }, ports)
  const log = openLog({ service: name, level: config.logLevel, file: section.log, ports })
  const trust = await openTrust(config, section.tls, { ports, log }).catch(async problem => {
    lock.release()
    await log.close()
    throw problem
  })
  const tracing = await openTracingOf(name, config).catch(async problem => {
    trust.close()
    lock.release()
    await log.close()
    throw problem
  })
  const metrics = openMetrics(name, section.worker)
  const budget = openBudget(section.limits)
  metrics.gauge('xds_requests_in_flight', 'Requests under way', () => budget.state.requestsInFlight)
  metrics.gauge(
    'xds_requests_in_flight_limit',
    'With more, a request is answered Busy',
    () => section.limits.requestsInFlight,
  )
  metrics.gauge('xds_spooled_bytes', 'Bytes on the disk of requests under way', () => budget.state.spooledBytes)
  metrics.gauge('tls_certificate_expiry_days', 'Days until our certificate ends', () => trust.daysLeft())
  const folders = foldersOf(section)
  for (const folder of folders) await ports.files.makeFolder(folder)
  const changes = await openChangesDoor({
    file: join(section.worker === undefined ? folder : dirname(folder), `${name}.read-only`),
    folders,
    leastFreeBytes: section.limits.leastFreeBytes,
    ports,
  })
  metrics.gauge('xds_read_only', 'Whether partners may change nothing here', () =>
    Number(changes.readOnly !== undefined),
  )
  metrics.gauge('xds_disk_free_bytes', 'Free on the fullest of the disks', () => changes.freeBytes)
  metrics.gauge(
    'xds_disk_reserve_bytes',
    'With less on its disks free, a service adds nothing any more',
    () => section.limits.leastFreeBytes,
  )
  const { host, port, publicName } = section.listen
  const origin = `https://${publicName}:${port}`
  const assertions = await openAssertionsOf(name, config, origin, { ports, log }).catch(async problem => {
    trust.close()
    changes.close()
    lock.release()
    await log.close()
    throw problem
  })
  const settings = await watchSettings(config, { name, section, ports })
  log.info({ host, port }, 'starting')
  return {
    name,
    ports,
    section,
    trust,
    log,
    metrics,
    budget,
    identify: trust.identify,
    changes,
    settings,
    tracing,
    assertions,
    origin,
    async end() {
      assertions?.close()
      trust.close()
      changes.close()
      lock.release()
      await log.close()
    },
  }
}

// Before anything is touched: a second process on the same data would clean up what the first one is at work on.
export async function lockData(
  name: ServiceName,
  { at, setting }: { at: string; setting: string },
  { files }: Pick<Ports, 'files'>,
): Promise<Lock> {
  const lock = await takeLock(`${at}.lock`, files)
  if (lock !== undefined) return lock
  throw new CannotStart(
    `Another ${name} service is at work on ${at}; end that one first, or give this one a "${setting}" of its own.`,
  )
}

/** Files of one process: several share a database on a server, never a folder. */
export function folderOf({ database, folder }: Pick<ServiceSection, 'database' | 'folder'>): string {
  return folder ?? dirname(database)
}

/** Of the other workers, whose doors are the same. */
export async function siblingsOf(
  section: Pick<ServiceSection, 'database' | 'folder' | 'worker'>,
  { files }: Pick<Ports, 'files'>,
): Promise<string[]> {
  if (section.worker === undefined) return []
  const own = folderOf(section)
  const names = await files.list(dirname(own))
  return names.filter(name => /^worker-\d+$/.test(name) && name !== basename(own)).map(name => join(dirname(own), name))
}

async function openAssertionsOf(
  name: ServiceName,
  config: CarnetConfig,
  origin: string,
  { ports, log }: { ports: Ports; log: OpenLog },
): Promise<Assertions | undefined> {
  // Patients are not asked for in somebody's name.
  if (name === 'patient-index') return undefined
  // Those who read their trail are known as those are who ask the registry.
  const [section, path] = name === 'atna-audit' ? [config.registry, 'audit'] : [config[name], name]
  try {
    return section && (await openAssertions({ config, section, origin: `${origin}/${path}`, ports, log }))
  } catch (problem) {
    throw new CannotStart(
      `The issuers of assertions cannot be used (${(problem as Error).message}); correct "xua.issuers" or the file of "xua.issuersFile".`,
    )
  }
}

async function openTracingOf(name: ServiceName, { openTelemetry }: CarnetConfig): Promise<Tracing | undefined> {
  if (!openTelemetry) return undefined
  try {
    return await openTracing(name)
  } catch {
    throw new CannotStart(
      'openTelemetry is true, but the package @opentelemetry/api is not installed here; install it with the SDK that collects spans, or say false.',
    )
  }
}

async function openTrust(
  config: CarnetConfig,
  files: TlsFiles,
  { ports, log }: { ports: Ports; log: OpenLog },
): Promise<LiveTrust> {
  try {
    return await openLiveTrust({ config, files, ports, log })
  } catch (problem) {
    throw new CannotStart(
      `The certificates cannot be used (${(problem as Error).message}); "carnet start" makes development certificates, or set "tls" to yours.`,
    )
  }
}

/** Opens the mutual-TLS door and the one for health and metrics, on the loopback address unless the settings say otherwise. */
export async function openDoors(
  service: Service,
  doors: {
    answer(request: HttpRequest, reply: HttpReply): void
    checks(): Promise<Check[]>
    onRefusedHandshake(refused: RefusedHandshake): void
  },
): Promise<{ drain(atMostMs: number): Promise<void>; close(graceMs: number): Promise<void> }> {
  const { section, ports, metrics, log, trust } = service
  const main = await opened(section.listen, 'listen.port', () =>
    ports.network.serveHttps(
      {
        ...section.listen,
        tls: trust.identity,
        refusalOf: trust.refusalOf,
        idleTimeoutMs: section.limits.idleMs,
        connectionsPerPeer: section.limits.connectionsPerPeer,
        onRefusedHandshake(refused) {
          metrics.refusedHandshake()
          log.warn({ ...refused }, 'TLS handshake refused')
          doors.onRefusedHandshake(refused)
        },
      },
      doors.answer,
    ),
  )
  trust.onRenewed((identity, letsIn) => main.renewTls(identity, letsIn))
  const checks = async () => [
    ...(await doors.checks()),
    ...trust.checks(),
    ...(service.assertions?.checks() ?? []),
    ...(await service.changes.checks()),
  ]
  metrics.gauges('xds_check_ok', 'What /readyz looks at: 1 where it finds nothing', 'check', async () =>
    (await checks()).map(({ name, ok }) => [name, Number(ok)]),
  )
  metrics.gauges(
    'xds_check_warns',
    'What /readyz tells though it fails nothing: 1 where somebody has to look',
    'check',
    async () => (await checks()).filter(({ warns }) => warns).map(({ name }) => [name, 1]),
  )
  // Of a worker its parent asks, and answers for all.
  if (section.worker !== undefined) answerParent(ports.processes, checks, metrics)
  const health = await (section.worker === undefined
    ? opened(section.health, 'health.port', () =>
        ports.network.serveHttp(section.health, (request, reply) => {
          answerHealth(request, reply, checks, metrics).catch(() => reply.abort())
        }),
      )
    : { close: async () => {} })
  return {
    drain: async atMostMs => main.drain?.(atMostMs),
    async close(graceMs) {
      await Promise.all([main.close(graceMs), health.close(0)])
    },
  }
}

/** Opens a door, or says in one sentence why it stays shut. */
export async function opened<Door>(
  at: { host: string; port: number },
  setting: string,
  open: () => Promise<Door>,
): Promise<Door> {
  try {
    return await open()
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new CannotStart(
        `Port ${at.port} on ${at.host} is in use by another program; end that one, set "${setting}" to a free port, or start with -- --port-base to move them all.`,
      )
    }
    if (code === 'EACCES')
      throw new CannotStart(
        `Port ${at.port} on ${at.host} may not be opened by this user; set "${setting}" to one above 1023.`,
      )
    throw new CannotStart(
      `No server could be opened on ${at.host}:${at.port} (${message}); check "${setting}" and "tls".`,
    )
  }
}

export function databaseCheck(store: { broken: string | undefined }): Check {
  return {
    name: 'database',
    ok: store.broken === undefined,
    reason: store.broken ?? 'the database takes what is written',
  }
}

/** Records waiting for the audit service: some are normal, many mean that it has been away for long. */
const longQueue = 100_000

export function auditQueueCheck(depth: number): Check {
  return { name: 'audit queue', ok: depth < longQueue, reason: `${depth} audit records wait for the audit service` }
}
