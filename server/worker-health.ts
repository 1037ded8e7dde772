// Health of several workers behind one door: each tells its parent how it stands when that asks, and the parent answers for all.
import type { HttpReply, HttpRequest } from '../ports/network.js'
import type { Processes, Worker } from '../ports/processes.js'
import { type Check, json, send } from './health.js'
import { joined, type Metrics, type MetricsOfWorker } from './metrics.js'

type Question = 'checks' | 'metrics'
interface Asked {
  ask: Question
  id: number
}
interface Answered {
  answered: number
  checks?: Check[]
  metrics?: MetricsOfWorker
}

/** In a worker. */
export function answerParent(
  processes: Pick<Processes, 'onParentMessage' | 'tellParent'>,
  checks: () => Promise<Check[]>,
  metrics: Metrics,
): void {
  async function answer({ ask, id }: Asked): Promise<void> {
    const told = ask === 'checks' ? { checks: await checks() } : { metrics: await metrics.values() }
    processes.tellParent({ answered: id, ...told } satisfies Answered)
  }
  processes.onParentMessage(message => {
    if (typeof (message as Partial<Asked>)?.ask === 'string') void answer(message as Asked).catch(() => {})
  })
}

export interface WorkersHealth {
  /** Each worker once. */
  add(worker: Worker): void
  answer(request: HttpRequest, reply: HttpReply): Promise<void>
}

/** Who does not answer in so long does not count. */
const patienceMs = 2_000

/** In their parent. `ready`: the workers that take requests now. */
export function workersHealth(
  ready: () => { number: number; worker: Worker }[],
  sleep: (ms: number) => Promise<void>,
): WorkersHealth {
  const waiting = new Map<number, (answer: Answered) => void>()
  let lastId = 0

  async function ask(worker: Worker, question: Question): Promise<Answered | undefined> {
    const id = ++lastId
    const answer = new Promise<Answered>(resolve => waiting.set(id, resolve))
    worker.send({ ask: question, id } satisfies Asked)
    try {
      return await Promise.race([answer, sleep(patienceMs).then(() => undefined)])
    } finally {
      waiting.delete(id)
    }
  }

  const askAll = (question: Question) =>
    Promise.all(ready().map(async ({ number, worker }) => ({ number, answer: await ask(worker, question) })))

  /** The service is ready while one of its workers is. */
  async function readiness(reply: HttpReply): Promise<void> {
    const all = await askAll('checks')
    const isReady = all.some(({ answer }) => answer?.checks?.every(check => check.ok) === true)
    const checks = all.flatMap(({ number, answer }) =>
      (answer?.checks ?? [{ name: 'worker', ok: false, reason: 'it does not answer' }]).map(check => ({
        worker: number,
        ...check,
      })),
    )
    json(reply, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', checks })
  }

  return {
    add: worker =>
      worker.onMessage(message => {
        const { answered } = (message ?? {}) as Partial<Answered>
        if (answered !== undefined) waiting.get(answered)?.(message as Answered)
      }),
    async answer(request, reply) {
      switch (request.url.split('?', 1)[0]) {
        case '/livez':
        case '/healthz':
          return json(reply, 200, { status: 'alive' })
        case '/readyz':
          return readiness(reply)
        case '/metrics': {
          const answers = await askAll('metrics')
          const { contentType, body } = await joined(
            answers.flatMap(({ answer }) => (answer?.metrics ? [answer.metrics] : [])),
          )
          return send(reply, 200, contentType, body)
        }
        default:
          return json(reply, 404, { error: 'there are /livez, /readyz and /metrics here' })
      }
    },
  }
}
