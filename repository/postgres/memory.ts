// What the repository remembers in a database on a PostgreSQL server, which any number of processes share.
import { join } from 'node:path'
import type { Files } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import { openHolds } from '../../server/holds-on-server.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import { incomingFolder } from '../content-files.js'
import type { DocumentKeys } from '../encryption/known-keys.js'
import type { RepositoryMemory } from '../memory.js'
import { postgresDocumentStore } from './document-store.js'
import { looseContent } from './loose-content.js'
import { removalsChannel } from './removals.js'

export interface SharedMemory extends RepositoryMemory {
  close(): Promise<void>
}

/** With the migrations beside this file. */
export function sharedMemory(store: PostgresStore, ports: Pick<Ports, 'clock'>): SharedMemory {
  const loose = looseContent(store, ports)
  return {
    over: (contents, options) => ({
      documents: postgresDocumentStore({ ...options, store, contents, loose }),
      async sweep() {
        loose.keepClearing()
        return loose.clear()
      },
    }),
    holds: openHolds(store),
    documentKeys: documentKeysIn(store),
    shared: {
      incomingIn: folder => incomingOf(folder, store.keeper.process),
      ownFolderIn: folder => join(folder, String(store.keeper.process)),
      hearOfRemovals: ({ gone, unsure }) => store.keeper.listen(removalsChannel, { heard: gone, unsure }),
      witnessed: loose.witnessed,
      witnessedCopies: loose.witnessedCopies,
      nothingLeftOf: loose.nothingLeftOf,
    },
    close: loose.close,
  }
}

const incomingOf = (folder: string, process: number) => join(incomingFolder(folder), String(process))

/** What was arriving at processes that are gone, below the folder of the documents, and what they have cached. */
export async function removeArriving(
  folder: string,
  { keeper }: Pick<PostgresStore, 'keeper'>,
  files: Files,
  cached?: string,
): Promise<void> {
  await files.makeFolder(incomingFolder(folder))
  const isCached = cached !== undefined && (await files.stat(cached)) !== undefined
  for (const of of [incomingFolder(folder), ...(isCached ? [cached] : [])]) {
    for (const name of await files.list(of)) {
      const isAnothers = /^\d+$/.test(name) && Number(name) !== keeper.process
      if (isAnothers && (await keeper.isGone(Number(name)))) await files.removeFolder(join(of, name))
    }
  }
}

function documentKeysIn(store: PostgresStore): DocumentKeys {
  return {
    all: () => store.look(session => session.query('SELECT name, proof FROM document_key ORDER BY name')),
    add: (name, proof) =>
      store.run(session => session.query('INSERT INTO document_key VALUES (?, ?) ON CONFLICT DO NOTHING', name, proof)),
    remove: names =>
      store.run(session => session.query('DELETE FROM document_key WHERE name = ANY (?::text[])', names)),
  }
}
