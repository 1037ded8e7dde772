// All places of documents that this deployment knows: which engine keeps a new one, and where documents may be moved.
import { join } from 'node:path'
import { type BucketPlace, bucketIn, documentsFolderOf } from '../config/documents-place.js'
import type { RepositoryConfig } from '../config/repository-config.js'
import type { Ports } from '../ports/ports.js'
import type { Metrics } from '../server/metrics.js'
import { contentEngines } from './content-engines.js'
import { inFile, openContentFiles } from './content-files.js'
import { contentObjects, type OpenContentObjects } from './content-objects.js'
import { inRow } from './content-rows.js'
import type { ContentStore, NewContent, Place } from './content-store.js'
import { type Encryption, openEncryption } from './encryption/open-encryption.js'
import { innerPlace } from './encryption/sealed-place.js'
import type { RepositoryMemory } from './memory.js'
import type { Destination } from './moving.js'
import { inObject, placeIn } from './object-keys.js'
import { openReadCache } from './read-cache/open-read-cache.js'
import { inSegment, openContentSegments } from './segments/content-segments.js'

export interface OpenContentPlaces {
  memory: Pick<RepositoryMemory, 'database' | 'documentKeys' | 'earlier' | 'shared'>
  config: RepositoryConfig
  ports: Ports
  /** Where buckets are, and whether they answer; needed where documents are or once were on an object storage. */
  objects?: Pick<OpenContentObjects, 'bucketAt' | 'watch'> | undefined
  metrics?: Pick<Metrics, 'counter' | 'gauge'> | undefined
  closing: AbortSignal
  /** What could not be cleared away, in words. */
  onProblem(detail: string): void
}

export interface ContentPlaces {
  kept: ContentStore
  /** The same, but that nothing is read from a cache: for whoever examines, copies and moves. */
  originals: Pick<ContentStore, 'open' | 'sizeBytes'>
  /** Bytes of this document were not those received: no copy of them is kept. */
  doubt(id: string): void
  /** Undefined where no keys are named: then nothing is encrypted. */
  encryption: Encryption | undefined
  /** Whether what lies there without a row is found: in a bucket that is not the one of `documents` no start of an embedded database looks. */
  isSwept(place: Place): boolean
  /** `folder`, or `s3://bucket/prefix`; undefined where the settings do not say how to get there. */
  destination(to: string): Destination | undefined
}

/** Also what the settings name no more is read from, where older documents may be. @throws CannotStart where the keys cannot be had */
export async function openContentPlaces(options: OpenContentPlaces): Promise<ContentPlaces> {
  const { memory, config, ports } = options
  const bucket = bucketIn(config.documents)
  const path = documentsFolderOf(config)
  const { shared } = memory
  const files = await openContentFiles(ports.files, path, shared?.incomingIn(path))
  const { encryption, over } = await openEncryption(config, memory.documentKeys, ports)
  // A segment has one writer: where several processes keep documents in a folder, small ones are files too.
  const inFolder = {
    [inFile]: files,
    ...(shared === undefined ? { [inSegment]: await segmentsIn(path, options) } : {}),
  }
  const engineInFolder = ({ content }: NewContent) =>
    content.bytes === undefined || shared !== undefined ? inFile : inSegment
  const objectsFor = objectsOf(options)
  const objects = objectsFor?.(bucket)
  const cache = await openReadCache({ config, ports, shared, metrics: options.metrics })
  const witnessedCopies = (store: ContentStore, place: string) => shared?.witnessedCopies(store, place) ?? store
  const withObjects = (engine: ContentStore | undefined) =>
    over(
      contentEngines({
        engines: {
          ...inFolder,
          ...(memory.earlier === undefined ? {} : { [inRow]: memory.earlier }),
          ...(engine === undefined ? {} : { [inObject]: engine }),
        },
        engineFor: content => (bucket === undefined ? engineInFolder(content) : inObject),
      }),
    )
  const originals = withObjects(objects)
  const all = cache === undefined || objects === undefined ? originals : withObjects(cache.over(objects))
  const kept = shared?.witnessed(all, bucket === undefined ? inFile : placeIn(bucket)) ?? all
  const folder: Destination = {
    store: witnessedCopies(over(contentEngines({ engines: inFolder, engineFor: engineInFolder })), inFile),
    holds: place => !innerPlace(place).startsWith(`${inObject}:`),
  }

  return {
    kept: {
      ...kept,
      async close() {
        await kept.close()
        await cache?.close()
        await encryption?.keys.close()
      },
    },
    originals,
    doubt: id => void cache?.forget(id),
    encryption,
    isSwept: place =>
      shared !== undefined || !place.startsWith(`${inObject}:`) || (bucket !== undefined && place === placeIn(bucket)),
    destination(to) {
      if (to === 'folder') return folder
      const named = bucketIn(to)
      const there = named && objectsFor?.(named)
      return (
        there && {
          store: witnessedCopies(over(there), placeIn(named)),
          holds: place => innerPlace(place) === placeIn(named),
        }
      )
    },
  }
}

function segmentsIn(path: string, { ports: { files, clock }, onProblem }: OpenContentPlaces): Promise<ContentStore> {
  return openContentSegments({ files, clock, folder: join(path, 'segments'), onProblem })
}

/** One engine for each bucket and prefix: what it is just putting there no other may sweep away. */
function objectsOf({ config, ports, objects, closing, memory, onProblem }: OpenContentPlaces) {
  if (objects === undefined) return undefined
  const opened = new Map<string, ContentStore>()
  return (target: BucketPlace | undefined): ContentStore => {
    const name = target === undefined ? '' : placeIn(target)
    const known = opened.get(name)
    if (known !== undefined) return known
    const engine = contentObjects({
      ...objects,
      ...{ target, repositoryUniqueId: config.repositoryUniqueId, database: memory.database, closing, onProblem },
      ...{ files: ports.files, clock: ports.clock },
    })
    opened.set(name, engine)
    return engine
  }
}
