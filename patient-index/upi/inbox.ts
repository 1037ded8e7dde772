// The folder into which a sedex client lays what the UPI tells everybody. Each file is followed once, as a whole, and put aside: into
// `done`, or into `refused` when it cannot be read.
import { join } from 'node:path'
import type { Log } from '../../server/log.js'
import type { PatientIndexContext } from '../context.js'
import { type Broadcast, broadcastIn, follow } from './broadcasts.js'

export interface Inbox {
  close(): Promise<void>
}

const lookMs = 5_000
const mostBytes = 64 * 1024 * 1024
const mostAtOnce = 100

/** Looked into at once and every so often, by one look at a time; `close` waits for the one under way. */
export async function openInbox(folder: string, context: PatientIndexContext, log: Log): Promise<Inbox> {
  const { files, clock } = context.ports
  for (const each of [folder, join(folder, 'done'), join(folder, 'refused')]) await files.makeFolder(each)
  let looking: Promise<void> | undefined
  const look = () => {
    looking ??= readInbox(folder, context, log)
      .catch(problem => log.error({ folder, failure: String(problem) }, 'the folder of the UPI cannot be read'))
      .finally(() => {
        looking = undefined
      })
  }
  const timer = clock.every(lookMs, look)
  look()
  return {
    async close() {
      timer.cancel()
      await looking
    },
  }
}

/** In the order of their names, which sedex numbers. */
export async function readInbox(folder: string, context: PatientIndexContext, log: Log): Promise<void> {
  const { files } = context.ports
  // Beside each data file sedex lays an envelope, which says how it travelled.
  const names = (await files.list(folder)).filter(name => /\.xml$/i.test(name) && !/^envl/i.test(name))
  for (const name of names.sort().slice(0, mostAtOnce)) {
    const path = join(folder, name)
    const broadcast = await broadcastAt(path, context).catch((problem: Error) => problem)
    if (broadcast instanceof Error) {
      log.error({ file: name, failure: broadcast.message }, 'what the UPI told cannot be read')
    } else {
      const count = await context.store.write(() => follow(broadcast, context))
      log.info({ file: name, changes: count }, 'the UPI told of numbers that have changed')
    }
    await files.rename(path, join(folder, broadcast instanceof Error ? 'refused' : 'done', name))
  }
}

async function broadcastAt(path: string, { ports: { files } }: PatientIndexContext): Promise<Broadcast> {
  const { sizeBytes = 0 } = (await files.stat(path)) ?? {}
  if (sizeBytes > mostBytes) throw new Error(`it is longer than ${mostBytes} bytes`)
  return broadcastIn(await files.readFile(path))
}
