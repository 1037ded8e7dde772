// What of the chain lies beside the database: the key, which only the service reads, and the signed roots, for whoever copies them elsewhere.
import { dirname, join } from 'node:path'
import type { AuditConfig } from '../../../config/audit-config.js'

export interface ChainPlaces {
  keyFile: string | undefined
  rootsFile: string | undefined
}

/** Beside the database unless `folder` says where else; undefined where there is no disk. */
export function chainPlaces({
  database,
  folder,
}: Pick<AuditConfig, 'database'> & Partial<Pick<AuditConfig, 'folder'>>): ChainPlaces {
  if (database === ':memory:') return { keyFile: undefined, rootsFile: undefined }
  const beside = folder ?? dirname(database)
  return { keyFile: join(beside, 'audit-signing.key'), rootsFile: join(beside, 'audit-roots.jsonl') }
}
