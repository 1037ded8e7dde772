// Whether the folder of the documents is the one in which this database has kept them.
import type { RepositoryConfig } from '../../config/repository-config.js'
import type { Ports } from '../../ports/ports.js'
import { CannotStart } from '../../server/service.js'
import type { Store } from '../../store/store.js'
import { folderMarkOf } from '../folder-mark.js'
import { assertNoDocuments } from '../unknown-documents.js'

/** The first time it becomes that. @throws CannotStart */
export async function assertSameFolder(
  store: Pick<Store, 'prepare' | 'write'>,
  config: RepositoryConfig,
  ports: Pick<Ports, 'files' | 'randomness'>,
): Promise<void> {
  const mark = folderMarkOf(config, ports)
  const [known, found] = [store.prepare('SELECT id FROM documents_folder').get<{ id: string }>()?.id, await mark.read()]
  if (known === undefined) {
    const isNew = store.prepare('SELECT 1 FROM document LIMIT 1').get() === undefined
    if (isNew) await assertNoDocuments(config, config.database, ports.files)
    const folder = found ?? ports.randomness.uuid()
    // Before the database knows it: who ends between the two finds it there.
    await mark.write(folder)
    await store.write(() => store.prepare('INSERT INTO documents_folder (id) VALUES (?)').run(folder))
  } else if (known !== found) {
    throw new CannotStart(
      `${mark.path} does not say that this is the folder in which the documents of ${config.database} are: is its disk mounted? Mount it, or set "repository.documents" to that folder; where this is it all the same, put {"folder":"${known}"} into that file.`,
    )
  }
}
