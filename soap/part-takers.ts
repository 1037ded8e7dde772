// Those who want parts of a message that is still arriving, by the references that they have.
import { type HandOver, openHandOver } from './hand-over.js'
import { isReferenceTo, lettersOf } from './xop.js'

/** Somebody who wants a part. */
export interface Taker {
  reference: string
  handOver: HandOver
  /** Has come to take it. */
  isHere: boolean
  /** Its part has begun to come. */
  hasPart: boolean
  /** And has come whole. */
  isServed: boolean
}

export interface PartTakers {
  add(reference: string): Taker
  /** Whom a part that begins is for. */
  waitingFor(contentId: string): Taker | undefined
  /** Whose part has not begun to come. */
  withoutPart(): Taker | undefined
  /** Whoever waits for a part that comes later cannot have this one taken first. */
  areInTheWay(): boolean
  /** There are some, and each has its part. */
  areServed(): boolean
  breakOff(problem: Error): void
}

/** In the order in which they asked: of two who ask for one reference the first gets the part, and the other waits for a second one. */
export function partTakers(): PartTakers {
  const takers: Taker[] = []
  const byLetters = new Map<string, Taker[]>()
  return {
    add(reference) {
      const taker: Taker = { reference, handOver: openHandOver(), isHere: false, hasPart: false, isServed: false }
      takers.push(taker)
      const letters = lettersOf(reference)
      const others = byLetters.get(letters)
      if (others === undefined) byLetters.set(letters, [taker])
      else others.push(taker)
      return taker
    },
    waitingFor(contentId) {
      // Written as it is, or with its percent signs encoded.
      const alike = [lettersOf(contentId), contentId.toLowerCase()].flatMap(letters => byLetters.get(letters) ?? [])
      return alike.find(({ reference, hasPart }) => !hasPart && isReferenceTo(reference, contentId))
    },
    withoutPart: () => takers.find(({ hasPart }) => !hasPart),
    areInTheWay: () => takers.some(({ isHere, hasPart }) => isHere && !hasPart),
    areServed: () => takers.length > 0 && takers.every(({ isServed }) => isServed),
    breakOff(problem) {
      for (const { handOver } of takers) handOver.breakOff(problem)
    },
  }
}
