// running.json in the data folder: the flags of the run that is under way, so that other commands find services on other ports.
import { join } from 'node:path'
import type { Overrides } from '../config/overrides.js'
import type { Context } from './context.js'

export async function noteRun(folder: string, flags: Overrides, { ports }: Context): Promise<void> {
  const note = { pid: ports.processes.pid, flags }
  await ports.files.replace(join(folder, 'running.json'), `${JSON.stringify(note)}\n`)
}

/** Only the run that wrote it takes it away again; one that cannot be taken away does no harm. */
export async function forgetRun(folder: string, context: Context): Promise<void> {
  const note = await readNote(folder, context)
  if (note?.pid === context.ports.processes.pid)
    await context.ports.files.remove(join(folder, 'running.json')).catch(() => {})
}

export async function flagsOfRun(folder: string, context: Context): Promise<Overrides> {
  return (await readNote(folder, context))?.flags ?? {}
}

/** Undefined where nothing runs that says so. */
export async function readNote(
  folder: string,
  { ports }: Context,
): Promise<{ pid: number; flags: Overrides } | undefined> {
  try {
    const note = JSON.parse(String(await ports.files.readFile(join(folder, 'running.json'))))
    return typeof note?.pid === 'number' && typeof note.flags === 'object' ? note : undefined
  } catch {
    return undefined
  }
}
