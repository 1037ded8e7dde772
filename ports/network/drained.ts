// Back-pressure: when a stream takes more, and when it needs what it was given no more.
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

/** Resolves when a stream has passed the bytes on and holds them no more; rejects when it never will. */
export function written(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error('the connection was closed in the middle of a message'))
    if (stream.destroyed) return closed()
    stream.once('close', closed)
    stream.write(bytes, problem => {
      stream.off('close', closed)
      if (problem == null) resolve()
      else reject(problem)
    })
  })
}

/**
 * Gives a piece to a stream; what is returned is waited for before the next one. What is `made` while it is sent may be made in the same memory,
 * piece by piece: it is waited for until the stream holds it no more.
 */
export function given(stream: Writable, piece: Uint8Array, made: boolean): Promise<void> | undefined {
  if (made) return written(stream, piece)
  return stream.write(piece) ? undefined : drained(stream)
}
