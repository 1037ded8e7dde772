// One run on a data folder at a time.
import { join } from 'node:path'
import { loadConfig } from '../../config/load.js'
import { type Lock, takeLock } from '../../store/lock.js'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { Failure } from '../failure.js'
import { ourIdentity } from '../our-identity.js'
import { readNote } from '../run-file.js'

/** Two runs on one data folder would write into the same databases. A note left by a killed run does no harm. */
export async function assertNotRunning(folder: string, options: DeploymentOptions, context: Context): Promise<void> {
  const note = await readNote(folder, context)
  if (note === undefined) return
  const { registry } = await loadConfig(join(folder, 'carnet.json'), context.ports, note.flags)
  if (!(await answersWithOurCa(folder, registry.listen, options, context))) return
  throw new Failure(
    'usage',
    `Carnet already runs from ${folder} (registry on port ${registry.listen.port}, process ${note.pid}); end that one first, or choose another folder with --data.`,
  )
}

/**
 * Held from before anything is made until this process ends: a run that is only just starting answers nobody yet, and two first ones would make
 * certificates of two CAs. @throws Failure where another process has it, or nobody can write there
 */
export async function holdFolder(folder: string, { ports: { files } }: Context): Promise<Lock> {
  const lock = await takeLock(join(folder, 'running.lock'), files).catch((problem: Error) => {
    throw new Failure(
      'configuration',
      `The data folder ${folder} cannot be written to (${problem.message}); choose another with --data, or see to its permissions and its disk.`,
    )
  })
  if (lock !== undefined) return lock
  throw new Failure(
    'usage',
    `Carnet is just being started, or ended, from ${folder} by another process; wait for it, or choose another folder with --data.`,
  )
}

async function answersWithOurCa(
  folder: string,
  { publicName, port }: { publicName: string; port: number },
  options: DeploymentOptions,
  context: Context,
): Promise<boolean> {
  try {
    const tls = await ourIdentity(folder, 'client', options, context)
    const connection = await context.ports.network.connectTls({ host: publicName, port, tls, timeoutMs: 2_000 })
    connection.stream.destroy()
    return true
  } catch {
    return false
  }
}
