// Carries the records of the outbox to the audit repository: syslog over TLS, one connection, tried again for ever.
// No transaction waits for it, and it never throws. [ITI TF-2:3.20.4.1.1, RFC 5425]
import type { Connection, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { StoreAway } from '../store/failures.js'
import { type Bell, bell } from './bell.js'
import { converse } from './conversation.js'
import type { Outbox } from './outbox.js'
import { acknowledgedSyslog } from './syslog.js'

export interface Sender {
  readonly state: SenderState
  /** Shows another certificate from the next connection on. */
  renewTls(identity: TlsIdentity): void
  /** Sends what waits for at most `graceMs`, then ends; what is left is sent after the next start. */
  close(graceMs: number): Promise<void>
}

export interface SenderState {
  connected: boolean
  /** Whether the audit repository says what it has stored. */
  acknowledged: boolean
  /** Records delivered since the start. */
  delivered: number
  /** Why there is no connection, in words. */
  problem?: string
}

export interface SenderLog {
  info(fields: object, words: string): void
  warn(fields: object, words: string): void
}

export interface StartSender {
  host: string
  port: number
  tls: TlsIdentity
  ports: Pick<Ports, 'clock' | 'network' | 'randomness'>
  log: SenderLog
  times?: Partial<SenderTimes>
}

export interface SenderTimes {
  /** Records that come within this time travel together. */
  gatherMs: number
  /** How often the outbox is looked at although nobody said that something waits. */
  lookMs: number
  connectMs: number
  /** Silence of an acknowledging repository after which the connection is thought dead. */
  acknowledgeMs: number
  /** Life of the connection after which a foreign repository is thought to have a record. */
  presumeMs: number
  /** What is delivered is removed from the outbox this much later, all at once. */
  forgetMs: number
  firstRetryMs: number
  lastRetryMs: number
}

const defaultTimes: SenderTimes = {
  gatherMs: 50,
  lookMs: 1_000,
  connectMs: 10_000,
  acknowledgeMs: 30_000,
  presumeMs: 10_000,
  forgetMs: 250,
  firstRetryMs: 250,
  lastRetryMs: 30_000,
}

/** Closing does not wait long for a repository that is away. */
const lastConnectMs = 1_000

/** Delivers each record at least once, in the order of the outbox; tries for ever. */
export function startSender(outbox: Outbox, options: StartSender): Sender {
  const { host, port, ports, log } = options
  const times = { ...defaultTimes, ...options.times }
  const state: SenderState = { connected: false, acknowledged: false, delivered: 0 }
  const work: Bell = bell(ports.clock)
  let tls = options.tls
  let offerAcknowledgement = true
  let retryMs = times.firstRetryMs
  let closing = false
  const giveUp = new AbortController()
  outbox.onQueued(() => work.ring())

  async function run(): Promise<void> {
    while (!closing || (hasWork() && !giveUp.signal.aborted)) {
      if (hasWork()) await attempt()
      else await work.heard(times.lookMs)
    }
  }

  // A database that cannot be read is reported by the service itself; here it only means to look again later.
  function hasWork(): boolean {
    try {
      return outbox.depth() > 0
    } catch {
      return false
    }
  }

  async function attempt(): Promise<void> {
    try {
      const connection = await unlessGivenUp(connect())
      state.connected = true
      state.acknowledged = connection.protocol === acknowledgedSyslog
      await converse(connection, {
        outbox,
        clock: ports.clock,
        work,
        times,
        isClosing: () => closing,
        giveUp: giveUp.signal,
        delivered,
      })
      state.connected = false
    } catch (problem) {
      await lost(problem as NodeJS.ErrnoException)
    }
  }

  function connect() {
    const protocols = offerAcknowledgement ? [acknowledgedSyslog] : undefined
    return ports.network.connectTls({
      host,
      port,
      tls,
      protocols,
      timeoutMs: closing ? lastConnectMs : times.connectMs,
    })
  }

  async function unlessGivenUp(connecting: Promise<Connection>): Promise<Connection> {
    const { signal } = giveUp
    let stop = () => {}
    const over = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop)
    })
    over.catch(() => {})
    try {
      return await Promise.race([connecting, over])
    } catch (problem) {
      connecting.then(({ stream }) => stream.destroy()).catch(() => {})
      throw problem
    } finally {
      // The signal lives as long as the service, and connections come and go.
      signal.removeEventListener('abort', stop)
    }
  }

  // A receiver may end the conversation as soon as it has begun: only what is delivered shows that all is well again.
  function delivered(count: number): void {
    if (state.problem !== undefined) log.info({ host, port }, 'the audit repository is in reach again')
    delete state.problem
    state.delivered += count
    retryMs = times.firstRetryMs
  }

  async function lost(problem: NodeJS.ErrnoException): Promise<void> {
    state.connected = false
    // Who is not there now will not be in time: the records are sent after the next start.
    if (closing) return giveUp.abort()
    // Some receivers break the handshake instead of ignoring a protocol that they do not know.
    if (problem.code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL') offerAcknowledgement = false
    // Which records wait cannot be read now; nothing is wrong with whoever takes them, and all goes on as soon as they can.
    if (problem instanceof StoreAway) return void (await work.heard(times.lookMs))
    if (state.problem !== problem.message) {
      log.warn({ host, port, reason: problem.message }, 'the audit repository is out of reach; audit records wait')
    }
    state.problem = problem.message
    await pause()
    retryMs = Math.min(retryMs * 2, times.lastRetryMs)
  }

  /** New records do not shorten the pause; closing does. A little chance keeps services from knocking in step. */
  async function pause(): Promise<void> {
    const chance = (ports.randomness.bytes(1)[0] ?? 0) / 255
    const until = ports.clock.monotonicMs() + retryMs * (0.75 + chance / 2)
    while (!closing && ports.clock.monotonicMs() < until) await work.heard(until - ports.clock.monotonicMs())
  }

  const running = run()
  return {
    state,
    renewTls(identity) {
      tls = identity
    },
    async close(graceMs) {
      closing = true
      work.ring()
      const cut = ports.clock.after(graceMs, () => giveUp.abort())
      await running
      cut.cancel()
    },
  }
}
