// What a backup has of the configuration: carnet.json and the files of the data folder that it names. Keys only when asked for:
// whoever holds them is the deployment.
import { join, relative, sep } from 'node:path'
import { chainPlaces } from '../../atna-audit/repository/chain/places.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { isBuiltIn } from '../../config/domain-folder.js'
import { isOnServer, readPostgresUrl } from '../../config/postgres-url.js'
import { sectionsOf } from '../../config/sections.js'
import { factsOf, writeWhole } from './folder.js'
import type { Backup } from './run.js'

export async function copyConfig(run: Backup): Promise<void> {
  const { deployment, generation, manifest, withKeys, context } = run
  const { files } = context.ports
  let keys = 0
  for (const path of await pathsToCopy(run)) {
    const below = relative(deployment.folder, path)
    if (below.startsWith('..')) {
      manifest.left.push(`${path} (outside of the data folder)`)
      continue
    }
    if (!withKeys && isKey(path, deployment.config)) {
      keys += 1
      continue
    }
    const target = join(generation, 'config', below)
    await files.makeFolder(join(target, '..'), { mode: 0o700 })
    const bytes = await files.readFile(path)
    await writeWhole(run, target, withKeys ? bytes : withoutPassword(bytes, path, run))
    manifest.config.push({ file: join('config', below).split(sep).join('/'), ...(await factsOf(run, target)) })
  }
  if (keys > 0) manifest.left.push(`${keys} files with keys (--with-keys takes them along)`)
}

/** That of a database server stands in its URL in carnet.json. */
function withoutPassword(bytes: Buffer, path: string, { deployment, manifest }: Backup): Buffer {
  if (path !== deployment.configFile) return bytes
  const named = (['registry', 'repository'] as const).filter(section => {
    const { database } = deployment.config[section]
    return isOnServer(database) && readPostgresUrl(database).password !== undefined
  })
  if (named.length === 0) return bytes
  for (const section of named) manifest.left.push(`the password of ${section}.database (--with-keys takes it along)`)
  return Buffer.from(String(bytes).replace(/(postgres(?:ql)?:\/\/[^:@/"]*):[^@"]*@/g, '$1@'))
}

function isKey(path: string, config: CarnetConfig): boolean {
  const { registry, repository, patientIndex } = config
  const named = [...sectionsOf(config).map(({ section }) => section.tls.key), patientIndex?.upi?.tls?.key]
  // Whoever has these can read every document there.
  if ([registry, repository].some(({ postgres }) => path === postgres.passwordFile)) return true
  if (path === repository.objectStorage?.credentials || path === repository.encryption?.keys) return true
  if (path === config.atnaAudit.pages?.openIdConnect?.clientSecretFile) return true
  return /\.(key|p12|pfx|jks)$/i.test(path) || named.includes(path)
}

async function pathsToCopy({ deployment: { folder, configFile, config }, context }: Backup): Promise<string[]> {
  const { registry, repository, atnaAudit, patientIndex, partnersFile, profile, gateway, xua } = config
  const identityProvider = atnaAudit.pages?.openIdConnect
  const named = [
    configFile,
    partnersFile,
    xua.issuersFile,
    ...(gateway === undefined ? [] : [gateway.communitiesFile]),
    ...sectionsOf(config).flatMap(({ section }) => Object.values(section.tls)),
    ...[registry.postgres, repository.postgres].flatMap(({ passwordFile, ca }) =>
      [passwordFile ?? [], ca ?? []].flat(),
    ),
    ...(repository.objectStorage === undefined ? [] : [repository.objectStorage.credentials]),
    ...(repository.objectStorage?.ca === undefined ? [] : [repository.objectStorage.ca]),
    ...[repository.encryption?.keys ?? [], repository.encryption?.module ?? []].flat(),
    ...repository.onDemand.types.flatMap(({ module }) => module ?? []),
    ...Object.values(patientIndex?.upi?.tls ?? {}),
    ...Object.values(chainPlaces(atnaAudit)).flatMap(path => path ?? []),
    ...[identityProvider?.clientSecretFile ?? [], identityProvider?.ca ?? []].flat(),
  ]
  const folders = [join(folder, 'certs'), ...(isBuiltIn(profile) ? [] : [profile])]
  const found = await Promise.all(folders.map(each => filesBelow(each, context.ports.files)))
  const paths = [...new Set([...named, ...found.flat()])]
  const there = await Promise.all(paths.map(path => context.ports.files.stat(path)))
  return paths.filter((_, index) => there[index] !== undefined)
}

type Files = Backup['context']['ports']['files']

async function filesBelow(folder: string, files: Files): Promise<string[]> {
  const found = await files.stat(folder)
  if (found === undefined) return []
  if (!found.isFolder) return [folder]
  const inside = await Promise.all((await files.list(folder)).map(name => filesBelow(join(folder, name), files)))
  return inside.flat()
}
