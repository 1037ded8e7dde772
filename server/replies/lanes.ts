// Answers of each partner in a lane of its own: so many and so large at the most, and some of them carried side by side, so that no partner waits for
// another one.

export interface ReplyLanes<Reply extends { heldBytes: number }> {
  /** Undefined where the partner has as much under way as it may. */
  reserve(partner: string): Lane<Reply> | undefined
  /** For an answer that was there before, whatever the bounds are. */
  take(partner: string): Lane<Reply>
  /** Places that are taken. */
  open(): number
  /** Resolves when there are none, as soon as it is asked for. */
  emptied(): Promise<void>
}

export interface Lane<Reply> {
  /** Into the place that was taken; `sinceMs` of the monotonic clock. */
  send(reply: Reply, sinceMs: number): void
  /** Gives the place back: there is nothing to be sent after all. */
  leave(): void
}

interface Bounds {
  /** Of each partner. */
  waiting: number
  megabytes: number
}

/** Answers to one partner that are sent side by side. */
const sideBySide = 4

interface State<Reply> {
  places: number
  heldBytes: number
  waiting: { reply: Reply; sinceMs: number }[]
  underWay: number
}

/** `carry` never throws. */
export function replyLanes<Reply extends { heldBytes: number }>(
  bounds: Bounds,
  carry: (reply: Reply, sinceMs: number) => Promise<void>,
): ReplyLanes<Reply> {
  const lanes = new Map<string, State<Reply>>()
  let open = 0
  let drained = () => {}

  function stateOf(partner: string): State<Reply> {
    const state = lanes.get(partner) ?? { places: 0, heldBytes: 0, waiting: [], underWay: 0 }
    lanes.set(partner, state)
    return state
  }

  function leave(state: State<Reply>, heldBytes: number): void {
    state.places -= 1
    state.heldBytes -= heldBytes
    open -= 1
    if (open === 0) drained()
  }

  function proceed(state: State<Reply>): void {
    while (state.underWay < sideBySide) {
      const next = state.waiting.shift()
      if (next === undefined) return
      state.underWay += 1
      void carry(next.reply, next.sinceMs).then(() => {
        state.underWay -= 1
        leave(state, next.reply.heldBytes)
        proceed(state)
      })
    }
  }

  function taken(state: State<Reply>): Lane<Reply> {
    state.places += 1
    open += 1
    return {
      send(reply, sinceMs) {
        state.heldBytes += reply.heldBytes
        state.waiting.push({ reply, sinceMs })
        proceed(state)
      },
      leave: () => leave(state, 0),
    }
  }

  return {
    reserve(partner) {
      const state = stateOf(partner)
      const isFull = state.places >= bounds.waiting || state.heldBytes >= bounds.megabytes * 1024 * 1024
      return isFull ? undefined : taken(state)
    },
    take: partner => taken(stateOf(partner)),
    open: () => open,
    emptied: () =>
      new Promise<void>(resolve => {
        drained = resolve
        if (open === 0) resolve()
      }),
  }
}
