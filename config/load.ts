// Reads carnet.json: every fault named with its path, paths made absolute, the result frozen and handed down.
import { dirname, resolve } from 'node:path'
import type { Files } from '../ports/files.js'
import type { AuditConfig } from './audit-config.js'
import { type CarnetConfig, carnetConfig } from './carnet-config.js'
import { contradictions } from './contradictions.js'
import { standInUpi } from './defaults.js'
import { bucketIn } from './documents-place.js'
import { type DomainFolder, DomainProblem, domainFolderOf, isBuiltIn, readDomainFolder } from './domain-folder.js'
import { inWords } from './faults.js'
import { type Overrides, overridden, withDefaults } from './overrides.js'
import type { PatientIndexConfig } from './patient-index-config.js'
import { isOnServer } from './postgres-url.js'
import type {
  EncryptionConfig,
  ObjectStorageConfig,
  OnDemandTypeConfig,
  RepositoryConfig,
} from './repository-config.js'
import type { TlsFiles } from './service-config.js'

/** A config that cannot be used; each fault is one sentence that begins with the path of the setting. */
export class ConfigProblem extends Error {
  constructor(
    readonly file: string,
    readonly faults: string[],
  ) {
    super(`${file} cannot be used:\n${faults.map(fault => `  ${fault}`).join('\n')}`)
  }
}

/** @throws ConfigProblem */
export async function loadConfig(
  file: string,
  ports: { files: Files },
  overrides: Overrides = {},
): Promise<CarnetConfig> {
  const written = await jsonOf(file, ports.files)
  // The file must hold by itself; only then does a flag change what is known to be there.
  const { profile } = check(file, written)
  const asked = overridden(written as object, overrides)
  const domain = await domainOf(overrides.profile ?? profile, file, ports.files)
  const config = absolutePaths(check(file, withDefaults(asked, defaultsOf(domain, asked))), dirname(resolve(file)))
  const contradicting = [...contradictions(config), ...missingFor(domain, config), ...withoutAssertions(domain, config)]
  if (contradicting.length > 0) throw new ConfigProblem(file, contradicting)
  return frozen(config)
}

async function domainOf(profile: string, file: string, files: Files): Promise<DomainFolder> {
  try {
    return await readDomainFolder(profile, dirname(resolve(file)), files)
  } catch (problem) {
    if (problem instanceof DomainProblem) throw new ConfigProblem(file, problem.faults)
    throw problem
  }
}

function defaultsOf({ domain }: DomainFolder, asked: object): NonNullable<DomainFolder['domain']['settings']> {
  const { settings = {}, assertionsInProduction, nationalAuthority } = domain
  if ((asked as { mode: string }).mode === 'development') {
    const upi = nationalAuthority === undefined ? undefined : standInFor(asked)
    return upi === undefined ? settings : { ...settings, patientIndex: { ...settings.patientIndex, upi } }
  }
  if (assertionsInProduction === undefined) return settings
  const required = { xua: assertionsInProduction }
  return {
    ...settings,
    registry: { ...settings.registry, ...required },
    repository: { ...settings.repository, ...required },
    gateway: { ...settings.gateway, ...required },
  }
}

/** National numbers can be tried in development without the office that gives them; a port that is taken stays whose it is. */
function standInFor(asked: object): object | undefined {
  const { patientIndex } = asked as { patientIndex?: { listen: { port: number }; database: string } }
  if (patientIndex === undefined || patientIndex.listen.port === 0) return undefined
  const upi = standInUpi({ port: patientIndex.listen.port, database: patientIndex.database })
  const { port } = (upi as { standIn: { port: number } }).standIn
  return new RegExp(`"port":${port}[,}]`).test(JSON.stringify(asked)) ? undefined : upi
}

function withoutAssertions(
  { name, domain }: DomainFolder,
  { mode, registry, repository, gateway }: CarnetConfig,
): string[] {
  if (mode !== 'production' || domain.assertionsInProduction === undefined) return []
  const sections = { registry, repository, ...(gateway === undefined ? {} : { gateway }) }
  return Object.entries(sections).flatMap(([section, { xua, xuaByTransaction }]) =>
    [
      [`${section}.xua`, xua] as const,
      ...Object.entries(xuaByTransaction).map(([id, use]) => [`${section}.xuaByTransaction.${id}`, use] as const),
    ]
      .filter(([, use]) => use !== 'required')
      .map(([setting]) => `${setting} must be "required" in mode production: the affinity domain ${name} asks for it`),
  )
}

function missingFor({ name, domain }: DomainFolder, { registry }: CarnetConfig): string[] {
  const needed = {
    'registry.homeCommunityId': registry.homeCommunityId,
    'registry.assigningAuthorities': registry.assigningAuthorities[0],
  }
  return (domain.needs ?? [])
    .filter(setting => needed[setting] === undefined)
    .map(setting => `${setting} is missing; the affinity domain ${name} cannot be served without it`)
}

async function jsonOf(file: string, files: Files): Promise<unknown> {
  let text: string
  try {
    text = String(await files.readFile(file)).replace(/^\uFEFF/, '')
  } catch (problem) {
    throw new ConfigProblem(file, [unreadable((problem as NodeJS.ErrnoException).code)])
  }
  try {
    return JSON.parse(text)
  } catch (problem) {
    throw new ConfigProblem(file, [`it is not JSON: ${(problem as Error).message}`])
  }
}

