// Keeps the services of one deployment running as children of this process: starts them, waits until each says that it is
// ready, starts again what dies, and ends them all in time.
import type { Clock } from '../../ports/clock.js'
import type { Child, Processes } from '../../ports/processes.js'
import { deferred } from '../../ports/promises.js'
import { meaningOf } from './signals-in-words.js'

export interface ServiceProcess {
  name: string
  script: string
  args: string[]
}

export interface Supervise {
  /** In the order in which they are ended: who calls others stands before them. */
  services: ServiceProcess[]
  clock: Clock
  processes: Pick<Processes, 'start'>
  /** A line for the user. */
  report(line: string): void
}

export interface Supervisor {
  /** Resolves when every service has said that it is ready; rejects with why one cannot be. */
  ready(): Promise<void>
  /** Resolves, when nothing runs any more, with why: undefined after stop(). */
  readonly ended: Promise<string | undefined>
  /** Has every service renew its workers, if it has any. */
  renew(): void
  stop(): Promise<void>
}

/** What a service tells its parent. */
export type ServiceMessage = { ready: true } | { failed: string } | { adopted: number }

const deathsUntilGivenUp = 3
const quickDeathMs = 5_000
const firstPauseMs = 200
const longestPauseMs = 30_000
/** Together below five seconds, the promise for Ctrl-C. */
const drainMs = 4_000
const killMs = 500

interface Ward {
  service: ServiceProcess
  child: Child | undefined
  isReady: boolean
  startedMs: number
  /** Soon after a start, one after the other. */
  deaths: number
  /** What it said of its own failure. */
  failed: string | undefined
}

/**
 * `ready` resolves when each has said so once. One that ends is started again after a growing pause; when one dies three times soon after a start, or
 * says why it cannot be, all are stopped.
 */
export function supervise({ services, clock, processes, report }: Supervise): Supervisor {
  const wards: Ward[] = services.map(service => ({
    service,
    child: undefined,
    isReady: false,
    startedMs: 0,
    deaths: 0,
    failed: undefined,
  }))
  let stopping: Promise<void> | undefined
  let allReadyOnce = false
  const ready = deferred<void>()
  const ended = deferred<string | undefined>()
  ready.promise.catch(() => {}) // also told by `ended`

  function start(ward: Ward): void {
    if (stopping !== undefined) return
    const { name, script, args } = ward.service
    const child = processes.start(script, args)
    ward.child = child
    ward.startedMs = clock.monotonicMs()
    ward.isReady = false
    ward.failed = undefined
    child.onMessage(message => hear(ward, message as ServiceMessage))
    child.ended.then(how => {
      if (ward.child === child) ward.child = undefined
      if (stopping === undefined) died(ward, name, how)
    })
  }

  function hear(ward: Ward, message: ServiceMessage): void {
    if ('failed' in message) ward.failed = message.failed
    if (!('ready' in message)) return
    ward.isReady = true
    if (ward.deaths > 0) report(`${ward.service.name} runs again`)
    if (!wards.every(({ isReady }) => isReady)) return
    allReadyOnce = true
    ready.resolve()
  }

  function died(ward: Ward, name: string, how: { code: number | null; signal: string | null }): void {
    ward.deaths = clock.monotonicMs() - ward.startedMs < quickDeathMs ? ward.deaths + 1 : 1
    const what = `${name} ended (${how.signal ?? `exit code ${how.code}`})`
    const why = reasonToStop(ward, what)
    if (why === undefined) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 4 ** (ward.deaths - 1))
      const said = ward.failed === undefined ? '' : `: ${ward.failed.replace(/\.$/, '')}`
      report(`${what}${said}; it is started again in ${pauseMs} ms${meaningOf(how.signal)}`)
      clock.after(pauseMs, () => start(ward))
    } else {
      giveUp(why)
    }
  }

  /** Once all have run, the others go on whatever becomes of one: its disk may be away for an hour. */
  function reasonToStop({ failed, deaths }: Ward, what: string): string | undefined {
    if (allReadyOnce) return undefined
    // What a service can say of itself at the first start (a port in use, a wrong certificate) no repetition will cure.
    if (failed !== undefined) return failed
    if (deaths < deathsUntilGivenUp) return undefined
    return `${what} ${deathsUntilGivenUp} times, so all was stopped: its messages above, or its log, say why`
  }

  function renew(): void {
    for (const { child } of wards) child?.signal('SIGHUP')
  }

  function giveUp(why: string): void {
    ready.reject(new Error(why))
    void stop(why)
  }

  function stop(why?: string): Promise<void> {
    stopping ??= endAll().then(() => {
      ready.reject(new Error(why ?? 'stopped'))
      ended.resolve(why)
    })
    return stopping
  }

  async function endAll(): Promise<void> {
    const deadline = clock.monotonicMs() + drainMs
    for (const [index, ward] of wards.entries()) {
      // Each has its share of the time that is left; what it does not use, the next ones have.
      const left = (deadline - clock.monotonicMs()) / (wards.length - index)
      ward.child?.signal('SIGTERM')
      await endedWithin(ward, left)
    }
    // All may have been told at once, by the terminal say: what others did not use is for those who still work.
    await Promise.all(wards.map(ward => endedWithin(ward, deadline - clock.monotonicMs())))
    const stubborn = wards.filter(({ child }) => child !== undefined)
    for (const ward of stubborn) {
      report(`${ward.service.name} did not end in time and is cut off`)
      ward.child?.signal('SIGKILL')
    }
    await Promise.all(stubborn.map(ward => endedWithin(ward, killMs)))
  }

  async function endedWithin(ward: Ward, ms: number): Promise<void> {
    const child = ward.child
    if (child === undefined) return
    const patience = new AbortController()
    await Promise.race([
      child.ended.then(() => patience.abort()),
      clock.sleep(Math.max(ms, 0), { signal: patience.signal }).catch(() => {}),
    ])
  }

  for (const ward of wards) start(ward)
  return { ready: () => ready.promise, ended: ended.promise, renew, stop: () => stop() }
}
