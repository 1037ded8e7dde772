// `carnet config show` and `carnet config check`.

import { join } from 'node:path'
import { openDomain } from '../affinity/affinity-domain.js'
import { allCommunities } from '../config/communities.js'
import { loadConfig } from '../config/load.js'
import { withoutPasswords } from '../config/postgres-url.js'
import { sectionsOf } from '../config/sections.js'
import type { Context } from './context.js'
import { type DeploymentOptions, dataFolder, openDeployment } from './deployment.js'
import { Failure } from './failure.js'
import { assertTls } from './services/service.js'

/** The config with all defaults filled in, as the services have it. Keys and secrets are paths, but for a password in a URL. */
export async function showConfig(options: DeploymentOptions & { json?: boolean }, context: Context): Promise<void> {
  const { config: whole, configFile, overrides } = await openDeployment(options, context)
  const config = JSON.parse(withoutPasswords(JSON.stringify(whole)))
  const { terminal } = context
  if (options.json === true) return terminal.print(JSON.stringify(config, undefined, 2))
  terminal.print(`# ${configFile}`)
  if (Object.values(overrides).some(value => value !== undefined)) {
    terminal.print('# with the flags of the run that is under way')
  }
  for (const [path, value] of settings(config)) terminal.print(`${path} = ${value}`)
}

export async function checkConfig(options: DeploymentOptions, context: Context): Promise<void> {
  const file = join(dataFolder(options, context), 'carnet.json')
  const config = await loadConfig(file, context.ports)
  await openDomain(config.profile, context.ports.files)
  const problems: string[] = []
  for (const { section } of sectionsOf(config)) {
    await assertTls(section.tls, context).catch((problem: Error) => problems.push(problem.message))
  }
  if (config.gateway !== undefined) {
    await allCommunities(config.gateway, context.ports).catch((problem: Error) => problems.push(problem.message))
  }
  if (problems.length > 0) throw new Failure('configuration', problems.join('\n'))
  context.terminal.print(
    `${file} can be used: mode ${config.mode}, profile ${config.profile}, ${config.peers.length} peers`,
  )
}

function settings(value: unknown, path = ''): [path: string, value: string][] {
  if (Array.isArray(value) && value.some(item => typeof item === 'object')) {
    return value.flatMap((item, index) => settings(item, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([name, inner]) => settings(inner, path === '' ? name : `${path}.${name}`))
}
