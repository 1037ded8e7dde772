// How many processes a service of this machine is: one, unless the settings ask for more and its database lets several in.
import { join } from 'node:path'
import type { CarnetConfig } from './carnet-config.js'
import { isOnServer } from './postgres-url.js'

export interface WantedWorkers {
  /** Undefined for one process without others beside it. */
  count: number | undefined
  /** Why there are fewer than asked for. */
  told?: string | undefined
}

type Shared = 'registry' | 'repository'

const isShared = (service: string): service is Shared => service === 'registry' || service === 'repository'

/**
 * `count` is undefined for one process without a parent; `told` says in a sentence why more were asked for and are not started. `processors` is
 * what `auto` stands for.
 */
export function workersOf(config: CarnetConfig, service: string, processors: number): WantedWorkers {
  if (!isShared(service)) return { count: undefined }
  const wanted = config[service].workers ?? config.workers
  if (wanted === undefined) return { count: undefined }
  if (!isOnServer(config[service].database)) {
    return {
      count: undefined,
      told: `workers: ${service}.database is a file, which one process has to itself; there is one ${service} process`,
    }
  }
  return { count: wanted === 'auto' ? processors : wanted }
}

/** The settings of one worker: what is under way in it lies in a folder of its own. */
export function asWorker(config: CarnetConfig, worker: number): CarnetConfig {
  return { ...config, registry: ofWorker(config.registry, worker), repository: ofWorker(config.repository, worker) }
}

function ofWorker<Section extends { folder?: string | undefined; log?: string | undefined }>(
  section: Section,
  worker: number,
): Section & { worker: number } {
  const { folder = '', log } = section
  return {
    ...section,
    worker,
    folder: join(folder, `worker-${worker}`),
    ...(log === undefined ? {} : { log: `${log}.${worker}` }),
  }
}
