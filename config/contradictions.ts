// What no single setting can tell: settings that contradict one another.
import type { CarnetConfig } from './carnet-config.js'
import { communityProblems } from './communities.js'
import { bucketIn } from './documents-place.js'
import { isOnServer, readPostgresUrl } from './postgres-url.js'
import type { PostgresConfig } from './registry-config.js'
import { type ConfiguredService, sectionsOf } from './sections.js'
import type { MllpConfig } from './service-config.js'

/** A sentence each, for a configuration whose single settings are valid; empty where it can be started. */
export function contradictions(config: CarnetConfig): string[] {
  return rules.flatMap(rule => rule(config))
}

const onServers: ReadonlySet<string> = new Set(['registry', 'repository'])

/** On-demand types that need no module. */
const builtInTypes = ['summary']

const rules: ((config: CarnetConfig) => string[])[] = [
  ({ mode, registry }) =>
    mode === 'production' && registry.acceptUnknownPatients
      ? [
          'registry.acceptUnknownPatients (--accept-unknown-patients) must be false in mode production: patients come from the feed',
        ]
      : [],

  ({ mode, peers }) =>
    mode === 'production' && peers.length === 0
      ? ['peers is empty, so nobody may call in mode production; list at least the repository and one source']
      : [],

  ({ mode, xua, registry, repository }) =>
    mode === 'production' && xua.rules === 'ch-epr' && registry.xua === 'off' && repository.xua !== 'off'
      ? ['registry.xua is off while repository.xua is not, but only the registry knows whom an EPR-SPID means']
      : [],

  ({ mode, patientIndex }) =>
    mode === 'production' && patientIndex?.upi?.standIn !== undefined
      ? [
          'patientIndex.upi.standIn is for development: it gives EPR-SPIDs that the ZAS has never given; leave it out in mode production',
        ]
      : [],

  ({ patientIndex }) =>
    (['management', 'query'] as const)
      .filter(name => patientIndex?.upi?.[name].startsWith('https://') === false)
      .map(name => `patientIndex.upi.${name} must begin with https://`),

  ({ peers }) =>
    twice(peers.map(peer => peer.name)).map(name => `peers has the name "${name}" twice; names must be unique`),

  ({ peers }) =>
    twice(peers.flatMap(peer => peer.fingerprints)).map(
      fingerprint => `peers lists the fingerprint ${fingerprint} twice; a certificate belongs to one peer`,
    ),

  ({ peers }) =>
    twice(peers.flatMap(peer => [...new Set(peer.commonNames)])).map(
      name => `peers lists the common name "${name}" twice; a certificate belongs to one peer`,
    ),

  ({ peers }) =>
    peers.flatMap((peer, index) =>
      peer.commonNames.length + peer.fingerprints.length === 0
        ? [`peers[${index}] ("${peer.name}") needs commonNames or fingerprints, else no certificate is its own`]
        : [],
    ),

  ({ repository }) =>
    twice(repository.onDemand.types.map(type => type.name)).map(
      name => `repository.onDemand.types has the name "${name}" twice; a uniqueId must tell one type`,
    ),

  ({ repository }) =>
    repository.onDemand.types.flatMap(({ name, module }, index) =>
      module !== undefined || builtInTypes.includes(name)
        ? []
        : [`repository.onDemand.types[${index}] ("${name}") needs a module; built in are ${builtInTypes.join(', ')}`],
    ),

  ({ repository }) =>
    repository.registry.url.startsWith('https://') ? [] : ['repository.registry.url must begin with https://'],

  ({ repository: { encryption } }) =>
    encryption === undefined || (encryption.keys === undefined) !== (encryption.module === undefined)
      ? []
      : ['repository.encryption needs either keys or module: where the keys that encrypt documents come from'],

  ({ repository: { documents, documentsFolder, objectStorage } }) => {
    const isBucket = bucketIn(documents) !== undefined
    if (isBucket && objectStorage === undefined)
      return [`repository.documents is ${documents}, so repository.objectStorage must say where that bucket is`]
    return !isBucket && documentsFolder !== undefined
      ? ['repository.documentsFolder is for documents on S3; here repository.documents is the folder']
      : []
  },

  ({ repository: { objectStorage } }) =>
    objectStorage === undefined || isProtected(objectStorage.endpoint)
      ? []
      : ['repository.objectStorage.endpoint must begin with https:// unless it is on this machine'],

  ({ repository: { objectStorage } }) =>
    objectStorage?.kmsKey === undefined || objectStorage.encryption === 'aws:kms'
      ? []
      : ['repository.objectStorage.kmsKey is for the encryption "aws:kms" only'],

  ({ registry, repository }) => [
    ...[
      ...(isOnServer(registry.database) ? [['registry.database', registry.database] as const] : []),
      ...registry.postgres.readReplicas.map((url, index) => [`registry.postgres.readReplicas[${index}]`, url] as const),
    ].flatMap(([setting, url]) => faultsOfServer(setting, url, registry.postgres)),
    ...(isOnServer(repository.database)
      ? faultsOfServer('repository.database', repository.database, repository.postgres)
      : []),
  ],

  ({ registry, repository }) =>
    isOnServer(registry.database) && registry.database === repository.database
      ? ['registry.database and repository.database are one; give each a database of its own on the server']
      : [],

  ({ patientIndex }) =>
    (patientIndex?.consumers ?? []).flatMap(({ url }, index) =>
      url.startsWith('mllp://') && isAddress(url) && !isLoopback(new URL(url).hostname)
        ? [`patientIndex.consumers[${index}].url must begin with mllps:// unless it is on this machine`]
        : [],
    ),

  ({ patientIndex }) =>
    (patientIndex?.consumers ?? []).flatMap(({ url }, index) =>
      isAddress(url) ? [] : [`patientIndex.consumers[${index}].url is no address: ${url}`],
    ),

  ({ patientIndex }) =>
    (patientIndex?.registries ?? []).flatMap(({ url }, index) =>
      url.startsWith('https://') ? [] : [`patientIndex.registries[${index}].url must begin with https://`],
    ),

  // What waits for one is kept under its name: two of a name would take it from one another.
  ({ patientIndex }) =>
    twice([...(patientIndex?.registries ?? []), ...(patientIndex?.consumers ?? [])].map(({ name }) => name)).map(
      name => `patientIndex.registries and patientIndex.consumers have the name "${name}" twice; names must be unique`,
    ),

  config =>
    sectionsOf(config)
      .filter(({ setting, section }) => !onServers.has(setting) && isOnServer(section.database))
      .map(({ setting }) => `${setting}.database must be a file; only registry and repository keep theirs on a server`),

  config =>
    (['registry', 'repository'] as const)
      .filter(section => {
        const { workers, database } = config[section]
        return typeof workers === 'number' && workers > 1 && !isOnServer(database)
      })
      .map(
        section =>
          `${section}.workers is ${config[section].workers}, and ${section}.database is a file, which one process has to itself; put it on a PostgreSQL server, or leave "workers" out`,
      ),

  ({ gateway }) =>
    gateway === undefined
      ? []
      : communityProblems(gateway.communities, gateway.homeCommunityId).map(
          problem => `gateway.communities cannot be used: ${problem}`,
        ),

  ({ atnaAudit: { pages } }) =>
    twice((pages?.readers ?? []).map(reader => reader.name)).map(
      name => `atnaAudit.pages.readers has the name "${name}" twice; names must be unique`,
    ),

  ({ atnaAudit: { pages } }) =>
    (pages?.readers ?? []).flatMap(({ name, commonNames, fingerprints, subjects }, index) =>
      commonNames.length + fingerprints.length + subjects.length === 0
        ? [
            `atnaAudit.pages.readers[${index}] ("${name}") needs commonNames, fingerprints or subjects, else nobody can sign in as that reader`,
          ]
        : [],
    ),

  ({ atnaAudit: { retention } }) =>
    retention.rules.flatMap(({ days }, index) =>
      days >= retention.leastDays
        ? []
        : [
            `atnaAudit.retention.rules[${index}].days is ${days}, and atnaAudit.retention.leastDays asks for ${retention.leastDays}`,
          ],
    ),

  ({ registry }) =>
    registry.postgres.readReplicas.length > 0 && !isOnServer(registry.database)
      ? ['registry.postgres.readReplicas are copies of a database on a server, and registry.database is a file']
      : [],

  config =>
    twice(listeners(config).map(listener => listener.address)).map(address => {
      const settings = listeners(config).filter(listener => listener.address === address)
      return `${settings.map(({ setting }) => setting).join(' and ')} are both ${address}; give each its own port`
    }),
]

