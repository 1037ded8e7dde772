// Which loose bytes this process is at work on, and which it is just clearing away: never the same ones.
import type { PlacedContent } from '../content-store.js'
import { innerPlace } from '../encryption/sealed-place.js'
import { isBusy } from './loose-rows.js'

export interface LooseHands {
  /** @throws ContentUnreachable where somebody here has one of them already. */
  take(placed: readonly PlacedContent[]): void
  /** Whoever names them has them, and they are not to be cleared away. */
  keep(placed: readonly PlacedContent[]): void
  /** From here on they may be cleared away, or taken again. */
  letGo(placed: readonly PlacedContent[]): void
  /** Runs `work` unless somebody is at work on them; whoever wants them meanwhile is refused. */
  whileFree(placed: PlacedContent, work: () => Promise<number>): Promise<number>
}

/** In the memory of this process; for others the rows speak (loose-rows.ts). */
export function looseHands(): LooseHands {
  const inHand = new Set<string>()
  const going = new Set<string>()

  function keep(placed: readonly PlacedContent[]): void {
    for (const each of placed) inHand.add(nameOf(each))
  }

  return {
    take(placed) {
      if (placed.some(each => inHand.has(nameOf(each)) || going.has(nameOf(each)))) throw isBusy()
      keep(placed)
    },
    keep,
    letGo(placed) {
      for (const each of placed) inHand.delete(nameOf(each))
    },
    async whileFree(placed, work) {
      const name = nameOf(placed)
      if (inHand.has(name)) return 0
      going.add(name)
      try {
        return await work()
      } finally {
        going.delete(name)
      }
    },
  }
}

/** One name for the same bytes, sealed or not. */
export const nameOf = ({ id, place }: PlacedContent) => `${id} ${innerPlace(place)}`
