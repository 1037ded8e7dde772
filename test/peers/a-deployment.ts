// The three services as `carnet start` runs them, with certificates, sockets and files of their own; but in this process.
import { join } from 'node:path'
import { urlsOf } from '../../cli/deployment.js'
import { prepare } from '../../cli/prepare.js'
import { runService } from '../../cli/run-service.js'
import { loadConfig } from '../../config/load.js'
import type { TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import type { RunningService } from '../../server/service.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'

export interface RunningDeployment {
  urls: { registry: string; repository: string }
  repositoryUniqueId: string
  /** What `carnet start` hands to a partner: his key and certificate, and our CA. */
  partner: TlsIdentity
  close(): Promise<void>
}

const { files } = systemPorts

/** Patients need not be announced. */
export async function aDeployment(): Promise<RunningDeployment> {
  const folder = await files.temporaryFolder('carnet-peers-')
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  const config = await loadConfig(configFile, systemPorts, {
    portBase: await freePortBase(),
    acceptUnknownPatients: true,
  })
  const running: RunningService[] = []
  const close = async () => {
    for (const service of running.reverse()) await service.close(1_000)
    await files.removeFolder(folder)
  }
  try {
    for (const name of ['atna-audit', 'registry', 'repository'] as const) {
      running.push(await runService(name, config, systemPorts))
    }
  } catch (problem) {
    await close()
    throw problem
  }
  const read = (name: string) => files.readFile(join(folder, 'certs', name))
  const [key, cert, ca] = await Promise.all(['client.key', 'client.pem', 'ca.pem'].map(read))
  return {
    urls: urlsOf(config),
    repositoryUniqueId: config.repository.repositoryUniqueId,
    partner: { key: key!, cert: cert!, ca: ca! },
    close,
  }
}
