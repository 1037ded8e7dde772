// Answers in the Asynchronous Web Services Exchange: each question has an address of its own, where one answer is taken, of the community that
// was asked, as long as somebody waits for it. ITI TF-2 Appendix V.3; docs/decisions/0369.
import type { HttpAnswer, HttpClient } from '../../ports/network.js'
import { deferred } from '../../ports/promises.js'
import type { Randomness } from '../../ports/randomness.js'
import type { AnswerElsewhere } from '../../server/caller.js'
import { answeredElsewhere } from './answered-elsewhere.js'
import type { Answering } from './answering-partner.js'

export interface AwaitedAnswers {
  /** @throws Error where too many are waited for. */
  expect(question: AskedLater): AwaitedAnswer
  /** The question whose answer comes to the address that ends so; undefined where there is none, or none any more that is remembered. */
  at(name: string): Awaiting | undefined
  /** Questions that wait. */
  readonly size: number
}

export interface AskedLater {
  community: Answering
  /** Of the request; what is wrong with its answer is told under it. */
  traceparent: string
}

export interface AwaitedAnswer extends AnswerElsewhere {
  /** The answer was taken; whoever sent it is told so. */
  taken(): void
  /** It was not, or nobody waits for it any more. */
  refused(why: Error): void
}

export interface Awaiting extends AskedLater {
  /** Why no answer is taken any more, in words; undefined while one is. */
  over: string | undefined
  /** Resolves when the answer was taken, rejects with why it was not. */
  arrived(answer: HttpAnswer): Promise<void>
}

/** Of all communities together; each has a bound of its own besides (`requestsAtOnce`). */
const mostAwaited = 4_096
/** Whoever answers late or twice is told so. */
const mostOver = 2_048

/**
 * `address` is what communities reach this gateway by; each question has a part of its own behind it that nobody can guess. Some of those that are
 * over are remembered, to say why a late answer is refused.
 */
export function openAwaitedAnswers(
  address: string,
  { uuid }: Pick<Randomness, 'uuid'>,
  /** Around each client that is answered so. */
  tapped = (client: HttpClient): HttpClient => client,
): AwaitedAnswers {
  const waiting = new Map<string, Awaiting>()
  const over = new Map<string, Awaiting>()

  /** Of what is over nothing stays but who was asked, and why. */
  function end(name: string, { community, traceparent }: AskedLater, why: string): void {
    if (!waiting.delete(name)) return
    over.set(name, { community, traceparent, over: why, arrived: () => Promise.reject(new Error(why)) })
    const [oldest] = over.keys()
    if (over.size > mostOver && oldest !== undefined) over.delete(oldest)
  }

  return {
    expect({ community, traceparent }) {
      if (waiting.size >= mostAwaited) throw new Error(`${waiting.size} answers are waited for already`)
      const name = uuid()
      const arrival = deferred<HttpAnswer>()
      const outcome = deferred<void>()
      outcome.promise.catch(() => {})
      const question: Awaiting = {
        ...{ community, traceparent, over: undefined },
        arrived(answer) {
          question.over = 'its answer is coming already'
          arrival.resolve(answer)
          return outcome.promise
        },
      }
      waiting.set(name, question)
      return {
        replyTo: `${address}/${name}`,
        through: client =>
          tapped(
            answeredElsewhere(client, arrival.promise, () => {
              question.over = 'it was answered on its connection'
            }),
          ),
        taken() {
          end(name, question, 'it has been answered')
          outcome.resolve()
        },
        refused(why) {
          end(name, question, why.message)
          outcome.reject(why)
        },
      }
    },
    at: name => waiting.get(name) ?? over.get(name),
    get size() {
      return waiting.size
    },
  }
}
