// Bytes from one who has them to one who wants them, a piece at a time: neither is ahead of the other.

export interface HandOver {
  /** Resolves when the piece has been taken. @throws what it was broken off with */
  put(piece: Uint8Array): Promise<void>
  /** There is no more. */
  end(): void
  /** There will be no more, and what was there is not all. */
  breakOff(problem: Error): void
  pieces(): AsyncGenerator<Uint8Array>
}

/** Nothing is held but the one piece that `put` has offered: its promise resolves when it was taken, and rejects once the other side has broken off. */
export function openHandOver(): HandOver {
  let offered: { piece: Uint8Array; taken(): void; refused(problem: Error): void } | undefined
  let state: 'open' | 'ended' | { problem: Error } = 'open'
  let wake = () => {}

  return {
    put(piece) {
      if (typeof state === 'object') return Promise.reject(state.problem)
      return new Promise((taken, refused) => {
        offered = { piece, taken, refused }
        wake()
      })
    },
    end() {
      if (state === 'open') state = 'ended'
      wake()
    },
    breakOff(problem) {
      if (state !== 'open') return
      state = { problem }
      offered?.refused(problem)
      offered = undefined
      wake()
    },
    async *pieces() {
      for (;;) {
        if (offered !== undefined) {
          const { piece, taken } = offered
          offered = undefined
          taken()
          yield piece
        } else if (typeof state === 'object') throw state.problem
        else if (state === 'ended') return
        else
          await new Promise<void>(resolve => {
            wake = resolve
          })
      }
    },
  }
}
