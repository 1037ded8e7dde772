// What the handlers of the patient index are given.
import type { FeedRule } from '../affinity/feed-rules.js'
import type { Outbox } from '../atna-audit/outbox.js'
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import type { Ports } from '../ports/ports.js'
import type { Store } from '../store/store.js'
import type { DeferredStore } from './deferred-store.js'
import type { LocatedStore } from './located.js'
import type { PersonStore } from './person-store.js'
import type { Pages } from './result-pages.js'
import type { UndoElsewhere } from './undone-elsewhere.js'
import type { Upi } from './upi/upi.js'

/** One for the process; what belongs to a request is in its Exchange. */
export interface PatientIndexContext {
  store: Store
  persons: PersonStore
  outbox: Pick<Outbox, 'insert' | 'append'>
  config: PatientIndexConfig
  /** OID of the authority whose ids name people nationwide, where the domain has one. */
  nationalAuthority: string | undefined
  /** What the domain asks of those who feed it. */
  feedRules: readonly FeedRule[]
  deferred: DeferredStore
  located: LocatedStore
  /** Who gives national numbers, where the deployment says so. */
  upi: Upi | undefined
  pages: Pages
  /** In the registries that follow. */
  undoElsewhere: UndoElsewhere
  ports: Ports
}
