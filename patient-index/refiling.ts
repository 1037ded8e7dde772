// Records that a former version has filed are filed by today's rules, some at a time, while the service runs. Should it end
// meanwhile, the next start goes on; until then they are found by the keys that they have. docs/decisions/0344
import type { Clock, Timer } from '../ports/clock.js'
import type { Store } from '../store/store.js'
import { filingOf } from './filing.js'
import type { PersonStore } from './person-store.js'

export interface Refiling {
  /** Resolves when all are done, or it was ended. */
  readonly done: Promise<void>
  end(): void
}

interface Parts {
  store: Pick<Store, 'write'>
  persons: PersonStore
  clock: Pick<Clock, 'after'>
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
}

const recordsAtOnce = 100
/** Between two groups: what arrives meanwhile comes first. */
const pauseMs = 20

/** Goes on by itself, a few in each commit with pauses between, until `end`; the next start goes on from there. */
export function refile({ store, persons, clock, log }: Parts): Refiling {
  let ended = false
  let timer: Timer | undefined
  let resume = () => {}

  async function work(): Promise<void> {
    let filed = 0
    for (;;) {
      const count = await store.write(() => fileSome(persons))
      filed += count
      if (count === 0 || ended) break
      await new Promise<void>(resolve => {
        resume = resolve
        timer = clock.after(pauseMs, resolve, { idle: true })
      })
    }
    if (filed > 0) log.info({ records: filed }, 'patient records of a former version are filed anew')
  }

  const isNeeded = persons.unfiled(1).length > 0
  return {
    done: isNeeded
      ? work().catch(problem => {
          if (!ended)
            log.error({ reason: String(problem) }, 'patient records of a former version stay as they are filed')
        })
      : Promise.resolve(),
    end() {
      ended = true
      timer?.cancel()
      resume()
    },
  }
}

/** Within `store.write`; how many it were. */
function fileSome(persons: PersonStore): number {
  const records = persons.unfiled(recordsAtOnce)
  for (const number of records) {
    const record = persons.record(number)
    if (record === undefined) continue
    const filing = filingOf(record.body)
    persons.file(number, record.hasEnded ? { ...filing, keys: [] } : filing)
  }
  return records.length
}
