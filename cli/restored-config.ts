// The configuration of a restored deployment: what carnet.json names by absolute paths would be the files of the first one, and its
// bucket the documents of that.
import { basename, isAbsolute } from 'node:path'
import { bucketIn } from '../config/documents-place.js'
import type { Context } from './context.js'

const settings: readonly (readonly [section: string, setting: string])[] = [
  ['registry', 'database'],
  ['registry', 'log'],
  ['repository', 'database'],
  ['repository', 'documents'],
  ['repository', 'documentsFolder'],
  ['repository', 'log'],
  ['atnaAudit', 'database'],
  ['atnaAudit', 'log'],
]

/** What was changed, in words. */
export async function relocated(file: string, data: string, { ports: { files } }: Context): Promise<string[]> {
  const config = JSON.parse(String(await files.readFile(file))) as Record<string, Record<string, unknown> | undefined>
  const changed = settings.filter(([section, setting]) => {
    const value = config[section]?.[setting]
    return typeof value === 'string' && isAbsolute(value)
  })
  for (const [section, setting] of changed) {
    const fields = config[section] as Record<string, unknown>
    fields[setting] = basename(String(fields[setting]))
  }
  const bucket = leaveBucket(config.repository)
  if (changed.length > 0 || bucket !== undefined)
    await files.replace(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o640 })
  return [
    ...changed.map(([section, setting]) => `${section}.${setting} is now in ${data}`),
    ...(bucket === undefined ? [] : [`repository.documents is now a folder in ${data}, and not ${bucket}`]),
  ]
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
