// An engine whose documents are read from this machine when they were read lately. Whatever is removed or erased leaves the machine first
// and once more afterwards: nobody who was just reading it brings it back.
import type { ContentStore, OpenContent, PlacedContent } from '../content-store.js'
import type { CachedBytes } from './cached-bytes.js'

export interface CachedReading {
  over(engine: ContentStore): ContentStore
  /** The document is gone, or its bytes may be other ones. */
  forget(id: string): Promise<void>
  /** Something may be gone that nobody has told of. */
  forgetAll(): Promise<void>
}

export interface Seen {
  hit(): void
  missed(): void
}

interface Reading {
  id: string
  /** Forgotten meanwhile: what is read now is not kept. */
  isStale: boolean
}

/** Only reading is answered from the cache; removing and erasing reach both. */
export function cachedReading(cache: CachedBytes, seen: Seen): CachedReading {
  const under = new Set<Reading>()

  function forget(id: string): Promise<void> {
    for (const reading of under) if (reading.id === id) reading.isStale = true
    return cache.drop(id)
  }

  async function gone(content: PlacedContent, work: (content: PlacedContent) => Promise<void>): Promise<void> {
    await forget(content.id)
    try {
      await work(content)
    } finally {
      await forget(content.id)
    }
  }

  async function opened(content: PlacedContent, open: () => Promise<OpenContent | undefined>) {
    const reading = { id: content.id, isStale: false }
    under.add(reading)
    let source: OpenContent | undefined
    try {
      source = await open()
    } finally {
      if (source === undefined) under.delete(reading)
    }
    return (
      source &&
      keepingWhole(source, {
        keep: bytes => reading.isStale || cache.keep(content, bytes),
        end: () => void under.delete(reading),
      })
    )
  }

  return {
    over: engine => ({
      ...engine,
      async open(content, from) {
        const held = await cache.take(content)
        if (held !== undefined) {
          seen.hit()
          return inMemory(held)
        }
        seen.missed()
        return opened(content, () => engine.open(content, from))
      },
      sizeBytes: async content => cache.sizeBytes(content) ?? engine.sizeBytes(content),
      remove: content => gone(content, engine.remove),
      erase: content => gone(content, engine.erase),
    }),
    forget,
    async forgetAll() {
      for (const reading of under) reading.isStale = true
      await cache.clear()
    },
  }
}

/** Fewer bytes than were asked for are all that there are. */
function keepingWhole(source: OpenContent, kept: { keep(bytes: Buffer): unknown; end(): void }): OpenContent {
  return {
    async read(position, length, into) {
      const bytes = await source.read(position, length, into)
      if (position === 0 && bytes.length < length) kept.keep(bytes)
      return bytes
    },
    close() {
      kept.end()
      return source.close()
    },
  }
}

function inMemory(bytes: Buffer): OpenContent {
  return {
    read: async (position, length) => bytes.subarray(position, position + length),
    close: async () => {},
  }
}