function unreadable(code: string | undefined): string {
  if (code === 'ENOENT') {
    return 'there is no such file; "carnet start" writes a first one into the data folder, --data or --config names another'
  }
  if (code === 'EACCES') return 'it may not be read by this user; change its permissions'
  if (code === 'EISDIR') return 'it is a folder; name the file in it'
  return `it cannot be read (${code ?? 'unknown reason'})`
}

function check(file: string, value: unknown): CarnetConfig {
  const outcome = carnetConfig.safeParse(value)
  if (!outcome.success) throw new ConfigProblem(file, inWords(outcome.error))
  return outcome.data
}

function absolutePaths(config: CarnetConfig, folder: string): CarnetConfig {
  const at = (path: string) => resolve(folder, path)
  const service = <Service extends PathsOfService>(section: Service): Service => ({
    ...section,
    folder: section.folder === undefined ? folderOf(section.database) : at(section.folder),
    tls: Object.fromEntries(Object.entries(section.tls).map(([name, path]) => [name, at(path)])) as unknown as TlsFiles,
    database: isOnServer(section.database) ? section.database : at(section.database),
    ...(section.log === undefined ? {} : { log: at(section.log) }),
  })
  const folderOf = (database: string) => (isOnServer(database) ? folder : dirname(at(database)))
  const server = <Settings extends { passwordFile?: string | undefined; ca?: string | undefined }>(
    settings: Settings,
  ): Settings => ({
    ...settings,
    ...(settings.passwordFile === undefined ? {} : { passwordFile: at(settings.passwordFile) }),
    ...(settings.ca === undefined ? {} : { ca: at(settings.ca) }),
  })
  return {
    ...config,
    partnersFile: at(config.partnersFile),
    xua: {
      ...config.xua,
      issuers: config.xua.issuers.map(issuer => ({ ...issuer, certificates: issuer.certificates.map(at) })),
      issuersFile: at(config.xua.issuersFile),
    },
    profile: isBuiltIn(config.profile) ? config.profile : domainFolderOf(config.profile, folder),
    registry: {
      ...service(config.registry),
      postgres: server(config.registry.postgres),
    },
    repository: {
      ...service(config.repository),
      ...documentPlaces(config.repository, at),
      postgres: server(config.repository.postgres),
      onDemand: {
        ...config.repository.onDemand,
        types: config.repository.onDemand.types.map(type => modulePath(type, at)),
      },
    },
    ...(config.patientIndex === undefined
      ? {}
      : { patientIndex: { ...service(config.patientIndex), ...upiPaths(config.patientIndex, at) } }),
    ...(config.gateway === undefined
      ? {}
      : { gateway: { ...service(config.gateway), communitiesFile: at(config.gateway.communitiesFile) } }),
    atnaAudit: { ...service(config.atnaAudit), ...pagesPaths(config.atnaAudit, at) },
  }
}

function upiPaths({ upi }: PatientIndexConfig, at: (path: string) => string): Pick<PatientIndexConfig, 'upi'> {
  if (upi === undefined) return {}
  const { tls, inbox, standIn } = upi
  return {
    upi: {
      ...upi,
      ...(tls === undefined ? {} : { tls: { key: at(tls.key), cert: at(tls.cert), ca: at(tls.ca) } }),
      ...(inbox === undefined ? {} : { inbox: at(inbox) }),
      ...(standIn === undefined ? {} : { standIn: { ...standIn, database: at(standIn.database) } }),
    },
  }
}

function documentPlaces(
  { documents, documentsFolder, objectStorage, encryption }: RepositoryConfig,
  at: (path: string) => string,
) {
  return {
    ...(encryption === undefined ? {} : { encryption: keyPaths(encryption, at) }),
    documents: bucketIn(documents) === undefined ? at(documents) : documents,
    ...(documentsFolder === undefined ? {} : { documentsFolder: at(documentsFolder) }),
    ...(objectStorage === undefined ? {} : { objectStorage: storagePaths(objectStorage, at) }),
  }
}

function pagesPaths({ pages }: AuditConfig, at: (path: string) => string): Pick<AuditConfig, 'pages'> {
  const { openIdConnect } = pages ?? {}
  if (pages === undefined || openIdConnect === undefined) return {}
  const { clientSecretFile, ca } = openIdConnect
  const paths = {
    ...(clientSecretFile === undefined ? {} : { clientSecretFile: at(clientSecretFile) }),
    ...(ca === undefined ? {} : { ca: at(ca) }),
  }
  return { pages: { ...pages, openIdConnect: { ...openIdConnect, ...paths } } }
}

function storagePaths(storage: ObjectStorageConfig, at: (path: string) => string): ObjectStorageConfig {
  const { credentials, ca, readCache } = storage
  return {
    ...storage,
    credentials: at(credentials),
    ...(ca === undefined ? {} : { ca: at(ca) }),
    ...(readCache?.folder === undefined ? {} : { readCache: { ...readCache, folder: at(readCache.folder) } }),
  }
}

interface PathsOfService {
  tls: TlsFiles
  database: string
  folder?: string | undefined
  log?: string | undefined
}

function keyPaths(encryption: EncryptionConfig, at: (path: string) => string): EncryptionConfig {
  const { keys, module } = encryption
  return {
    ...encryption,
    ...(keys === undefined ? {} : { keys: at(keys) }),
    ...(module === undefined ? {} : { module: at(module) }),
  }
}

function modulePath(type: OnDemandTypeConfig, at: (path: string) => string): OnDemandTypeConfig {
  return type.module === undefined ? type : { ...type, module: at(type.module) }
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
