// The repository's database: a file of its own, or one on a PostgreSQL server that several repository processes share.
import { join } from 'node:path'
import { outboxMigrations } from '../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../atna-audit/postgres-outbox.js'
import { bucketIn, documentsFolderOf } from '../config/documents-place.js'
import { isOnServer } from '../config/postgres-url.js'
import type { RepositoryConfig } from '../config/repository-config.js'
import type { Ports } from '../ports/ports.js'
import { type ActorDatabase, inFile, onServer } from '../server/actor-database.js'
import { openOnServer } from '../server/database-server.js'
import { lockData } from '../server/service.js'
import { openStore } from '../store/open-store.js'
import { documentLines, documentLinesOnServer } from './administration/backed-up.js'
import { incomingFolder } from './content-files.js'
import { embeddedMemory, type RepositoryMemory } from './memory.js'
import { repositoryMigrations } from './migrations.js'
import { assertSameRepository } from './postgres/identity.js'
import { removeArriving, sharedMemory } from './postgres/memory.js'
import { repositoryMigrations as postgresMigrations } from './postgres/migrations.js'
import { cacheFolder } from './read-cache/open-read-cache.js'
import { assertSameFolder } from './sqlite/same-folder.js'

export interface RepositoryDatabase extends ActorDatabase {
  memory: RepositoryMemory
  /** Where documents arrive. */
  incoming: string
}

/** @throws CannotStart */
export function openDatabase(config: RepositoryConfig, ports: Ports): Promise<RepositoryDatabase> {
  return isOnServer(config.database) ? openShared(config, ports) : openFile(config, ports)
}

/** Of two databases in files on one folder each would take the other's documents for leftovers. */
async function openFile(config: RepositoryConfig, ports: Ports): Promise<RepositoryDatabase> {
  const folder = documentsFolderOf(config)
  await ports.files.makeFolder(folder)
  const lock = await lockData('repository', { at: join(folder, 'documents'), setting: 'documents' }, ports)
  const migrations = [...outboxMigrations, ...repositoryMigrations]
  const store = await openStore({ path: config.database, migrations }, ports.clock, ports.files)
  const close = async () => {
    await store.close()
    lock.release()
  }
  try {
    if (bucketIn(config.documents) === undefined) await assertSameFolder(store, config, ports)
  } catch (problem) {
    await close()
    throw problem
  }
  return Object.assign(inFile(store), {
    memory: embeddedMemory(store),
    incoming: incomingFolder(folder),
    listIn: documentLines,
    close,
  })
}

async function openShared(config: RepositoryConfig, ports: Ports): Promise<RepositoryDatabase> {
  const { database: url, postgres } = config
  const folder = documentsFolderOf(config)
  await ports.files.makeFolder(folder)
  const migrations = [...postgresOutboxMigrations, ...postgresMigrations]
  const store = await openOnServer({ section: 'repository', url, postgres, migrations }, ports)
  try {
    await assertSameRepository(store, config, ports)
    await removeArriving(folder, store, ports.files, cacheFolder(config))
  } catch (problem) {
    await store.close()
    throw problem
  }
  const memory = sharedMemory(store, ports)
  const database = onServer(store, ports.clock, documentLinesOnServer)
  const { close } = database
  return Object.assign(database, {
    memory,
    incoming: memory.shared?.incomingIn(folder) ?? incomingFolder(folder),
    async close() {
      await memory.close()
      await close()
    },
  })
}
