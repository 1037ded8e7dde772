// The one thread that services start here: it copies a database. Played, for a real one would know no simulated time; the copy is what the real
// one makes (store/snapshot-thread.ts), of all that is committed.
import { copyFileSync, existsSync } from 'node:fs'
import type { Threads } from '../ports/threads.js'
import type { SnapshotWanted } from '../store/snapshot.js'
import { connect } from '../store/sqlite-driver.js'
import { type Boot, pauseOf } from './boot.js'
import type { Chance } from './chance.js'
import type { Weather } from './weather.js'

export function snapshotThreads(boot: Boot, { weather, chance }: { weather: Weather; chance: Chance }): Threads {
  return {
    start(script, data) {
      if (!script.endsWith('/snapshot-thread.js')) throw new Error('no service starts other threads here')
      let hear: (message: unknown) => void = () => {}
      const copied = async () => {
        if (weather.isFull) return { failure: 'database or disk is full (simulated)' }
        await copy(data as SnapshotWanted)
        return {}
      }
      const ended = new Promise<undefined>(resolve => {
        boot.timeline.at(pauseOf(chance, 5, 500), '', () => {
          if (!boot.alive) return
          boot.timeline.note(`${boot.host} copies its database`)
          void copied().then(message => {
            hear(message)
            resolve(undefined)
          })
        })
      })
      return {
        onMessage(listener) {
          hear = listener
        },
        send() {},
        ended,
        stop: async () => {},
      }
    },
  }
}

async function copy({ database, into }: SnapshotWanted): Promise<void> {
  const source = await connect(database, { readOnly: true })
  const { user_version } = source.prepare('PRAGMA user_version').get() as { user_version: number }
  if (user_version !== 0) source.prepare('VACUUM INTO ?').run(into)
  source.close()
  if (user_version !== 0) return
  // Nobody else runs meanwhile: both files are of one instant, and what is not committed is passed over.
  copyFileSync(database, into)
  if (existsSync(`${database}-wal`)) copyFileSync(`${database}-wal`, `${into}-wal`)
  const made = await connect(into)
  made.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  made.exec('PRAGMA journal_mode = DELETE')
  made.close()
}
