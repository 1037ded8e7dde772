// Second copies of documents: those that moves are making, and old ones that a move could not erase. Whoever removes a document
// says that it is gone only when these are gone too. [ITI TF-2:3.86.4.1.3]
import type { PlacedContent } from './content-store.js'
import { DocumentGone } from './contents.js'

export interface Copies {
  /** Of one document; `assertWanted` throws DocumentGone as soon as somebody removes it. */
  making<Result>(id: string, work: (assertWanted: () => void) => Promise<Result>): Promise<Result>
  /** The row of the document names another place by now. */
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
  const old = new Map<string, PlacedContent>()

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
      if (old.size < mostLeft) old.set(placed.id, placed)
    },
    async gone(id, erase) {
      unwanted.add(id)
      try {
        await underWay.get(id)?.catch(() => {})
      } finally {
        unwanted.delete(id)
      }
      const left = old.get(id)
      if (left === undefined) return
      await erase(left)
      old.delete(id)
    },
  }
}
