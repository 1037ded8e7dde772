// What a repository tells beside its answers: audit records, and alarms for somebody who looks after it.
import type { AuditRecord } from '../atna-audit/message.js'

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
    /** It cannot be read now, and nothing says that it is damaged. */
    | 'document unreadable'
    /** A submission that stayed without the registry's word for long; it is tried further. */
    | 'submission unresolved'
    /** The registry holds a submission of which bytes are lost here. */
    | 'document lost'
    | 'resolver failed'
    /** A plug-in threw, hung, or made what cannot be handed out. */
    | 'on-demand document not made'
    /** A partner asked for it to be removed, and its bytes are still there. */
    | 'document not removed'
    /** Bytes that belong to no document: erased ones in a segment, what a crash has left, what was in a bucket before the database. */
    | 'not cleared away'
  documentUniqueId?: string
  patientId?: string
  submissionId?: string
  traceparent?: string
  /** In words. */
  detail: string
}
