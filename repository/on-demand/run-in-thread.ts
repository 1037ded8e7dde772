// Runs a plug-in of a deployment in a thread of its own: what it does there, hanging and running out of memory included,
// touches nobody else.
import { fileURLToPath } from 'node:url'
import type { Thread, Threads } from '../../ports/threads.js'
import { type OnDemandContent, type OnDemandRequest, type PlugIn, PlugInFailed } from './plug-in.js'
import type { FromThread, ThreadData, ToThread } from './thread-messages.js'

const script = fileURLToPath(new URL('./plug-in-thread.js', import.meta.url))
const memoryMb = 256

/** The thread is ended when the signal is aborted, and at the latest when its content has been read. */
export function inThread(module: string, threads: Threads, signal: AbortSignal): PlugIn {
  return async asked => {
    signal.throwIfAborted()
    const { entry, now } = asked
    const thread = threads.start(script, { module, entry, now } satisfies ThreadData, { memoryMb })
    signal.addEventListener('abort', () => void thread.stop(), { once: true })
    const messages = heard(thread)
    try {
      return await documentFrom(thread, messages, asked)
    } catch (problem) {
      await thread.stop()
      throw problem
    }
  }
}

async function documentFrom(thread: Thread, messages: Messages, asked: OnDemandRequest): Promise<OnDemandContent> {
  for (;;) {
    const message = await messages.next()
    if (message.kind === 'query') answer(thread, message, asked)
    else if (message.kind === 'document') {
      const { mimeType, uniqueId } = message
      return {
        ...(mimeType === undefined ? {} : { mimeType }),
        ...(uniqueId === undefined ? {} : { uniqueId }),
        content: pieces(thread, messages, asked),
      }
    } else throw unexpected(message)
  }
}

async function* pieces(thread: Thread, messages: Messages, asked: OnDemandRequest): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const message = await messages.next()
      if (message.kind === 'end') return
      if (message.kind === 'query') answer(thread, message, asked)
      else if (message.kind === 'piece') {
        yield message.bytes
        thread.send({ kind: 'more' } satisfies ToThread)
      } else throw unexpected(message)
    }
  } finally {
    await thread.stop()
  }
}

function answer(thread: Thread, { number, query }: FromThread & { kind: 'query' }, asked: OnDemandRequest): void {
  const say = (message: ToThread) => thread.send(message)
  asked.query(query).then(
    result => say({ kind: 'answer', number, result }),
    problem => say({ kind: 'answer', number, refused: (problem as Error).message }),
  )
}

function unexpected(message: FromThread): PlugInFailed {
  return new PlugInFailed(message.kind === 'failed' ? message.why : `it said "${message.kind}" out of turn`)
}

interface Messages {
  /** @throws PlugInFailed when the thread is over. */
  next(): Promise<FromThread>
}

/** A thread that does not wait for its turn is not to fill our memory. */
const mostWaiting = 1_000

function heard(thread: Thread): Messages {
  const waiting: FromThread[] = []
  let over: PlugInFailed | undefined
  let wake = () => {}
  thread.onMessage(message => {
    if (waiting.length < mostWaiting) waiting.push(message as FromThread)
    else void thread.stop()
    wake()
  })
  void thread.ended.then(why => {
    over = new PlugInFailed(why ?? 'its thread ended before the document did')
    wake()
  })
  return {
    async next() {
      while (waiting.length === 0) {
        if (over !== undefined) throw over
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      return waiting.shift() as FromThread
    },
  }
}
