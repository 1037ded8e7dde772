// Clears away loose bytes: what processes have left that are gone, and what this one could not. docs/decisions/0260.
import type { Clock, Timer } from '../../ports/clock.js'
import type { Place, PlacedContent } from '../content-store.js'
import { innerPlace } from '../encryption/sealed-place.js'
import type { LooseHands } from './loose-hands.js'
import type { LooseRows } from './loose-rows.js'

export interface LooseClearing {
  /** How many there were. One turn after the other. @throws what kept some of them, when all others are gone */
  clear(): Promise<number>
  /** Does so every few seconds, from here on. */
  keepClearing(): void
  close(): Promise<void>
}

interface Clear {
  rows: LooseRows
  hands: LooseHands
  clock: Clock
  /** The bytes themselves. */
  erase(content: PlacedContent): Promise<void>
}

const clearEveryMs = 5_000
const mostAtOnce = 500

/** What cannot be reached now stays written down, and does not hold up the rest. */
export function looseClearing({ rows, hands, clock, erase }: Clear): LooseClearing {
  let clearing: Promise<unknown> = Promise.resolve()
  let timer: Timer | undefined

  async function clear(): Promise<number> {
    await rows.inherit()
    let cleared = 0
    /** Places that cannot be reached now, with the first reason: what is elsewhere does not wait for them. */
    const away = new Map<Place, unknown>()
    for (let after = ''; ; ) {
      const mine = await rows.own(after, mostAtOnce)
      for (const each of mine) {
        if (away.has(each.place)) continue
        try {
          cleared += await hands.whileFree(each, () => clearAway(each))
        } catch (problem) {
          away.set(each.place, problem)
        }
      }
      const last = mine.at(-1)
      if (last === undefined || mine.length < mostAtOnce) break
      after = last.id
    }
    for (const problem of away.values()) throw problem
    return cleared
  }

  /** What a document's row names after all is loose no more, and stays. */
  async function clearAway(placed: PlacedContent): Promise<number> {
    const standing = await rows.standingOf(placed)
    if (standing === undefined) return 0
    const isNamed = standing.named !== null && innerPlace(standing.named) === placed.place
    if (!isNamed) await erase(placed)
    await rows.forget([placed])
    return isNamed ? 0 : 1
  }

  function inTurn(): Promise<number> {
    const turn = clearing.catch(() => {}).then(clear)
    clearing = turn
    return turn
  }

  return {
    clear: inTurn,
    keepClearing() {
      // What cannot be cleared away now is tried again.
      timer ??= clock.every(clearEveryMs, () => void inTurn().catch(() => {}))
    },
    async close() {
      timer?.cancel()
      await clearing.catch(() => {})
    },
  }
}
