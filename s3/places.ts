// A number of places, and those who wait for one in the order in which they came.

export interface Places {
  /** Resolves when there is a place; what it gives is to be called when it is left, once. */
  enter(): Promise<() => void>
}

/** `enter` resolves with what gives the place back, to be called once; whoever waits waits for as long as it takes. */
export function places(count: number): Places {
  let free = count
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return {
    async enter() {
      if (free > 0) free -= 1
      else await new Promise<void>(resolve => waiting.push(resolve))
      return leave
    },
  }
}
