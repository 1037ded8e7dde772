// The syslog port for datagrams: one message each, kept as it came, also where it came cut. [ITI TF-2:3.20.4.1.2.1, RFC 5426]
import type { Clock } from '../../ports/clock.js'
import type { DatagramServer, Network } from '../../ports/network.js'
import type { Intake } from './intake.js'

export interface StartUdpListener {
  host: string
  port: number
  network: Pick<Network, 'receiveUdp'>
  clock: Pick<Clock, 'now' | 'every'>
  intake: Intake
  log: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
}

/** Nobody can be told to wait; what comes while so much is on its way to the disk is counted and let go. */
const mostUnsavedBytes = 32 * 1024 * 1024
const minuteMs = 60_000

/** While the database is behind by some megabytes datagrams are lost and counted in `lost`, as UDP may; whoever must not lose any sends by TLS. */
export async function startUdpListener(options: StartUdpListener): Promise<DatagramServer & { readonly lost: number }> {
  const { host, port, network, clock, intake, log } = options
  let unsavedBytes = 0
  let lost = 0
  let told = 0

  function hear(frame: Buffer, remoteAddress: string): void {
    if (frame.length === 0) return
    if (unsavedBytes + frame.length > mostUnsavedBytes) {
      lost += 1
      return
    }
    unsavedBytes += frame.length
    const arrival = { frame, origin: `udp at ${remoteAddress}`, receivedMs: clock.now(), repeatable: false }
    intake.take([arrival]).then(
      () => {
        unsavedBytes -= frame.length
      },
      () => {
        unsavedBytes -= frame.length
        lost += 1
      },
    )
  }

  const minute = clock.every(minuteMs, () => {
    if (lost > told) log.warn({ lost: lost - told }, 'audit records that came as datagrams could not be kept')
    told = lost
  })
  const server = await network
    .receiveUdp({
      ...{ host, port, hear },
      onProblem: problem => log.error({ reason: problem.message }, 'the syslog port for datagrams has a problem'),
    })
    .catch(problem => {
      minute.cancel()
      throw problem
    })
  return {
    port: server.port,
    get lost() {
      return lost
    },
    async close() {
      minute.cancel()
      await server.close()
    },
  }
}
