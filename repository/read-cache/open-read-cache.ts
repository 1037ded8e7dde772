// The cache in front of an object storage, as the settings want it. Nothing of it outlives its process: what one has left goes with the next start.
import { join } from 'node:path'
import { documentsFolderOf } from '../../config/documents-place.js'
import type { RepositoryConfig } from '../../config/repository-config.js'
import { everyOnceDone } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import type { Metrics } from '../../server/metrics.js'
import type { SharedDocuments } from '../memory.js'
import { openCachedBytes } from './cached-bytes.js'
import { type CachedReading, cachedReading } from './cached-reading.js'

export interface OpenReadCache {
  config: RepositoryConfig
  ports: Pick<Ports, 'files' | 'randomness' | 'clock'>
  shared?: Pick<SharedDocuments, 'ownFolderIn' | 'hearOfRemovals'> | undefined
  metrics?: Pick<Metrics, 'counter' | 'gauge'> | undefined
}

export interface ReadCache extends CachedReading {
  close(): Promise<void>
}

/** How often it is looked whether the disk is filling. */
const lookMs = 5_000
/** Of what has to be free for documents to be taken in: with less than so much of it a cache gives way. */
const spare = 2

/** Below the folder where documents arrive, or the one that the settings name; with a folder for each process in it where there are several. */
export const cacheFolder = (
  config: Pick<RepositoryConfig, 'objectStorage' | 'documents' | 'documentsFolder' | 'database' | 'folder'>,
) => join(config.objectStorage?.readCache?.folder ?? documentsFolderOf(config), 'read-cache')

/** Undefined where the settings ask for none; an earlier one is cleared away all the same. */
export async function openReadCache({ config, ports, shared, metrics }: OpenReadCache): Promise<ReadCache | undefined> {
  const settings = config.objectStorage?.readCache
  const folder = cacheFolder(config)
  const own = shared?.ownFolderIn(folder) ?? folder
  let held = () => 0
  const hit = metrics?.counter('xds_read_cache_hits_total', 'Documents read from the cache in front of the bucket')
  const missed = metrics?.counter('xds_read_cache_misses_total', 'Documents read from the bucket for want of it')
  metrics?.gauge('xds_read_cache_bytes', 'Bytes in the cache in front of the bucket', () => held())
  if (settings === undefined) {
    if ((await ports.files.stat(own)) !== undefined) await ports.files.removeFolder(own)
    return undefined
  }
  let isRoomy = true
  const cache = await openCachedBytes({ ...ports, folder: own, mostBytes: settings.bytes, hasRoom: () => isRoomy })
  held = () => cache.heldBytes
  const reading = cachedReading(cache, { hit: () => hit?.(), missed: () => missed?.() })
  const looking = everyOnceDone(
    ports.clock,
    lookMs,
    async () => {
      isRoomy = (await ports.files.freeBytes(own)) > spare * config.limits.leastFreeBytes
      if (!isRoomy) await reading.forgetAll()
    },
    () => {},
  )
  await shared?.hearOfRemovals({
    gone: id => void reading.forget(id),
    unsure: () => void reading.forgetAll(),
  })
  return {
    ...reading,
    async close() {
      looking.cancel()
      await reading.forgetAll()
      await ports.files.removeFolder(own)
    },
  }
}
