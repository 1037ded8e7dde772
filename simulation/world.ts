// The simulated world: a registry, a repository and an audit service, each on a machine of its own, and whoever calls them.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { outboxMigrations } from '../atna-audit/outbox.js'
import { auditRepositoryMigrations } from '../atna-audit/repository/records.js'
import { startAuditRepository } from '../atna-audit/repository/service.js'
import { makeDevelopmentCertificates } from '../certs/development.js'
import { type CarnetConfig, carnetConfig } from '../config/carnet-config.js'
import { type Ports, systemPorts } from '../ports/ports.js'
import { registryMigrations } from '../registry/migrations.js'
import { startRegistry } from '../registry/service.js'
import { repositoryMigrations } from '../repository/migrations.js'
import { startRepository } from '../repository/service.js'
import { openStore } from '../store/open-store.js'
import { type BackupFaults, backupsName } from './backup-faults.js'
import { beginMs, type CrashKind, startBoot } from './boot.js'
import { type Chance, chanceOf } from './chance.js'
import { type Disk, openDisk } from './disk.js'
import { type EngineFaults, openEngineFiles } from './engine-files.js'
import type { FilesFaults } from './files.js'
import { keeperName } from './keeper.js'
import { type KeyFile, openKeyFile } from './keys.js'
import { placeLabel } from './labels.js'
import { type Machine, openMachine, portsOf } from './machine.js'
import { type Internet, openInternet } from './network.js'
import { credentialsFile, type ObjectStorage, openObjectStorage } from './object-storage.js'
import { openTimeline, type Timeline } from './timeline.js'
import { fairWeather, type Weather } from './weather.js'

export const serviceNames = ['registry', 'repository', 'audit'] as const
export type ServiceName = (typeof serviceNames)[number]

export const repositoryUniqueId = '2.999.1.1'

/** As much of a world as partners and judges need: a deployment of real processes has it too. */
export interface Surroundings {
  timeline: Pick<Timeline, 'nowMs' | 'note'>
  machines: Record<ServiceName, { powerLosses: readonly number[]; weather: Pick<Weather, 'isFull' | 'failedLogSyncs'> }>
  urls: { registry: string; repository: string; audit: string }
  /** Ports of somebody who calls, and who never crashes. */
  caller(name: string): Ports
}

export interface World extends Surroundings {
  /** Where documents are objects; a world has a folder or this. */
  storage: ObjectStorage | undefined
  /** Where documents are encrypted. */
  keys: KeyFile | undefined
  timeline: Timeline
  internet: Internet
  chance: Chance
  machines: Record<ServiceName, Machine>
  config: CarnetConfig
  folder: string
  close(): void
}

export type Faults = Partial<Record<ServiceName, EngineFaults & FilesFaults>> & { backups?: BackupFaults }

/** Machines anew, from what was restored. */
export interface Restored {
  /** The data folder. */
  data: string
  timeline: Timeline
}

/** What all worlds begin with, made once: certificates, and databases without a row. */
export interface Beginning {
  folder: string
  close(): void
}

const memory = '/dev/shm'
/** Of a hundred. */
const worldsWithAStorage = 30
const encryptedWorlds = 40

/** Empty databases and certificates that all worlds of a run begin with, made once; on the real disk, to be removed by whoever asked for it. */
export async function prepareBeginning(): Promise<Beginning> {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-simulation-'))
  // Valid long before, for clocks that jump.
  const clock = { ...systemPorts.clock, now: () => beginMs - 10 * 86_400_000 }
  const { files, randomness } = systemPorts
  await makeDevelopmentCertificates({ folder: join(folder, 'certs'), hostName: 'localhost', clock, files, randomness })
  const migrations = {
    registry: [...outboxMigrations, ...registryMigrations],
    repository: [...outboxMigrations, ...repositoryMigrations],
    audit: auditRepositoryMigrations,
  }
  for (const name of serviceNames) {
    const store = await openStore({ path: join(folder, `${name}.sqlite`), migrations: migrations[name] }, clock, files)
    // Nothing of it stays in the log, whichever way the driver closes.
    store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    await store.close()
  }
  writeFileSync(
    join(folder, credentialsFile),
    JSON.stringify({ accessKeyId: 'simulated', secretAccessKey: 'simulated' }),
  )
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) }
}

const ports = { registry: 8441, repository: 8442, audit: 8443, syslog: 6514 }

/** Whether a machine ends at a labelled point of its service. */
export type EndsAt = (service: ServiceName, label: string) => CrashKind | undefined

