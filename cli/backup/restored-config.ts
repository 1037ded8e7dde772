// The configuration of a restored deployment: what carnet.json names by absolute paths would be the files of the first one, its
// bucket the documents of that, its database server the registry.
import { basename, dirname, resolve, sep } from 'node:path'
import { bucketIn } from '../../config/documents-place.js'
import { isOnServer, withoutPasswords } from '../../config/postgres-url.js'
import type { Context } from '../context.js'

/** Of each service, and what is a service's own. */
const ofEach = ['database', 'folder', 'log']
const sections = ['registry', 'repository', 'atnaAudit', 'patientIndex', 'gateway']
const settings: readonly string[] = [
  ...sections.flatMap(section => ofEach.map(setting => `${section}.${setting}`)),
  'repository.documents',
  'repository.documentsFolder',
  'patientIndex.upi.inbox',
  'patientIndex.upi.standIn.database',
]

/** Databases on a server that are filled from the backup, and the file of the password for them. */
export interface Targets extends Partial<Record<'registry' | 'repository', string>> {
  passwordFile?: string | undefined
}

interface Target {
  section: string
  target: string
  passwordFile: string | undefined
  folder: string
}

/** `targets`: databases on a server that are filled from the backup. What was changed, in words. */
export async function relocated(
  file: string,
  data: string,
  { ports: { files } }: Context,
  targets: Targets = {},
): Promise<string[]> {
  const config = JSON.parse(String(await files.readFile(file))) as Record<string, Record<string, unknown> | undefined>
  const told: string[] = []
  const taken = new Set<string>()
  for (const { path, fields, setting, value } of placesIn(config)) {
    if (!leadsOut(value, dirname(file))) {
      taken.add(value)
      continue
    }
    const name = basename(value)
    // What lay in folders of its own may be called alike.
    fields[setting] = taken.has(name) && setting !== 'folder' ? `${path.split('.')[0]}-${name}` : name
    taken.add(name)
    told.push(`${path} is now in ${data}`)
  }
  const bucket = leaveBucket(config.repository)
  if (bucket !== undefined) told.push(`repository.documents is now a folder in ${data}, and not ${bucket}`)
  for (const section of ['registry', 'repository'] as const) {
    const wasOnServer = leaveServer(section, config)
    const target = targets[section]
    if (target !== undefined) {
      const { passwordFile } = targets
      await useTarget(config, { section, target, passwordFile, folder: dirname(file) }, files)
      told.push(`${section}.database is now ${withoutPasswords(target)}`)
    } else if (wasOnServer) {
      told.push(`${section}.database: set it to the restored database before the start`)
    }
  }
  if (await leaveKeys(config.repository, dirname(file), files)) {
    told.push(
      'repository.encryption is left out: its keys are not in the backup, and documents are in clear until keys are named again',
    )
  }
  if (told.length > 0) await files.replace(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o640 })
  return told
}

interface NamedPlace {
  path: string
  fields: Record<string, unknown>
  setting: string
  value: string
}

/** Places on the disk that are this deployment's alone. */
function placesIn(config: object): NamedPlace[] {
  return settings.flatMap(path => {
    const names = path.split('.')
    const setting = names.pop() ?? ''
    const fields = names.reduce<unknown>(
      (inside, name) => (inside as Record<string, unknown> | undefined)?.[name],
      config,
    )
    const value = (fields as Record<string, unknown> | undefined)?.[setting]
    if (typeof value !== 'string' || isOnServer(value) || bucketIn(value) !== undefined) return []
    return [{ path, fields: fields as Record<string, unknown>, setting, value }]
  })
}

function leadsOut(place: string, folder: string): boolean {
  const [at, within] = [resolve(folder, place), resolve(folder)]
  return at !== within && !at.startsWith(`${within}${sep}`)
}

/** What is restored is in clear and needs no key; but a repository does not start without the keys that its settings name. */
async function leaveKeys(
  repository: Record<string, unknown> | undefined,
  folder: string,
  files: Context['ports']['files'],
): Promise<boolean> {
  const { keys, module } = (repository?.encryption ?? {}) as { keys?: unknown; module?: unknown }
  const named = keys ?? module
  if (repository === undefined || typeof named !== 'string') return false
  if ((await files.stat(resolve(folder, named))) !== undefined) return false
  delete repository.encryption
  return true
}

/** Files of the first server that are not in the backup are not asked for: the password may stand in the URL. */
async function useTarget(
  config: Record<string, Record<string, unknown> | undefined>,
  { section, target, passwordFile, folder }: Target,
  files: Context['ports']['files'],
): Promise<void> {
  const settings = config[section] ?? {}
  config[section] = Object.assign(settings, { database: target })
  const postgres = (settings.postgres ?? {}) as Record<string, unknown>
  for (const name of ['passwordFile', 'ca']) {
    const path = postgres[name]
    if (typeof path === 'string' && (await files.stat(resolve(folder, path))) === undefined) delete postgres[name]
  }
  if (passwordFile !== undefined) settings.postgres = Object.assign(postgres, { passwordFile })
}

/** Two deployments in one database would be one registry with two repositories of one id. */
function leaveServer(section: string, config: Record<string, Record<string, unknown> | undefined>): boolean {
  const settings = config[section]
  if (settings === undefined || !isOnServer(String(settings.database))) return false
  // Nobody listens there; on this machine, so that nothing else has to be said of how it is reached.
  settings.database = `postgres://nobody@localhost:1/name-the-restored-${section === 'registry' ? '' : `${section}-`}database`
  // Copies of the first one's database would answer in the place of the restored one.
  const { postgres } = settings
  if (typeof postgres === 'object' && postgres !== null) Object.assign(postgres, { readReplicas: undefined })
  return true
}

/**
 * The documents of a backup come back as files. Two deployments on one bucket would sweep each other's away: whoever restores for good
 * moves them to a bucket again. The bucket it was.
 */
function leaveBucket(repository: Record<string, unknown> | undefined): string | undefined {
  const { documents, documentsFolder, objectStorage } = repository ?? {}
  if (repository === undefined || bucketIn(String(documents)) === undefined) return undefined
  repository.documents = documentsFolder ?? 'documents'
  delete repository.documentsFolder
  // Its credentials may not even be in the backup.
  if (objectStorage !== undefined) delete repository.objectStorage
  return String(documents)
}
