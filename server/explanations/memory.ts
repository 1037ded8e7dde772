// What a service remembers of its exchanges for `carnet explain`: written behind the answer, and dropped sooner than anything waits.
import { join } from 'node:path'
import type { ExplainConfig } from '../../config/service-config.js'
import type { Ports } from '../../ports/ports.js'
import type { Log } from '../log.js'
import type { Metrics } from '../metrics.js'
import type { Memory } from '../trail.js'
import { openSealedFiles, readSealedFiles, type SealedFiles } from './sealed-files.js'
import { isRefused, type Story, storyOf } from './story.js'

export interface Explanations extends Memory {
  /** The same for exchanges that are none of SOAP. */
  rememberIfWanted(exchange: { isRefused: boolean; story(): Story }): void
  /** Oldest first. */
  ofTrace(traceId: string): Promise<Story[]>
  /** Newest first. */
  latest(count: number): Promise<Story[]>
  /** Writes what waits. */
  close(): Promise<void>
}

export interface OpenExplanations {
  /** `registry`: part of the names of folder and key. */
  name: string
  /** The data folder. */
  folder: string
  /** The same of others on this machine that share doors with this process: an administrator reaches any of them. */
  siblings?: () => Promise<string[]>
  config: ExplainConfig
  ports: Ports
  log: Log
  metrics: Metrics
}

const mostWaiting = 100
const mostFiles = 20_000
const dayMs = 86_400_000
/** Between looks for what has grown old while nothing new came. */
const tidyEveryMs = 3_600_000

/**
 * In files that are sealed with a key beside them, at most 20,000, bounded in bytes and days by `config`, the oldest going first; what is not written yet when
 * the process is killed is forgotten. An exchange is never held up: with a hundred waiting the next one is dropped, and counted.
 */
export async function openExplanations({
  name,
  folder,
  siblings = async () => [],
  config,
  ports,
  log,
  metrics,
}: OpenExplanations): Promise<Explanations> {
  const { keep, days, megabytes } = config
  const sealed = await openSealedFiles(
    {
      ...placesIn(folder),
      bounds: { files: mostFiles, bytes: megabytes * 1024 * 1024, ageMs: days * dayMs },
    },
    ports,
  )
  function placesIn(data: string): { folder: string; keyFile: string } {
    return { folder: join(data, `${name}-explain`), keyFile: join(data, `${name}-explain.key`) }
  }

  async function all(): Promise<Readable[]> {
    const others = await siblings()
    return [sealed, ...(await Promise.all(others.map(other => readSealedFiles(placesIn(other), ports.files))))]
  }

  const dropped = metrics.counter('xds_explanations_dropped_total', 'Exchanges that there was no time to remember')
  metrics.gauge('xds_explanations', 'Exchanges remembered for carnet explain', () => sealed.names().length)
  const waiting: Story[] = []
  let working: Promise<void> | undefined
  let count = 0
  const tidying = ports.clock.every(tidyEveryMs, () => void sealed.tidy().catch(() => {}))

  async function work(): Promise<void> {
    for (let story = waiting.shift(); story !== undefined; story = waiting.shift()) {
      try {
        await sealed.write(nameOf(story), Buffer.from(JSON.stringify(story)))
      } catch (problem) {
        dropped()
        log.warn({ trace: story.trace, failure: (problem as Error).message }, 'an exchange could not be remembered')
      }
    }
  }

  function isWanted(refused: boolean): boolean {
    return keep === 'all' || (keep === 'refused' && refused)
  }

  function take(tell: () => Story): void {
    if (waiting.length >= mostWaiting) {
      dropped()
      return
    }
    waiting.push(tell())
    working ??= work().finally(() => {
      working = undefined
    })
  }

  /** Sorts by age, tells the trace, and no two are alike. */
  function nameOf({ at, trace }: Story): string {
    count += 1
    return `${String(Date.parse(at)).padStart(15, '0')}-${trace}-${ports.processes.pid}-${count}`
  }

  return {
    wants: trail => isWanted(isRefused(trail)),
    remember: (trail, actor, around) => take(() => storyOf(trail, actor, around)),
    rememberIfWanted(exchange) {
      if (isWanted(exchange.isRefused)) take(() => exchange.story())
    },
    ofTrace: async traceId => storiesIn(await all(), name => name.split('-')[1] === traceId),
    async latest(most) {
      const memories = await all()
      const newest = memories.flatMap(memory => memory.names().slice(-most)).sort()
      const names = new Set(newest.slice(-most))
      return (await storiesIn(memories, name => names.has(name))).reverse()
    },
    async close() {
      tidying.cancel()
      await working
    },
  }
}

type Readable = Pick<SealedFiles, 'read' | 'names'>

/** Oldest first: their names sort by age. */
async function storiesIn(memories: readonly Readable[], wanted: (name: string) => boolean): Promise<Story[]> {
  const found = memories.flatMap(memory =>
    memory
      .names()
      .filter(wanted)
      .map(name => ({ name, memory })),
  )
  found.sort((one, other) => (one.name < other.name ? -1 : 1))
  const stories: Story[] = []
  for (const { name, memory } of found.slice(-mostStories)) {
    const content = await memory.read(name)
    if (content !== undefined) stories.push(JSON.parse(String(content)) as Story)
  }
  return stories
}

/** Of one answer. */
const mostStories = 100
