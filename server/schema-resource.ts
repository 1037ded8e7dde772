// For administrators: which steps the schema of a database has taken; `carnet migrate --plan` compares them with its own.
import { stepsDone } from '../store/migrate.js'
import type { Store } from '../store/store.js'
import type { AdminResource } from './admin-resources.js'

export function schemaResource(store: Store): AdminResource {
  return {
    path: '/admin/schema',
    method: 'GET',
    does: 'ask for the schema of the database',
    answer: async (): Promise<{ done: string[] }> => ({ done: stepsDone(store) }),
  }
}
