// Answers that hold for a while, and are asked for once where several want them at the same time.
import type { Clock } from '../../ports/clock.js'

export interface Remembered<Answer> {
  /** As long as it holds; undefined is an answer too. */
  known(key: string): { answer: Answer } | undefined
  /** What is known, else what `ask` says. What it throws is thrown to all who wait, and not remembered. */
  of(key: string, ask: () => Promise<Answer>): Promise<Answer>
  forget(key: string): void
  readonly size: number
}

export interface OpenRemembered<Answer> {
  clock: Pick<Clock, 'monotonicMs'>
  /** Of more than so many the oldest is forgotten. */
  most: number
  /** How long an answer holds; 0 where only those share it who wait for it together. */
  holdsMs(answer: Answer): number
}

/** `holdsMs` of 0 remembers nothing; a question that fails is not remembered, and whoever waited for it fails with it. At most `most` answers. */
export function openRemembered<Answer>({ clock, most, holdsMs }: OpenRemembered<Answer>): Remembered<Answer> {
  const answers = new Map<string, { answer: Answer; untilMs: number }>()
  const asking = new Map<string, Promise<Answer>>()

  function known(key: string): { answer: Answer } | undefined {
    const found = answers.get(key)
    return found !== undefined && found.untilMs > clock.monotonicMs() ? found : undefined
  }

  function remember(key: string, answer: Answer): void {
    const forMs = holdsMs(answer)
    if (forMs === 0) return
    answers.delete(key)
    answers.set(key, { answer, untilMs: clock.monotonicMs() + forMs })
    const [oldest] = answers.keys()
    if (answers.size > most && oldest !== undefined) answers.delete(oldest)
  }

  return {
    known,
    async of(key, ask) {
      const found = known(key)
      if (found !== undefined) return found.answer
      const under = asking.get(key)
      if (under !== undefined) return under
      const answer = ask()
        .then(said => {
          remember(key, said)
          return said
        })
        .finally(() => asking.delete(key))
      asking.set(key, answer)
      return answer
    },
    forget: key => void answers.delete(key),
    get size() {
      return answers.size
    },
  }
}
