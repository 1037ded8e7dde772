// The syslog door of the audit repository: TLS with both certificates, RFC 5425, any number of messages a connection.
// [ITI TF-2:3.20.4.1.2.1]
import type { Clock } from '../../ports/clock.js'
import type {
  Connection,
  HttpServer,
  Network,
  PeerCertificate,
  RefusedHandshake,
  TlsIdentity,
} from '../../ports/network.js'
import { acknowledgedSyslog } from '../syslog.js'
import type { Intake } from './intake.js'
import { type Receiving, receive } from './receive.js'

export interface StartSyslogListener {
  host: string
  port: number
  tls: TlsIdentity
  maxMessageBytes: number
  network: Network
  clock: Clock
  intake: Intake
  log: { warn(facts: object, message: string): void }
  refusalOf?(peer: PeerCertificate): string | undefined
  onRefusedHandshake(refused: RefusedHandshake): void
}

export type SyslogListener = HttpServer

const mostConnections = 512
/** Of messages that have arrived in part, or are not yet on the disk, over all connections. */
const mostHeldBytes = 256 * 1024 * 1024
/** A sender that is silent for about this long has said all that it wants to say. */
const pauseMs = 1_000

/**
 * A connection above the most there may be is closed at once and logged; what all hold unsaved together has a bound too, behind which senders are
 * not read on. [ITI TF-2:3.20.4.1.2]
 */
export async function startSyslogListener(options: StartSyslogListener): Promise<SyslogListener> {
  const { network, clock, log } = options
  const receiving = new Set<Receiving>()

  function serve(connection: Connection): void {
    const origin = originOf(connection)
    if (receiving.size >= mostConnections) {
      log.warn({ origin, mostConnections }, 'a syslog connection was refused: there are too many')
      connection.stream.destroy()
      return
    }
    const one = receive(connection, { ...options, origin, mayHold })
    receiving.add(one)
    connection.stream.on('close', () => receiving.delete(one))
  }

  function mayHold(): boolean {
    return [...receiving].reduce((sum, one) => sum + one.heldBytes, 0) < mostHeldBytes
  }

  const server = await network.serveTls(
    {
      host: options.host,
      port: options.port,
      tls: options.tls,
      protocols: [acknowledgedSyslog],
      ...(options.refusalOf === undefined ? {} : { refusalOf: options.refusalOf }),
      onRefusedHandshake: options.onRefusedHandshake,
    },
    serve,
  )
  const ticks = clock.every(pauseMs, () => {
    for (const one of receiving) one.tick()
  })
  return {
    port: server.port,
    renewTls: (identity, letsIn) => server.renewTls(identity, letsIn),
    async close(graceMs) {
      ticks.cancel()
      await Promise.all([...receiving].map(one => one.stop()))
      await server.close(graceMs)
    },
  }
}

function originOf({ peer, remoteAddress }: Connection): string {
  return `${peer?.commonName || peer?.subject || 'unknown'} at ${remoteAddress}`
}
