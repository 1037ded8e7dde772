// Several engines as one: new documents go where they are told to, old ones are read where they once were put.
import {
  type ContentStore,
  ContentUnreachable,
  type NewContent,
  type Place,
  type PlacedContent,
} from './content-store.js'

export interface ContentEngines {
  /** By the name that begins their places. */
  engines: Readonly<Record<string, ContentStore>>
  /** The engine of a new document. */
  engineFor(content: NewContent): string
}

/** A place begins with the name of its engine and a colon. A document whose engine is none of these is unreachable (ContentUnreachable), not lost. */
export function contentEngines({ engines, engineFor }: ContentEngines): ContentStore {
  const all = Object.values(engines)

  function engineOf({ place }: PlacedContent): ContentStore {
    const [name = ''] = place.split(':', 1)
    const engine = engines[name]
    if (engine === undefined)
      throw new ContentUnreachable(`documents kept by "${name}" cannot be reached with these settings`)
    return engine
  }

  async function put(contents: readonly NewContent[]): Promise<ReadonlyMap<string, Place>> {
    const places = new Map<string, Place>()
    try {
      for (const name of new Set(contents.map(engineFor))) {
        const some = contents.filter(content => engineFor(content) === name)
        for (const [id, place] of (await engines[name]?.put(some)) ?? []) places.set(id, place)
      }
      return places
    } catch (problem) {
      for (const [id, place] of places)
        await engineOf({ id, place })
          .remove({ id, place })
          .catch(() => {})
      store.final([...places.keys()])
      throw problem
    }
  }

  const store: ContentStore = {
    put,
    final(ids) {
      for (const engine of all) engine.final(ids)
    },
    open: async (content, from) => engineOf(content).open(content, from),
    sizeBytes: async content => engineOf(content).sizeBytes(content),
    remove: async content => engineOf(content).remove(content),
    erase: async content => engineOf(content).erase(content),
    async sweep(rows) {
      let removed = 0
      for (const engine of all) removed += await engine.sweep(rows)
      return removed
    },
    async close() {
      for (const engine of all) await engine.close()
    },
  }
  return store
}
