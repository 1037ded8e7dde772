// Whose database this is, and in which folder its documents are: a process with other settings, or with a folder of its own in the place
// of the shared one, would take every document of the others for lost.
import { bucketIn } from '../../config/documents-place.js'
import type { RepositoryConfig } from '../../config/repository-config.js'
import type { Ports } from '../../ports/ports.js'
import { CannotStart } from '../../server/service.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import { folderMarkOf } from '../folder-mark.js'
import { assertNoDocuments } from '../unknown-documents.js'

/** @throws CannotStart */
export function assertSameRepository(
  store: Pick<PostgresStore, 'run'>,
  config: RepositoryConfig,
  ports: Pick<Ports, 'files' | 'randomness'>,
): Promise<void> {
  const { repositoryUniqueId } = config
  const isFolder = bucketIn(config.documents) === undefined
  const mark = folderMarkOf(config, ports)
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
    const found = await mark.read()
    if (row.folder === null) {
      const isNew = (await transaction.query('SELECT 1 FROM document LIMIT 1')).length === 0
      if (isNew) await assertNoDocuments(config, 'repository.database', ports.files)
      const folder = found ?? ports.randomness.uuid()
      await mark.write(folder)
      await transaction.query('UPDATE repository_identity SET folder_id = ?', folder)
    } else if (found !== row.folder) {
      throw new CannotStart(
        `${mark.path} does not say that this is the folder in which the documents of repository.database are; mount that folder there (all processes share one), or set "repository.documents" to it.`,
      )
    }
  })
}