/** Of a port above 65535, of a host that is none. */
function isAddress(url: string): boolean {
  return URL.canParse(url) && new URL(url).port !== '0'
}

function isProtected(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint)
  return protocol === 'https:' || isLoopback(hostname)
}

/** Of a host as it stands in a URL: IPv6 in brackets. Other addresses of 127.0.0.0/8 do not count. */
export function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function faultsOfServer(setting: string, url: string, { ca }: Pick<PostgresConfig, 'ca'>): string[] {
  try {
    const { isRemote, host } = readPostgresUrl(url)
    if (!isRemote || ca !== undefined) return []
    const [section] = setting.split('.')
    return [`${section}.postgres.ca is missing: what is sent to ${host} leaves this machine and has to be encrypted`]
  } catch (problem) {
    return [`${setting} cannot be used: ${(problem as Error).message}`]
  }
}

export interface Listener {
  /** The setting that says where. */
  setting: string
  service: ConfiguredService
  host: string
  port: number
  address: string
}

/** Everything that listens. */
export function listeners(config: CarnetConfig): Listener[] {
  const { registry, atnaAudit, patientIndex } = config
  return [
    ...sectionsOf(config).flatMap(({ setting, service, section: { listen, health } }) => [
      { setting: `${setting}.listen.port`, service, host: listen.host, port: listen.port },
      { setting: `${setting}.health.port`, service, host: health.host, port: health.port },
    ]),
    {
      setting: 'atnaAudit.syslog.port',
      service: 'atna-audit' as const,
      host: atnaAudit.syslog.host,
      port: atnaAudit.syslog.port,
    },
    {
      setting: 'atnaAudit.pages.listen.port',
      service: 'atna-audit' as const,
      host: atnaAudit.pages?.listen.host ?? '',
      port: atnaAudit.pages?.listen.port ?? 0,
    },
    {
      setting: 'patientIndex.upi.standIn.port',
      service: 'patient-index' as const,
      host: '127.0.0.1',
      port: patientIndex?.upi?.standIn?.port ?? 0,
    },
    ...mllpDoors('registry', 'registry', registry.mllp),
    ...mllpDoors('patientIndex', 'patient-index', patientIndex?.mllp),
  ]
    .filter(({ port }) => port !== 0)
    .map(listener => ({ ...listener, address: `${listener.host}:${listener.port}` }))
}

function mllpDoors(section: string, service: ConfiguredService, mllp: MllpConfig | undefined) {
  const { port = 0, tls } = mllp ?? {}
  return [
    { setting: `${section}.mllp.port`, service, host: '127.0.0.1', port },
    { setting: `${section}.mllp.tls.port`, service, host: tls?.host ?? '', port: tls?.port ?? 0 },
  ]
}

function twice(values: string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}
