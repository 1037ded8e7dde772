// A database in a file of its own, as an actor shows it, with the audit records that wait in it.
import { type OpenOutbox, openOutbox } from '../atna-audit/outbox.js'
import { stepsDone } from '../store/migrate.js'
import type { Store } from '../store/store.js'

export function servedFile(store: Store) {
  return {
    get broken() {
      return store.broken
    },
    stepsDone: () => stepsDone(store),
    openOutbox: (options: OpenOutbox) => openOutbox(store, options),
    close: () => store.close(),
  }
}
