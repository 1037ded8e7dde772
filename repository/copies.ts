// Second copies of documents: those that moves are making, and those that a move has left, unable to erase or to commit. Whoever removes a document
// says that it is gone only when these are gone too. [ITI TF-2:3.86.4.1.3]
import type { PlacedContent } from './content-store.js'
import { DocumentGone } from './contents.js'
import { innerPlace } from './encryption/sealed-place.js'

export interface Copies {
  /** Of one document; `assertWanted` throws DocumentGone as soon as somebody removes it. */
  making<Result>(id: string, work: (assertWanted: () => void) => Promise<Result>): Promise<Result>
  /** The row of the document names another place; or, where its commit is in doubt, it may. */
  left(old: PlacedContent): void
  /** Ends what is being made of a document that is out of reach, and erases what is left of it. */
  gone(id: string, erase: (old: PlacedContent) => Promise<void>): Promise<void>
}

/** More old ones the sweep of the next start finds. */
const mostLeft = 10_000

/** In the memory of this process: what it forgets at its end the sweep of the next start finds. */
export function openCopies(): Copies {
  const underWay = new Map<string, Promise<unknown>>()
  const unwanted = new Set<string>()
  const old = new Map<string, PlacedContent[]>()

  return {
    async making(id, work) {
      const copy = work(() => {
        if (unwanted.has(id)) throw new DocumentGone('the document is being removed')
      })
      underWay.set(id, copy)
      try {
        return await copy
      } finally {
        underWay.delete(id)
      }
    },
    left(placed) {
      const others = (old.get(placed.id) ?? []).filter(({ place }) => innerPlace(place) !== innerPlace(placed.place))
      if (old.size < mostLeft) old.set(placed.id, [...others, placed])
    },
    async gone(id, erase) {
      unwanted.add(id)
      try {
        await underWay.get(id)?.catch(() => {})
      } finally {
        unwanted.delete(id)
      }
      for (const left of old.get(id) ?? []) await erase(left)
      old.delete(id)
    },
  }
}