export function openWorld(
  seed: string,
  beginning: Beginning,
  faults: Faults = {},
  endsAt?: EndsAt,
  restored?: Restored,
): World {
  const folder = temporaryFolder()
  const chance = chanceOf(seed)
  const timeline = restored?.timeline ?? openTimeline()
  const internet = openInternet(timeline, chance.fork('internet'))
  const config = configOf(folder, beginning.folder)
  const storage =
    restored === undefined && chance.fork('storage').percent(worldsWithAStorage)
      ? openObjectStorage(timeline, internet, chance.fork('objects'))
      : undefined
  if (storage !== undefined) Object.assign(config.repository, storage.settings(config.repository, beginning.folder))
  const keys =
    restored === undefined && chance.fork('encryption').percent(encryptedWorlds)
      ? openKeyFile(join(folder, 'keys.json'), chance.fork('keys'))
      : undefined
  if (keys !== undefined) config.repository.encryption = { keys: keys.path, newDocuments: true }
  const starts: Record<ServiceName, typeof startRegistry> = {
    registry: startRegistry,
    repository: startRepository,
    audit: startAuditRepository,
  }
  const machines = Object.fromEntries(
    serviceNames.map(name => {
      const own = join(folder, name)
      mkdirSync(own)
      copyFileSync(join(restored?.data ?? beginning.folder, `${name}.sqlite`), join(own, `${name}.sqlite`))
      const machine = openMachine({
        ...{ name, folder: own, timeline, internet, chance: chance.fork(name), faults: faults[name] ?? {} },
        run: machinePorts => starts[name](config, machinePorts),
        ...(restored !== undefined && name === 'repository'
          ? { begin: (disk: Disk) => putBelow(disk, join(restored.data, 'documents'), config.repository.documents) }
          : {}),
        endsAt: endsAt && (point => endsAt(name, placeLabel(point))),
      })
      return [name, machine]
    }),
  ) as Record<ServiceName, Machine>
  const boots: { ended(): void }[] = []

  return {
    storage,
    keys,
    timeline,
    internet,
    chance,
    machines,
    config,
    folder,
    urls: {
      registry: `https://registry.test:${ports.registry}/registry`,
      repository: `https://repository.test:${ports.repository}/repository`,
      audit: `https://audit.test:${ports.audit}/audit/records`,
    },
    caller(name) {
      const clock = { offsetMs: 0 }
      const boot = startBoot({ host: name, timeline, clock, onCrash() {} })
      boots.push(boot)
      const own = chance.fork(name)
      const weather = fairWeather(own)
      const engine = openEngineFiles({ weather, chance: own, faults: {} })
      const place = join(folder, name)
      const disk = openDisk(place)
      return portsOf(boot, { name, internet, chance: own, weather, engine, faults: {}, folder: place, disk })
    },
    close() {
      for (const name of serviceNames) machines[name].end()
      storage?.end()
      for (const boot of boots) boot.ended()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Real files, durably. */
function putBelow(disk: Disk, from: string, to: string): void {
  disk.makeFolder(to)
  for (const entry of existsSync(from) ? readdirSync(from, { withFileTypes: true }) : []) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) putBelow(disk, source, target)
    else {
      const inode = disk.create(target, beginMs)
      disk.write(inode, 0, readFileSync(source), beginMs)
      disk.sync(inode, 'done')
    }
  }
  for (let at = to; at !== dirname(at); at = dirname(at)) disk.syncNames(at)
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(memory, 'carnet-simulation-'))
  } catch {
    return mkdtempSync(join(tmpdir(), 'carnet-simulation-'))
  }
}

function configOf(folder: string, beginning: string): CarnetConfig {
  const service = (name: ServiceName, port: number) => ({
    listen: { port, publicName: `${name}.test` },
    tls: {
      ...Object.fromEntries(
        [
          ['key', `certs/${name}.key`],
          ['cert', `certs/${name}.pem`],
          ['ca', 'certs/ca.pem'],
          ['partners', 'certs/partners.pem'],
          ['crl', 'certs/crl.pem'],
        ].map(([key, path]) => [key, join(beginning, path!)]),
      ),
    },
    health: { port: port + 10 },
    database: join(folder, name, `${name}.sqlite`),
    log: join(folder, name, `${name}.log`),
  })
  const actor = {
    audit: { host: 'audit.test', port: ports.syslog },
    resubmission: 'replay',
    // Sealed by a thread of Node's own, which knows no simulated time; nothing waits for it. docs/decisions/0250
    explain: { keep: 'none' },
  }
  return carnetConfig.parse({
    mode: 'development',
    logLevel: 'error',
    peers: ['auditor', keeperName, backupsName].map(name => ({ name, commonNames: [name], roles: ['admin'] })),
    partnersFile: join(beginning, 'partners.json'),
    registry: { ...service('registry', ports.registry), ...actor, acceptUnknownPatients: true },
    repository: {
      ...{ ...service('repository', ports.repository), ...actor, repositoryUniqueId },
      documents: join(folder, 'repository', 'kept', 'documents'),
      registry: { url: `https://registry.test:${ports.registry}/registry` },
    },
    atnaAudit: { ...service('audit', ports.audit), syslog: { port: ports.syslog } },
  })
}
