// The budget of one process: requests under way, the memory of their envelopes, and bytes spooled. Over it the answer is Busy or OutOfResources,
// never more memory.
import { SpoolFull } from '../soap/spool.js'
import type { MemoryBudget } from '../soap/xml.js'

export interface Budget {
  /**
   * Nobody gets more than three quarters of the places, nor of the memory, for itself. Takes a place among the requests under way. `late` means: answer
   * Busy; `full`: not even that can be worked out. Leaving gives back what it has taken of the memory.
   */
  enter(partner: string): { place: 'free' | 'late' | 'full'; memory: MemoryBudget; leave(): void }
  /** Bytes on the disk of requests under way. */
  readonly spooled: { take(bytes: number): boolean; give(bytes: number): void }
  /** Whoever queues audit records says from time to time how many wait. */
  readonly state: { requestsInFlight: number; envelopeBytes: number; spooledBytes: number; auditQueue: number }
}

/** Requests beyond the limit that we still read in order to refuse them in the terms of their transaction. */
const latecomers = 256

export interface BudgetLimits {
  requestsInFlight: number
  /** Of long envelopes, as they came. */
  envelopesInMemoryBytes?: number
  spooledBytes: number
  /** Records that may wait for the audit service. */
  auditQueue: number
}

/** What a service has besides: itself, code, documents on their way. Measured: docs/decisions/0365. */
const besidesBytes = 256 * 1024 * 1024

/** No more memory for envelopes than the container leaves, yet enough for the longest one of one partner. */
export function withinMemory<Limits extends { envelopeBytes: number; envelopesInMemoryBytes: number }>(
  limits: Limits,
  memoryLimitBytes: number,
): Limits {
  const least = Math.ceil((limits.envelopeBytes * 4) / 3)
  const left = Math.max(least, memoryLimitBytes - besidesBytes)
  return { ...limits, envelopesInMemoryBytes: Math.min(limits.envelopesInMemoryBytes, left) }
}

/** In the memory of this process alone, nothing waits: who finds no place is told so at once. `leave` gives a place back, once. */
export function openBudget(limits: BudgetLimits): Budget {
  const state = { requestsInFlight: 0, envelopeBytes: 0, spooledBytes: 0, auditQueue: 0 }
  const placesOf = new Map<string, number>()
  const share = Math.ceil((limits.requestsInFlight * 3) / 4)
  let taken = 0
  let late = 0

  function hasPlace(partner: string): boolean {
    const isShared = (placesOf.get(partner) ?? 0) < share
    return isShared && taken < limits.requestsInFlight && state.auditQueue <= limits.auditQueue
  }

  function take(partner: string): () => void {
    taken += 1
    placesOf.set(partner, (placesOf.get(partner) ?? 0) + 1)
    return () => {
      taken -= 1
      const left = (placesOf.get(partner) ?? 1) - 1
      if (left > 0) placesOf.set(partner, left)
      else placesOf.delete(partner)
    }
  }

  const mostBytes = limits.envelopesInMemoryBytes ?? Number.POSITIVE_INFINITY
  const bytesOf = new Map<string, number>()

  function memoryFor(partner: string): MemoryBudget & { give(): void } {
    let mine = 0
    const add = (bytes: number) => {
      mine += bytes
      state.envelopeBytes += bytes
      const all = (bytesOf.get(partner) ?? 0) + bytes
      if (all > 0) bytesOf.set(partner, all)
      else bytesOf.delete(partner)
    }
    return {
      take(bytes) {
        const isShared = (bytesOf.get(partner) ?? 0) + bytes <= (mostBytes * 3) / 4
        if (!isShared || state.envelopeBytes + bytes > mostBytes) {
          throw new SpoolFull(
            `the envelope cannot be taken in: those under way may have ${mostBytes} bytes of memory together, of one partner three quarters of that; send this one again a little later`,
          )
        }
        add(bytes)
      },
      give: () => mine > 0 && add(-mine),
    }
  }

  /** Whoever is only told that it came too late takes nobody's place meanwhile, however slowly it says what it wants. */
  function comeLate(): () => void {
    late += 1
    return () => {
      late -= 1
    }
  }

  return {
    state,
    enter(partner) {
      const isFree = hasPlace(partner)
      const leave = isFree ? take(partner) : comeLate()
      const memory = memoryFor(partner)
      state.requestsInFlight += 1
      return {
        place: isFree ? 'free' : late > latecomers ? 'full' : 'late',
        memory,
        leave: once(() => {
          state.requestsInFlight -= 1
          memory.give()
          leave()
        }),
      }
    },
    spooled: {
      take(bytes) {
        if (state.spooledBytes + bytes > limits.spooledBytes) return false
        state.spooledBytes += bytes
        return true
      },
      give(bytes) {
        state.spooledBytes -= bytes
      },
    },
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
