// Back-pressure: when a stream takes more.
import type { Writable } from 'node:stream'

/** Resolves when a stream takes more, or can never do so again. */
export function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    if (stream.destroyed) resolve()
    else stream.on('drain', done).on('close', done).on('error', done)
  })
}
