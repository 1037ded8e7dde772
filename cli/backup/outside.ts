// Where no backup may be made: beside what it is a backup of. Its documents lie as those of a data folder do, so the two would be taken for one
// another: a document would count as backed up because it is there, and go when older backups are pruned.
import { join } from 'node:path'
import { documentsFolderOf } from '../../config/documents-place.js'
import type { Deployment } from '../deployment.js'
import { Failure } from '../failure.js'
import type { BackupTarget } from './target.js'

/** @throws Failure (`usage`) where the backups would lie among the documents of this deployment, or in the data folder of any. */
export async function assertOutside(target: BackupTarget, { config }: Deployment): Promise<void> {
  const { documents } = config.repository
  if (target.isBucket) return assertOtherPrefix(target.name, documents)
  const { files } = target.context.ports
  const realPath = (path: string) => files.realPath(path).catch(() => path)
  const folder = await realPath(target.folder)
  const found = await files.stat(folder)
  if (found !== undefined && !found.isFolder)
    throw new Failure('usage', `${target.name} is no folder; name one for the backups.`)
  const [own, ours] = await Promise.all([
    realPath(join(folder, 'documents')),
    realPath(documentsFolderOf(config.repository)),
  ])
  const isAmong = own === ours || isInside(folder, ours)
  if (!isAmong && (await files.stat(join(folder, 'carnet.json'))) === undefined) return
  throw new Failure(
    'usage',
    `${target.name} is the data folder of a deployment; name another folder, or better one on another disk.`,
  )
}

/** Whoever sweeps the bucket of the documents, or moves them away, would meet the backups there. */
function assertOtherPrefix(name: string, documents: string): void {
  if (!isInside(name, documents) && !isInside(documents, name)) return
  throw new Failure(
    'usage',
    `The documents themselves are in ${documents}; name another prefix, or better another storage.`,
  )
}

const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)
