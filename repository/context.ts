// What the handlers of the repository are given, and how it is opened.
import { setMaxListeners } from 'node:events'
import type { AuditRecord } from '../atna-audit/message.js'
import type { RepositoryConfig } from '../config/carnet-config.js'
import type { Ports } from '../ports/ports.js'
import type { Spool } from '../soap/spool.js'
import type { Store } from '../store/store.js'
import { type Contents, openContents } from './contents.js'
import { openDocumentFiles } from './document-files.js'
import type { DocumentStore } from './document-store.js'
import type { RegistryPort } from './registry-port.js'
import { openSettlements, type Settlements } from './settlements.js'
import { sqliteDocumentStore } from './sqlite-document-store.js'

export interface RepositoryContext {
  documents: DocumentStore
  contents: Contents
  settlements: Settlements
  outbox: RepositoryOutbox
  registry: RegistryPort
  config: RepositoryConfig
  ports: Ports
  /** For documents that came inside the envelope. */
  spool: Spool
  alarm(alarm: RepositoryAlarm): void
  /** Aborted when the service ends: nobody waits or tries again after that. */
  closing: AbortSignal
}

/** Where audit records go. */
export interface RepositoryOutbox {
  /** Inside a work of the store: they are committed with it. */
  insert(records: AuditRecord[]): void
  append(records: AuditRecord[]): Promise<void>
}

/** What somebody has to know of, though no partner may be told more than that it did not work. */
export interface RepositoryAlarm {
  kind:
    | 'document spoilt'
    /** A submission that stayed without the registry's word for long; it is tried further. */
    | 'submission unresolved'
    /** The registry holds a submission of which bytes are lost here. */
    | 'document lost'
    | 'resolver failed'
  documentUniqueId?: string
  patientId?: string
  submissionId?: string
  traceparent?: string
  /** In words. */
  detail: string
}

export interface OpenRepository {
  /** With `repositoryMigrations` and those of the outbox. */
  store: Store
  outbox: RepositoryOutbox
  registry: RegistryPort
  config: RepositoryConfig
  ports: Ports
  spool: Spool
  alarm(alarm: RepositoryAlarm): void
}

export interface OpenedRepository {
  context: RepositoryContext
  /** Resolves with the number of files removed that no row knows; it runs beside the service. */
  swept: Promise<number>
  /** Ends all waiting. Requests under way are answered as far as they got. */
  close(): void
}

/** To be called before anything is spooled: what an earlier process left half arrived is thrown away first. */
export async function openRepository(options: OpenRepository): Promise<OpenedRepository> {
  const { store, config, ports, alarm } = options
  const files = await openDocumentFiles(ports.files, config.documents)
  const documents = sqliteDocumentStore(store, files, ports.clock)
  const closing = new AbortController()
  // As many as there are requests under way listen to it; that is no leak.
  setMaxListeners(0, closing.signal)
  const context: RepositoryContext = {
    ...options,
    documents,
    contents: openContents(documents, files, alarm),
    settlements: openSettlements(ports.clock),
    closing: closing.signal,
  }
  return { context, swept: files.sweep(documents.isKept), close: () => closing.abort() }
}
