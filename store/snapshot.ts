// A consistent copy of a database in a file of its own, made by a thread with a connection of its own: those who read and write
// the database meanwhile notice nothing of it.
import { fileURLToPath } from 'node:url'
import type { Threads } from '../ports/threads.js'

export interface SnapshotWanted {
  database: string
  /** A file that is not there yet. */
  into: string
}

const script = fileURLToPath(new URL('./snapshot-thread.js', import.meta.url))

/** Holds all that is committed when it begins. @throws Error */
export async function takeSnapshot(wanted: SnapshotWanted, threads: Threads): Promise<void> {
  const thread = threads.start(script, wanted, { memoryMb: 64 })
  let failure: string | undefined = 'its thread ended before it did'
  thread.onMessage(message => {
    failure = (message as { failure?: string }).failure
  })
  const trouble = await thread.ended
  const why = trouble ?? failure
  if (why !== undefined) throw new Error(`the database could not be copied: ${why}`)
}
