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
