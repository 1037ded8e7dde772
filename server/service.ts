// What every service process runs on: its certificates, log, metrics and budget. The actors add what is theirs.
import { dirname, join } from 'node:path'
import type { CarnetConfig } from '../config/carnet-config.js'
import { isOnServer } from '../config/postgres-url.js'
import type { ConfiguredService } from '../config/sections.js'
import type { TlsFiles } from '../config/service-config.js'
import type { Ports } from '../ports/ports.js'
import { type Lock, takeLock } from '../store/lock.js'
import { type Assertions, openAssertions } from './assertions.js'
import { type ChangesDoor, foldersOf, openChangesDoor } from './changes-door.js'
import { type FileHandles, watchFileHandles } from './file-handles.js'
import { type LastingFailure, lastingFailure } from './lasting-failure.js'
import { type Budget, openBudget, withinMemory } from './limits.js'
import { type LiveTrust, openLiveTrust } from './live-trust.js'
import { type OpenLog, openLog } from './log.js'
import { type Metrics, openMetrics } from './metrics.js'
import type { Identify } from './partners.js'
import { folderOf, type ServiceSection } from './service-section.js'
import { type SettingsWatch, watchSettings } from './settings-watch.js'
import { openTracing, type Tracing } from './tracing.js'
import { countWaiting } from './waiting-calls.js'

export type ServiceName = ConfiguredService

/** A service that runs; closing it takes `graceMs`, of which requests under way have two thirds and what waits to be sent the rest. */
export interface RunningService {
  /** Takes no new connections and lets those that are there come to their end, in so long; to be closed afterwards. */
  drain?(atMostMs: number): Promise<void>
  /** Sees to what a worker of that number has left, who lives no more and does not come back. */
  adopt?(worker: number): Promise<void>
  /** Resolves, with why, when it can do nothing more before it is started again; it is to be closed then. */
  readonly failing?: Promise<string>
  close(graceMs: number): Promise<void>
}

/** Opened by `openService`, closed by its `end`. */
export interface Service {
  name: ServiceName
  /** Those that were given, its calls of the file system counted while they wait. */
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
  failure: LastingFailure
  handles: FileHandles
  /** Lets go of the data and closes the log: the last thing that a service does. */
  end(): Promise<void>
}

/** A reason not to start, in one sentence that says what to do. */
export class CannotStart extends Error {}

/** Whatever was opened is closed again where a later step fails. `end()` closes in the opposite order. @throws CannotStart with what to do */
export async function openService(
  name: ServiceName,
  config: CarnetConfig,
  section: ServiceSection,
  ports: Ports,
): Promise<Service> {
  const ends: (() => unknown)[] = []
  /** In the opposite order. */
  const end = async () => {
    for (let close = ends.pop(); close !== undefined; close = ends.pop()) await close()
  }
  try {
    return { ...(await opening(name, config, section, ports, close => ends.push(close))), end }
  } catch (problem) {
    await end()
    throw problem
  }
}

async function opening(
  name: ServiceName,
  config: CarnetConfig,
  section: ServiceSection,
  given: Ports,
  atEnd: (close: () => unknown) => void,
): Promise<Omit<Service, 'end'>> {
  const waiting = countWaiting(given.files, given.clock)
  const ports = { ...given, files: waiting.files }
  const folder = folderOf(section)
  await folderMade(folder, ports)
  const lock = isOnServer(section.database)
    ? await lockData(name, { at: join(folder, name), setting: 'folder' }, ports)
    : await lockData(name, { at: section.database, setting: 'database' }, ports)
  atEnd(() => lock.release())
  const log = openLog({ service: name, level: config.logLevel, file: section.log, ports })
  atEnd(() => log.close())
  const trust = await openTrust(config, section.tls, { ports, log })
  atEnd(() => trust.close())
  const tracing = await openTracingOf(name, config)
  const metrics = openMetrics(name, section.worker)
  const budget = openBudget(withinMemory(section.limits, ports.processes.memoryLimitBytes))
  const folders = foldersOf(section)
  for (const each of folders) await folderMade(each, ports)
  const changes = await openChangesDoor({
    file: join(section.worker === undefined ? folder : dirname(folder), `${name}.read-only`),
    folders,
    leastFreeBytes: section.limits.leastFreeBytes,
    longestWaitMs: waiting.longestMs,
    ports,
  })
  atEnd(() => changes.close())
  measure({ metrics, budget, section, trust, changes })
  const { host, port, publicName } = section.listen
  const origin = `https://${publicName}:${port}`
  const assertions = await openAssertionsOf(name, config, origin, { ports, log })
  atEnd(() => assertions?.close())
  const failure = lastingFailure({ clock: ports.clock, log })
  atEnd(() => failure.close())
  const missed = metrics.counter(
    'xds_without_file_handles_total',
    'Looks, one a second, at which no file or connection could be opened',
  )
  const handles = watchFileHandles({ file: section.tls.cert, ports, log, missed })
  atEnd(() => handles.close())
  const settings = await watchSettings(config, { name, section, ports })
  log.info({ host, port }, 'starting')
  const { identify } = trust
  return {
    ...{ name, ports, section, trust, log, metrics, budget, identify, changes, settings, tracing, assertions, origin },
    ...{ failure, handles },
  }
}

function measure({
  metrics,
  budget,
  section: { limits },
  trust,
  changes,
}: Pick<Service, 'metrics' | 'budget' | 'section' | 'trust' | 'changes'>): void {
  const gauges: [string, string, () => number][] = [
    ['xds_requests_in_flight', 'Requests under way', () => budget.state.requestsInFlight],
    ['xds_requests_in_flight_limit', 'With more, a request is answered Busy', () => limits.requestsInFlight],
    ['xds_envelope_bytes', 'Bytes in memory of long envelopes under way', () => budget.state.envelopeBytes],
    ['xds_spooled_bytes', 'Bytes on the disk of requests under way', () => budget.state.spooledBytes],
    ['tls_certificate_expiry_days', 'Days until our certificate ends', () => trust.daysLeft()],
    ['xds_read_only', 'Whether partners may change nothing here', () => Number(changes.readOnly !== undefined)],
    ['xds_disk_free_bytes', 'Free on the fullest of the disks', () => changes.freeBytes],
    [
      'xds_disk_reserve_bytes',
      'With less on its disks free, a service adds nothing any more',
      () => limits.leastFreeBytes,
    ],
  ]
  for (const [name, help, value] of gauges) metrics.gauge(name, help, value)
}

async function folderMade(folder: string, { files }: Pick<Ports, 'files'>): Promise<void> {
  await files.makeFolder(folder).catch((problem: Error) => {
    throw new CannotStart(
      `The folder ${folder} is not there and cannot be made (${problem.message}); make it, or correct the settings that name it.`,
    )
  })
}

// Before anything is touched: a second process on the same data would clean up what the first one is at work on.
/** Held for as long as the process lives, and free the moment it dies, whatever it dies of. @throws CannotStart where another process has it */
export async function lockData(
  name: ServiceName,
  { at, setting }: { at: string; setting: string },
  { files }: Pick<Ports, 'files'>,
): Promise<Lock> {
  const lock = await takeLock(`${at}.lock`, files).catch((problem: Error) => {
    throw new CannotStart(
      `${at}.lock cannot be opened (${problem.message}): is ${dirname(at)} there and has it room, and may this user write in it?`,
    )
  })
  if (lock !== undefined) return lock
  throw new CannotStart(
    `Another ${name} service is at work on ${at}; end that one first, or give this one a "${setting}" of its own.`,
  )
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
