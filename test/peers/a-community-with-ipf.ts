// A community of ours beside a partner in Java: it trusts him, its gateway has him as another community and as patient index, its
// patient index tells him of patients.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issue } from '../../certs/authority.js'
import { storePassword } from '../../certs/development.js'
import { keyStore } from '../../certs/pkcs12.js'
import { flagsOfRun } from '../../cli/run-file.js'
import { prepare } from '../../cli/services/prepare.js'
import { runService } from '../../cli/services/run-service.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'
import { type IpfPartner, startIpf } from './ipf-partner.js'

export interface CommunityWithIpf {
  deployment: RunningDeployment
  config: CarnetConfig
  ipf: IpfPartner
  /** Changes the line of the community that IPF plays, and waits until it is taken up. */
  knowIpf(changes: Record<string, unknown>): Promise<void>
  close(): Promise<void>
}

/** The gateway looks every two seconds. */
const takenUpMs = 5_000

/** Of the community that IPF plays. */
export const ipfHome = 'urn:oid:2.999.52'

export async function aCommunityWithIpf(): Promise<CommunityWithIpf> {
  const { files } = systemPorts
  const folder = await files.temporaryFolder('carnet-ipf-')
  const context = { ports: systemPorts, terminal: playedTerminal(folder) }
  await prepare(folder, context)
  const stores = await storesFor(join(folder, 'certs'))
  // Between the ports of a deployment, which leave room there.
  const ipf = await startIpf({ port: (await freePortBase()) + 9, ...stores })
  knowing(ipf, join(folder, 'carnet.json'))
  const write = communityOf(ipf, join(folder, 'communities.json'))
  write({})
  const deployment = await aDeployment({}, folder)
  const config = await loadConfig(join(folder, 'carnet.json'), systemPorts, await flagsOfRun(folder, context))
  const gateway = await runService('gateway', config, systemPorts)
  return {
    ...{ deployment, config, ipf },
    async knowIpf(changes) {
      write(changes)
      await systemPorts.clock.sleep(takenUpMs)
    },
    async close() {
      await gateway.close(1_000)
      await deployment.close()
      await ipf.close()
      await files.removeFolder(folder)
    },
  }
}

async function storesFor(folder: string) {
  const request = {
    commonName: 'ipf',
    names: ['localhost', '127.0.0.1'],
    usages: ['serverAuth', 'clientAuth'] as const,
  }
  await issue('ipf', request, 30, { folder, ...systemPorts })
  const [key, cert, ca] = ['ipf.key', 'ipf.pem', 'ca.pem'].map(name => readFileSync(join(folder, name), 'utf8'))
  const file = join(folder, 'ipf.p12')
  writeFileSync(file, keyStore({ key: key!, cert: cert! }, ca!, storePassword, 'ipf'), { mode: 0o600 })
  return { keyStore: file, trustStore: join(folder, 'truststore.p12'), password: storePassword }
}

function knowing({ url }: IpfPartner, file: string): void {
  const config = JSON.parse(readFileSync(file, 'utf8'))
  config.peers.push({ name: 'ipf', commonNames: ['ipf'], roles: ['gateway', 'feed', 'consumer'] })
  for (const keeper of [config.registry, config.repository]) keeper.resubmission = 'replay'
  config.patientIndex.registries.push({ name: 'ipf registry', url: url('ITI-44') })
  config.patientIndex.consumers = [{ name: 'ipf consumer', url: url('ITI-46') }]
  config.patientIndex.healthDataLocator = {}
  config.gateway.patientIndex = { url: url('ITI-47') }
  writeFileSync(file, JSON.stringify(config, undefined, 2))
}

/** In the file that is read again when it changes. */
function communityOf({ url }: IpfPartner, file: string): (changes: Record<string, unknown>) => void {
  const line = {
    ...{ name: 'ipf', homeCommunityId: ipfHome, timeoutMs: 20_000, retrieveTimeoutMs: 20_000 },
    ...{
      query: url('ITI-38'),
      retrieve: url('ITI-39'),
      fetch: url('ITI-63'),
      provide: url('ITI-80'),
      discovery: url('ITI-55'),
    },
    // It is a health data locator, and asked where it names itself.
    ...{ location: url('ITI-56'), asked: 'located' },
  }
  return changes => writeFileSync(file, JSON.stringify([{ ...line, ...changes }]))
}
