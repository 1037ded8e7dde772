// The numbers of a queue that one process gives: which are on their way into the table, which have been handed out to be sent.
// docs/decisions/0377

export interface QueueNumbers {
  /** So many in a row, on their way until they have ended. */
  take(count: number): number[]
  /** Committed, undone, or nobody knows. */
  ended(numbers: readonly number[]): void
  /** Below this nothing is on its way: whoever looks from now on sees all that has been committed there. */
  sureBelow(): number
  handOut(numbers: readonly number[]): void
  isHandedOut(number: number): boolean
  /** The last of all that were handed out. What lies before it and was not handed out has been passed over. */
  readonly furthest: number
  handedOutThrough(last: number): number[]
  /** What was handed out is in the table no more. */
  gone(numbers: readonly number[]): void
}

/** Of one process and one queue; in memory, for numbers that were under way when it ends are never waited for. */
export function queueNumbers(): QueueNumbers {
  let given = 0
  let furthest = 0
  const underWay = new Set<number>()
  const handedOut = new Set<number>()
  return {
    take(count) {
      const numbers = Array.from({ length: count }, () => ++given)
      // The first of a row holds back all of it.
      if (count > 0) underWay.add(given - count + 1)
      return numbers
    },
    ended: ([first]) => void underWay.delete(first ?? 0),
    // A number that is given while somebody goes to look may be committed before that one looks, and one before it later.
    sureBelow: () => Math.min(given + 1, ...underWay),
    handOut(numbers) {
      for (const number of numbers) handedOut.add(number)
      furthest = Math.max(furthest, ...numbers)
    },
    isHandedOut: number => handedOut.has(number),
    get furthest() {
      return furthest
    },
    handedOutThrough: last => [...handedOut].filter(number => number <= last),
    gone(numbers) {
      for (const number of numbers) handedOut.delete(number)
    },
  }
}
