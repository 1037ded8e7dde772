// One service as several processes of this machine that share its doors: this process accepts connections and gives them to its workers
// in turn, starts again what dies, answers for the health of all, and renews them one by one without a request refused. docs/decisions/0261.
import type { Clock } from '../../ports/clock.js'
import type { Processes, Worker } from '../../ports/processes.js'
import { meaningOf } from './signals-in-words.js'
import type { ServiceMessage } from './supervisor.js'

export interface RunWorkers {
  count: number
  script: string
  /** For the worker of that number. */
  args(number: number): string[]
  /** Numbers of workers that have left something and are none of these any more. */
  left(): Promise<number[]>
  /** How long connections that are there may go on while their worker is renewed. */
  drainMs: number
  clock: Clock
  processes: Pick<Processes, 'startWorker'>
  report(line: string): void
}

export interface Workers {
  /** Resolves when every worker answers; rejects with why one cannot. */
  ready: Promise<void>
  /** Those that take requests now. */
  serving(): { number: number; worker: Worker }[]
  onStarted(hear: (worker: Worker) => void): void
  /** A new process for each, one by one; whoever asks meanwhile is answered. Once at a time. */
  renew(): Promise<void>
  stop(graceMs: number): Promise<void>
}

/** What a worker is told: to come to its end, or to see to what a worker of another number has left. */
export interface WorkerMessage {
  drain?: true
  atMostMs?: number
  adopt?: number
}

const firstPauseMs = 200
const longestPauseMs = 10_000
const quickDeathMs = 10_000
/** Behind its last connection. */
const endMs = 10_000
/** Nobody waits longer for what is being taken over. */
const adoptMs = 10_000

interface Slot {
  number: number
  worker: Worker | undefined
  isReady: boolean
  /** Of deaths soon after the start, one after the other. */
  deaths: number
}

/** A connection goes to one worker and stays there. `left` hears of the folders of workers that come back no more. */
export function runWorkers({ count, script, args, left, drainMs, clock, processes, report }: RunWorkers): Workers {
  const slots = Array.from({ length: count }, (_, number) => slotOf(number))
  /** Takes part while another is renewed. */
  const spare = slotOf(count)
  const hearers: ((worker: Worker) => void)[] = []
  let allReadyOnce = false
  let ending = false
  let renewing: Promise<void> | undefined

  /** Resolves when it answers; rejects when it ends first. */
  function start(slot: Slot, mayReturn = true): Promise<void> {
    const worker = processes.startWorker(script, args(slot.number))
    const startedMs = clock.monotonicMs()
    slot.worker = worker
    slot.isReady = false
    for (const hear of hearers) hear(worker)
    return new Promise((resolve, reject) => {
      let why: string | undefined
      worker.onMessage(message => {
        const said = message as Partial<Record<'ready' | 'failed', unknown>> & ServiceMessage
        if ('failed' in said) why = String(said.failed)
        if (!('ready' in said)) return
        slot.isReady = true
        resolve()
      })
      void worker.ended.then(({ code, signal }) => {
        const wasReady = slot.isReady
        if (slot.worker === worker) {
          slot.worker = undefined
          slot.isReady = false
        }
        const what = `worker ${slot.number} ended (${signal ?? `exit code ${code}`})`
        if (!wasReady) reject(new Error(why ?? what))
        if (ending || !mayReturn || drained.has(worker)) return
        // What it says of itself at the first start (a port in use, a wrong certificate) no repetition will cure.
        if (!wasReady && !allReadyOnce) return
        slot.deaths = clock.monotonicMs() - startedMs < quickDeathMs ? slot.deaths + 1 : 1
        const pauseMs = Math.min(longestPauseMs, firstPauseMs * 4 ** (slot.deaths - 1))
        report(`${what}; it is started again in ${pauseMs} ms${meaningOf(signal)}`)
        clock.after(pauseMs, () => {
          if (!ending && slot.worker === undefined) start(slot).catch(() => {})
        })
      })
    })
  }

  const drained = new WeakSet<Worker>()
  let adopting: Promise<void> = Promise.resolve()

  async function end(slot: Slot): Promise<void> {
    const { worker } = slot
    if (worker === undefined) return
    drained.add(worker)
    worker.send({ drain: true, atMostMs: drainMs } satisfies WorkerMessage)
    const late = clock.after(
      drainMs + endMs,
      () => {
        report(`worker ${slot.number} does not end and is cut off`)
        worker.signal('SIGKILL')
      },
      { idle: true },
    )
    await worker.ended
    late.cancel()
  }

  async function renewAll(): Promise<void> {
    await adopting
    try {
      await start(spare, false)
      for (const slot of slots) {
        if (ending) return
        await end(slot)
        if (ending) return
        // What does not start with the new settings leaves the others as they are.
        await start(slot)
      }
    } finally {
      await end(spare)
      await adoptLeft()
    }
  }

  /** Answers for a wsa:ReplyTo lie in the folder of whoever was asked, and it may be long until there is one of that number again. */
  async function adoptLeft(): Promise<void> {
    for (const number of await left().catch(() => [])) {
      const worker = slots.find(({ isReady }) => isReady)?.worker
      if (worker === undefined || ending) return
      const adopted = new Promise<void>(resolve =>
        worker.onMessage(message => {
          if ((message as { adopted?: unknown }).adopted === number) resolve()
        }),
      )
      worker.send({ adopt: number } satisfies WorkerMessage)
      await Promise.race([adopted, worker.ended, clock.sleep(adoptMs, { idle: true })])
    }
  }

  const ready = Promise.all(slots.map(slot => start(slot))).then(() => {
    allReadyOnce = true
    // Beside the service, and before anybody renews it.
    adopting = adoptLeft()
  })
  ready.catch(() => {})

  return {
    ready,
    serving: () =>
      [...slots, spare].flatMap(({ number, worker, isReady }) =>
        worker !== undefined && isReady ? [{ number, worker }] : [],
      ),
    onStarted(hear) {
      hearers.push(hear)
      for (const { worker } of [...slots, spare]) if (worker !== undefined) hear(worker)
    },
    renew() {
      renewing ??= renewAll().finally(() => {
        renewing = undefined
      })
      return renewing
    },
    async stop(graceMs) {
      ending = true
      const workers = [...slots, spare].flatMap(({ worker }) => worker ?? [])
      for (const worker of workers) worker.signal('SIGTERM')
      const all = Promise.all(workers.map(({ ended }) => ended))
      await Promise.race([all, clock.sleep(graceMs, { idle: true })])
      for (const worker of [...slots, spare].flatMap(({ worker: left }) => left ?? [])) worker.signal('SIGKILL')
      await all
    },
  }
}

function slotOf(number: number): Slot {
  return { number, worker: undefined, isReady: false, deaths: 0 }
}
