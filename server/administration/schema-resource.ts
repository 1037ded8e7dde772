// For administrators: which steps the schema of a database has taken; `carnet migrate --plan` compares them with its own.
import type { AdminResource } from './resources.js'

export function schemaResource(stepsDone: () => string[] | Promise<string[]>): AdminResource {
  return {
    path: '/admin/schema',
    method: 'GET',
    does: 'ask for the schema of the database',
    answer: async (): Promise<{ done: string[] }> => ({ done: await stepsDone() }),
  }
}
