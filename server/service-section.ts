// The section of a service in carnet.json, as far as all services have the same, and the folders that it speaks of.
import { basename, dirname, join } from 'node:path'
import type { Limits, TlsFiles } from '../config/service-config.js'
import type { Ports } from '../ports/ports.js'

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
