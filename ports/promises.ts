// Promises that end from outside: by somebody else, or by a signal before their time.

export interface Deferred<Value> {
  promise: Promise<Value>
  resolve(value: Value): void
  reject(problem: Error): void
}

/** Ends with the first call of either; a rejection that nobody waits for counts as unhandled, as that of any promise. */
export function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void
  let reject!: (problem: Error) => void
  const promise = new Promise<Value>((resolved, rejected) => {
    resolve = resolved
    reject = rejected
  })
  return { promise, resolve, reject }
}

/** What comes after the signal is nobody's any more. */
export function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Resolves, or rejects, with a run that has begun after it was asked for; those who come while one is under way share the next one. */
export function runsFromNowOn(run: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined
  let toCome: Promise<void> | undefined

  function begin(): Promise<void> {
    toCome = undefined
    const running = run().finally(() => {
      underWay = undefined
    })
    underWay = running
    return running
  }

  return () => {
    if (toCome !== undefined) return toCome
    if (underWay === undefined) return begin()
    toCome = underWay.then(begin, begin)
    return toCome
  }
}
