// `carnet read-only on|off`: closes registry and repository to changes while queries and retrievals go on, and opens them again.
import { isoOf } from '../../ports/clock.js'
import type { ReadOnlyNote } from '../../server/changes-door.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'

export interface ReadOnlyOptions extends DeploymentOptions {
  /** What partners are told. */
  why: string
  service?: 'registry' | 'repository'
}

/** The repository first: what it has taken on it can still register. Opened the other way round. */
const closingOrder = ['repository', 'registry'] as const

export async function readOnly(
  state: 'on' | 'off' | undefined,
  options: ReadOnlyOptions,
  context: Context,
): Promise<void> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  const inOrder = state === 'off' ? [...closingOrder].reverse() : closingOrder
  try {
    for (const service of inOrder.filter(each => options.service === undefined || each === options.service)) {
      const answer = await administration.resource<{ readOnly: ReadOnlyNote | null }>(
        service,
        state === undefined ? 'read-only' : `read-only/${state}`,
        state === undefined ? undefined : { why: options.why },
      )
      context.terminal.print(`${service.padEnd(12)}${inWords(answer.readOnly)}`)
    }
  } finally {
    administration.close()
  }
}

function inWords(note: ReadOnlyNote | null): string {
  return note === null ? 'takes changes' : `read-only since ${isoOf(note.sinceMs)}, by ${note.by}: ${note.why}`
}
