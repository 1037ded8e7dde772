// Whose database this is, and in which folder its documents are: a process with other settings, or with a folder of its own in the place
// of the shared one, would take every document of the others for lost.
import { join } from 'node:path'
import { bucketIn, documentsFolderOf } from '../../config/documents-place.js'
import type { RepositoryConfig } from '../../config/repository-config.js'
import { readIfThere } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import { CannotStart } from '../../server/service.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'

/** In the folder of the documents. */
const folderMark = 'carnet-repository.json'

/** @throws CannotStart */
export function assertSameRepository(
  store: Pick<PostgresStore, 'run'>,
  config: RepositoryConfig,
  ports: Pick<Ports, 'files' | 'randomness'>,
): Promise<void> {
  const { repositoryUniqueId } = config
  const isFolder = bucketIn(config.documents) === undefined
  const path = join(documentsFolderOf(config), folderMark)
  return store.run(async transaction => {
    await transaction.query(
      'INSERT INTO repository_identity (repository_unique_id) VALUES (?) ON CONFLICT DO NOTHING',
      repositoryUniqueId,
    )
    // Held until the mark is there: of two processes that start at once on an empty folder one makes it.
    const [row] = await transaction.query<{ owner: string; folder: string | null }>(
      'SELECT repository_unique_id AS owner, folder_id AS folder FROM repository_identity FOR UPDATE',
    )
    if (row?.owner !== repositoryUniqueId)
      throw new CannotStart(
        `repository.database is that of the repository ${row?.owner}, and repository.repositoryUniqueId is ${repositoryUniqueId}; give each repository a database of its own.`,
      )
    if (!isFolder) return
    const mark = await markAt(path, ports)
    if (row.folder === null) {
      const folder = mark ?? ports.randomness.uuid()
      await ports.files.replace(path, `${JSON.stringify({ repositoryUniqueId, folder })}\n`, { mode: 0o640 })
      await transaction.query('UPDATE repository_identity SET folder_id = ?', folder)
    } else if (mark !== row.folder) {
      throw new CannotStart(
        `${path} does not say that this is the folder in which the documents of repository.database are; mount that folder there (all processes share one), or set "repository.documents" to it.`,
      )
    }
  })
}

async function markAt(path: string, { files }: Pick<Ports, 'files'>): Promise<string | undefined> {
  const bytes = await readIfThere(files, path)
  if (bytes === undefined) return undefined
  try {
    const { folder } = JSON.parse(String(bytes)) as { folder?: unknown }
    return typeof folder === 'string' ? folder : undefined
  } catch {
    return undefined
  }
}
