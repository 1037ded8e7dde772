// The configuration of a restored deployment: what carnet.json names by absolute paths would be the files of the first one.
import { basename, isAbsolute } from 'node:path'
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
  if (changed.length > 0) await files.replace(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o640 })
  return changed.map(([section, setting]) => `${section}.${setting} is now in ${data}`)
}
