// The inside of the thread in which the module of a key management runs.
import { insideThread } from '../../ports/threads.js'
import type { KeyAnswer, KeyCall, KeyModule } from './key-module.js'

const { module } = insideThread.data as { module: string }
const loading = insideThread.load(module).then(loaded => loaded.default as Partial<KeyModule> | undefined)
loading.catch(() => {})

insideThread.onMessage(message => void answer(message as KeyCall))

async function answer({ number, does, given }: KeyCall): Promise<void> {
  insideThread.send(
    await resultOf(does, given).then(
      (result): KeyAnswer => ({ number, result }),
      (problem): KeyAnswer => ({ number, refused: problem instanceof Error ? problem.message : String(problem) }),
    ),
  )
}

async function resultOf(does: KeyCall['does'], given: unknown[]): Promise<unknown> {
  const keys = await loading
  const work = keys?.[does] as ((...given: unknown[]) => unknown) | undefined
  if (typeof work !== 'function') throw new Error(`its default export has no function ${does}`)
  return work.apply(keys, given)
}
