// The three services as `carnet start` runs them, with certificates, sockets and files of their own; but in this process.
import { join } from 'node:path'
import { urlsOf } from '../../cli/deployment.js'
import { noteRun } from '../../cli/run-file.js'
import { prepare } from '../../cli/services/prepare.js'
import { runService } from '../../cli/services/run-service.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import type { PeerConfig } from '../../config/peer-config.js'
import type { Limits } from '../../config/service-config.js'
import type { TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import type { RunningService } from '../../server/service.js'
import { type Community, giveCertificates } from '../cli/certificates-once.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'
import { assertRecordsAreExact } from './collected-records.js'

export interface RunningDeployment {
  urls: { registry: string; repository: string; audit: string; patientIndex: string; gateway: string }
  /** Without TLS. */
  mllpPort: number
  /** Likewise, of the patient index. */
  indexMllpPort: number
  repositoryUniqueId: string
  folder: string
  healthPorts: { registry: number; repository: number; audit: number }
  /** By the name of its files: `admin`, `audit` … */
  identity(name: string): Promise<TlsIdentity>
  /** What `carnet start` hands to a partner: his key and certificate, and our CA. */
  partner: TlsIdentity
  close(): Promise<void>
}

const { files } = systemPorts

export interface DeploymentSettings {
  profile?: string
  xua?: CarnetConfig['registry']['xua']
  resubmission?: CarnetConfig['registry']['resubmission']
  /** Whose CA it has. */
  community?: Community
}

/**
 * Patients need not be announced. What `peers` adds goes to the partner whose certificate is handed out. A `folder` that is
 * named stays.
 */
export async function aDeployment(
  peer: Partial<PeerConfig> = {},
  given?: string,
  limits: Partial<Limits> = {},
  { profile, xua, resubmission, community }: DeploymentSettings = {},
): Promise<RunningDeployment> {
  const folder = given ?? (await files.temporaryFolder('carnet-peers-'))
  if (given === undefined || (await files.stat(join(folder, 'certs'))) === undefined)
    await giveCertificates(folder, community)
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  const flags = { portBase: await freePortBase(), acceptUnknownPatients: true, profile }
  const loaded = await loadConfig(configFile, systemPorts, flags)
  const peers = loaded.peers.map(each => (each.name === 'hospital' ? { ...each, ...peer } : each))
  const bounded = <Section extends { limits: Limits }>(section: Section) => ({
    ...section,
    limits: { ...section.limits, ...limits },
    ...(xua === undefined ? {} : { xua }),
    ...(resubmission === undefined ? {} : { resubmission }),
  })
  const config = {
    ...loaded,
    peers,
    registry: bounded(loaded.registry),
    repository: bounded(loaded.repository),
    atnaAudit: bounded(loaded.atnaAudit),
  }
  const running: RunningService[] = []
  const close = async () => {
    const wasWhole = running.length >= 3
    for (const service of running.splice(0).reverse()) await service.close(1_000)
    if (wasWhole) await assertRecordsAreExact(config.atnaAudit.database)
    if (given === undefined) await files.removeFolder(folder)
  }
  try {
    // So that commands find it, as they find what `carnet start` runs.
    await noteRun(folder, flags, { ports: systemPorts, terminal: playedTerminal(folder) })
    for (const name of ['atna-audit', 'registry', 'repository', 'patient-index'] as const) {
      running.push(await runService(name, config, systemPorts))
    }
  } catch (problem) {
    await close()
    throw problem
  }
  const identity = async (name: string): Promise<TlsIdentity> => {
    const [key, cert, ca] = await Promise.all(
      [`${name}.key`, `${name}.pem`, 'ca.pem'].map(file => files.readFile(join(folder, 'certs', file))),
    )
    return { key: key!, cert: cert!, ca: ca! }
  }
  return {
    folder,
    healthPorts: {
      registry: config.registry.health.port,
      repository: config.repository.health.port,
      audit: config.atnaAudit.health.port,
    },
    identity,
    urls: urlsOf(config),
    mllpPort: config.registry.mllp.port ?? 0,
    indexMllpPort: config.patientIndex?.mllp.port ?? 0,
    repositoryUniqueId: config.repository.repositoryUniqueId,
    partner: await identity('client'),
    close,
  }
}
