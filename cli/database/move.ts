// What the two ways of a database share.
import { type Crossed, CrossingBroken, type Progress, type Seen } from '../../store/crossing/cross.js'
import type { Crossing } from '../../store/crossing/crossing.js'
import { NotOfThisVersion } from '../../store/crossing/this-version.js'
import { CannotBeLeft } from '../../store/postgres/crossing-out.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Migration } from '../../store/store.js'
import type { Context } from '../context.js'
import type { Deployment } from '../deployment.js'
import { bar } from '../quantities.js'
import type { MovedService, MovedSettings } from './moved-settings.js'

export interface Move {
  service: MovedService
  deployment: Deployment
  settings: MovedSettings
  context: Context
  crossings: readonly Crossing[]
  embedded: readonly Migration[]
  onServer: readonly PostgresMigration[]
}

export const shown =
  ({ service, context }: Move, what = 'written and read again') =>
  ({ done, total, table }: Progress) =>
    context.terminal.progress(`${bar(done, total)} ${service}: ${done} of ${total} rows, ${what} (${table})`)

/**
 * The copy of an earlier attempt at this very move, which was ended before carnet.json named it; undefined where what is there is anything
 * else.
 */
export async function finishedBefore(
  move: Move,
  compare: (seen: Seen) => Promise<Crossed[] | undefined>,
): Promise<Crossed[] | undefined> {
  if (!move.settings.isAgain) return undefined
  try {
    const crossed = await compare(shown(move, 'held against the copy that is there'))
    if (crossed !== undefined) move.context.terminal.print('found        the whole copy of an earlier attempt')
    return crossed
  } catch (problem) {
    const isAnother = [CrossingBroken, CannotBeLeft, NotOfThisVersion].some(kind => problem instanceof kind)
    if (isAnother) return undefined
    throw problem
  }
}
