// The deployment that a command speaks to: its data folder, carnet.json, the addresses of its services and our certificates.
import { join, resolve } from 'node:path'
import type { CarnetConfig } from '../config/carnet-config.js'
import { servicePaths } from '../config/defaults.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import { loadConfig } from '../config/load.js'
import type { Overrides } from '../config/overrides.js'
import { packageRoot } from '../ports/processes.js'
import type { Context } from './context.js'
import { Failure } from './failure.js'
import { flagsOfRun } from './run-file.js'

/** What every command that speaks to the services can be told. */
export interface DeploymentOptions {
  data?: string
  cert?: string
  key?: string
  ca?: string
  /** Of the commands that speak for a user. */
  token?: string
}

export interface Deployment {
  folder: string
  configFile: string
  config: CarnetConfig
  /** Flags of the run that is under way, where they differ from the file. */
  overrides: Overrides
  urls: { registry: string; repository: string; audit: string; patientIndex: string; gateway: string }
}

/** Without --data `var/` of the checkout, wherever the command is typed; a relative one is below the working folder. */
export function dataFolder(options: DeploymentOptions, { terminal }: Context): string {
  return options.data === undefined ? join(packageRoot, 'var') : resolve(terminal.workingFolder, options.data)
}

/** The flag again, for a command that we tell the user to type next. */
export function dataFlag({ data }: DeploymentOptions): string {
  return data === undefined ? '' : ` --data ${shellWord(data)}`
}

/** As it has to be typed. */
export function shellWord(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * carnet.json with the flags of the run that is under way laid over it, so that ports of `--port-base` are found. Asks no service. @throws
 * ConfigProblem
 */
export async function openDeployment(options: DeploymentOptions, context: Context): Promise<Deployment> {
  const folder = dataFolder(options, context)
  const configFile = join(folder, 'carnet.json')
  const overrides = await flagsOfRun(folder, context)
  const config = await loadConfig(configFile, context.ports, overrides)
  return { folder, configFile, config, overrides, urls: urlsOf(config) }
}

/** @throws Failure where the deployment speaks with no other community */
export function gatewaySection({ gateway }: CarnetConfig): GatewayConfig {
  if (gateway !== undefined) return gateway
  throw new Failure('configuration', 'This deployment has no gateway: carnet.json has no section "gateway".')
}

/** What a deployment does not have has an empty address. */
export function urlsOf({ registry, repository, atnaAudit, patientIndex, gateway }: CarnetConfig): Deployment['urls'] {
  const url = ({ publicName, port }: { publicName: string; port: number }, path: string) =>
    `https://${publicName}:${port}${path}`
  return {
    registry: url(registry.listen, servicePaths.registry),
    repository: url(repository.listen, servicePaths.repository),
    audit: url(atnaAudit.listen, servicePaths.atnaAudit),
    patientIndex: patientIndex === undefined ? '' : url(patientIndex.listen, servicePaths.patientIndex),
    gateway: gateway === undefined ? '' : url(gateway.listen, servicePaths.gateway),
  }
}
