// What opening a database would change in it, found without changing it.
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import type { Threads } from '../ports/threads.js'
import { stepsDone } from './migrate.js'
import { openStore } from './open-store.js'
import { takeSnapshot } from './snapshot.js'
import { connect } from './sqlite-driver.js'
import type { Migration } from './store.js'

export interface MigrationPlan<Step extends { name: string }> {
  /** Steps that will be taken, in their order. */
  pending: readonly Step[]
  /** Steps of a newer version: this one will not start on it. */
  unknown: readonly string[]
}

/** Of a database that nobody has open. */
export async function stepsIn(path: string): Promise<string[]> {
  const connection = await connect(path, { readOnly: true })
  try {
    return stepsDone(connection)
  } finally {
    connection.close()
  }
}

/** By name, each in its own order. `unknown` were taken by a later version: whoever opens such a database decides what follows. */
export function planFor<Step extends { name: string }>(
  done: readonly string[],
  migrations: readonly Step[],
): MigrationPlan<Step> {
  const known = new Set(migrations.map(({ name }) => name))
  return {
    pending: migrations.filter(({ name }) => !done.includes(name)),
    unknown: done.filter(name => !known.has(name)),
  }
}

/** Takes the steps on a copy, which is gone afterwards; how long they took. @throws Error where they cannot be taken. */
export async function rehearse(
  { path, migrations }: { path: string; migrations: readonly Migration[] },
  { clock, files, threads }: { clock: Clock; files: Files; threads: Threads },
): Promise<number> {
  const copy = `${path}.copy-rehearsal`
  const remove = async () => {
    for (const suffix of ['', '-wal', '-shm']) await files.remove(`${copy}${suffix}`)
  }
  await remove()
  try {
    await (await files.create(copy, { mode: 0o600 })).close()
    await takeSnapshot({ database: path, into: copy }, threads)
    const startedMs = clock.monotonicMs()
    await (await openStore({ path: copy, migrations }, clock, files)).close()
    return clock.monotonicMs() - startedMs
  } finally {
    await remove()
  }
}
