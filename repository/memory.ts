// What the repository remembers in its database, be it a file of its own or one on a server that several processes share.
import type { Clock } from '../ports/clock.js'
import { type Holds, holdsIn } from '../server/holds.js'
import type { Store } from '../store/store.js'
import { contentRows } from './content-rows.js'
import type { ContentStore, Place } from './content-store.js'
import type { DocumentStore } from './document-store.js'
import { type DocumentKeys, documentKeysIn } from './encryption/known-keys.js'
import { sqliteDocumentStore } from './sqlite/document-store.js'

export interface RepositoryMemory {
  /** The documents, their bytes kept there. */
  over(contents: ContentStore, options: { clock: Clock; windowMs: number }): Remembered
  holds: Holds
  documentKeys: DocumentKeys
  /** Which database it is, where it alone clears away what is left over. */
  database?: string
  /** Small documents that earlier versions have kept in the database itself. */
  earlier?: ContentStore
  /** Where other processes keep documents at the same place. */
  shared?: SharedDocuments
}

export interface Remembered {
  documents: DocumentStore
  /** Beside the service: removes bytes that belong to no document; how many documents those were. */
  sweep(): Promise<number>
}

export interface SharedDocuments {
  /** Where documents of this process arrive. */
  incomingIn(folder: string): string
  /** A folder of this process alone below that one. */
  ownFolderIn(folder: string): string
  /** Of documents that any process removes, once they are out of reach and once more when their bytes are gone. */
  hearOfRemovals(hear: HearOfRemovals): Promise<void>
  /** Writes down what is put at a place before it is there, so that another process clears it away should this one end. */
  witnessed(store: ContentStore, place: Place): ContentStore
  /** The same for what moves documents there, which others may be moving at the same time. */
  witnessedCopies(store: ContentStore, place: Place): ContentStore
  /** Once a document is out of reach: no process has, or makes, another copy of it. @throws ContentUnreachable */
  nothingLeftOf(id: string): Promise<void>
}

export interface HearOfRemovals {
  gone(id: string): void
  /** Some of it may not have come. */
  unsure(): void
}

/** In a file, with `repositoryMigrations`. */
export function embeddedMemory(store: Store): RepositoryMemory {
  return {
    over(contents, options) {
      const documents = sqliteDocumentStore(store, contents, options)
      return { documents, sweep: () => contents.sweep(documents) }
    },
    holds: holdsIn(store),
    documentKeys: documentKeysIn(store),
    database: begunAt(store),
    earlier: contentRows(store),
  }
}

/** When its first step was done, in ms: no other database of a deployment has that. */
function begunAt(store: Store): string {
  const first = store.prepare('SELECT min(migration_time) AS ms FROM carnet_migrations').get<{ ms: number }>()
  return String(first?.ms)
}
