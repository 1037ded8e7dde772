// The way to the UPI, and in development what stands in for it at the other end. Without national numbers there is neither.
import { readTlsIdentity } from '../../certs/tls-identity.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import type { UpiConfig } from '../../config/patient-index-config.js'
import type { Service } from '../../server/service.js'
import { openEchClient } from './ech-client.js'
import { type StandIn, startStandIn } from './stand-in/service.js'
import type { Upi } from './upi.js'

export interface RunningUpi {
  asked: Upi
  close(): Promise<void>
}

/** Undefined where the deployment has no section `upi`, or its domain no national authority. The stand-in runs in mode `development` alone. */
export async function startUpi(
  options: {
    config: Pick<CarnetConfig, 'mode'>
    section: UpiConfig | undefined
    nationalAuthority: string | undefined
  },
  { ports, trust, log }: Pick<Service, 'ports' | 'trust' | 'log'>,
): Promise<RunningUpi | undefined> {
  const { config, section, nationalAuthority } = options
  if (section === undefined || nationalAuthority === undefined) return undefined
  const { tls, standIn, inbox } = section
  const client = ports.network.httpClient(tls === undefined ? trust.identity : await readTlsIdentity(tls, ports))
  if (tls === undefined) trust.onRenewed(identity => client.renewTls(identity))
  const isTest = config.mode === 'development'
  let running: StandIn | undefined
  // A production deployment is refused before this, by its settings; nothing rests upon that alone.
  if (standIn !== undefined && isTest) running = await startStandIn({ config: standIn, inbox, trust, ports, log })
  return {
    asked: openEchClient({ client, config: section, ports, isTest }),
    async close() {
      client.close()
      await running?.close()
    },
  }
}
