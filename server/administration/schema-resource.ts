// For administrators: which steps the schema of a database has taken; `carnet migrate --plan` compares them with its own.
import type { AdminResource } from './resources.js'

/** By names, in the order in which they were taken; steps of a later version that this one does not know are among them. */
export function schemaResource(stepsDone: () => string[] | Promise<string[]>): AdminResource {
  return {
    path: '/admin/schema',
    method: 'GET',
    does: 'ask for the schema of the database',
    answer: async (): Promise<{ done: string[] }> => ({ done: await stepsDone() }),
  }
}
