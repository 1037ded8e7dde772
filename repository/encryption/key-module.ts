// A key management behind a module of the deployment: it wraps and unwraps keys of documents, and its own keys never come here. It runs in
// a thread of its own: what it does there, hanging included, holds nobody else up.
import { fileURLToPath } from 'node:url'
import type { Ports } from '../../ports/ports.js'
import type { Thread } from '../../ports/threads.js'
import { ContentUnreachable } from '../content-store.js'
import { isKeyName, type KeyRing } from './key-ring.js'
import type { WrappedKey } from './sealed-place.js'

/** The default export of a module. What it rejects with, in words, is for the log. */
export interface KeyModule {
  /** The name of the key that is used for new documents: 1 to 64 letters, digits, dots, dashes or underscores. */
  current(): Promise<string> | string
  /** At most 1,024 bytes. The same `boundTo` has to be given to unwrap. */
  wrap(name: string, key: Uint8Array, boundTo: string): Promise<Uint8Array> | Uint8Array
  unwrap(name: string, wrapped: Uint8Array, boundTo: string): Promise<Uint8Array> | Uint8Array
}

export interface KeyCall {
  number: number
  does: keyof KeyModule
  given: unknown[]
}

export type KeyAnswer = { number: number; result: unknown } | { number: number; refused: string }

const script = fileURLToPath(new URL('./key-module-thread.js', import.meta.url))
const words: Record<KeyCall['does'], string> = { current: 'name its key', wrap: 'wrap', unwrap: 'unwrap' }
const memoryMb = 256
const answersWithinMs = 10_000
const mostWrappedBytes = 1_024

/** Each call has 10 s, then the thread is ended and the next call starts another: whoever asked gets ContentUnreachable, and nobody takes a document for damaged. */
export function keysInModule(module: string, { threads, clock }: Pick<Ports, 'threads' | 'clock'>): KeyRing {
  let running: { thread: Thread; waiting: Map<number, (answer: KeyAnswer) => void> } | undefined
  let last = 0

  function start() {
    const waiting = new Map<number, (answer: KeyAnswer) => void>()
    const thread = threads.start(script, { module }, { memoryMb })
    const started = { thread, waiting }
    thread.onMessage(message => waiting.get((message as KeyAnswer).number)?.(message as KeyAnswer))
    thread.ended.then(why => {
      if (running === started) running = undefined
      for (const [number, hear] of waiting) hear({ number, refused: why ?? 'it has ended' })
    })
    return started
  }

  async function ask(does: KeyCall['does'], ...given: unknown[]): Promise<unknown> {
    running ??= start()
    const { thread, waiting } = running
    const number = ++last
    const answer = await new Promise<KeyAnswer>(resolve => {
      waiting.set(number, resolve)
      const timer = clock.after(
        answersWithinMs,
        () => {
          resolve({ number, refused: `no answer within ${answersWithinMs / 1000} s` })
          // What hangs is started anew for the next one.
          void thread.stop()
        },
        { idle: true },
      )
      thread.send({ number, does, given } satisfies KeyCall)
      const hear = waiting.get(number)
      waiting.set(number, got => {
        timer.cancel()
        hear?.(got)
      })
    })
    waiting.delete(number)
    if ('refused' in answer)
      throw new ContentUnreachable(`the key management (${module}) did not ${words[does]}: ${answer.refused}`)
    return answer.result
  }

  async function bytes(does: 'wrap' | 'unwrap', name: string, given: Uint8Array, boundTo: string): Promise<Buffer> {
    const result = await ask(does, name, given, boundTo)
    if (result instanceof Uint8Array && result.length > 0 && result.length <= mostWrappedBytes)
      return Buffer.from(result)
    throw new ContentUnreachable(`the key management (${module}) did not ${words[does]}: it gave no bytes`)
  }

  async function current(): Promise<string> {
    const name = await ask('current')
    if (isKeyName(name)) return name
    throw new ContentUnreachable(`the key management (${module}) named no key`)
  }

  return {
    source: module,
    current,
    async wrap(key, boundTo): Promise<WrappedKey> {
      const name = await current()
      return { name, bytes: await bytes('wrap', name, key, boundTo) }
    },
    unwrap: ({ name, bytes: wrapped }, boundTo) => bytes('unwrap', name, wrapped, boundTo),
    close: async () => running?.thread.stop(),
  }
}
