// running.json in the data folder: the flags of the run that is under way, so that other commands find services on other ports.
import { join } from 'node:path'
import { loadConfig } from '../config/load.js'
import type { Overrides } from '../config/overrides.js'
import type { Context } from './context.js'
import type { DeploymentOptions } from './deployment.js'
import { Failure } from './failure.js'
import { ourIdentity } from './our-identity.js'

export async function noteRun(folder: string, flags: Overrides, { ports }: Context): Promise<void> {
  const note = { pid: ports.processes.pid, flags }
  await ports.files.replace(join(folder, 'running.json'), `${JSON.stringify(note)}\n`)
}

/** Only the run that wrote it takes it away again. */
export async function forgetRun(folder: string, context: Context): Promise<void> {
  const note = await readNote(folder, context)
  if (note?.pid === context.ports.processes.pid) await context.ports.files.remove(join(folder, 'running.json'))
}

export async function flagsOfRun(folder: string, context: Context): Promise<Overrides> {
  return (await readNote(folder, context))?.flags ?? {}
}

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

async function readNote(folder: string, { ports }: Context): Promise<{ pid: number; flags: Overrides } | undefined> {
  try {
    const note = JSON.parse(String(await ports.files.readFile(join(folder, 'running.json'))))
    return typeof note?.pid === 'number' && typeof note.flags === 'object' ? note : undefined
  } catch {
    return undefined
  }
}
