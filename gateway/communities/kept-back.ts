// What of the time that communities have is kept back for the answer itself: one of them may be silent to the last, and whoever asked has been promised
// an answer within that time all the same. docs/decisions/0361

export interface KeptBack {
  /** Of what a community has, the end of which is not for it. */
  of(timeoutMs: number): number
  /** From the last answer, or the end of waiting for it, to the last byte of ours it took so long. */
  took(ms: number): void
}

/** Whoever reads slowly takes from nobody else more than this. */
const mostShare = 1 / 8
/** What was long once is forgotten in some hundred answers. */
const fading = 0.99
/** Timers come late by some of it. */
const marginMs = 10

/** Before the first answer has been measured as much is kept back as may be; a long one is forgotten by and by. */
export function openKeptBack(): KeptBack {
  // Until it is known, as much as may be.
  let longestMs = Number.POSITIVE_INFINITY
  return {
    of: timeoutMs => Math.min(timeoutMs * mostShare, longestMs + marginMs),
    took(ms) {
      longestMs = Number.isFinite(longestMs) ? Math.max(ms, longestMs * fading) : ms
    },
  }
}
