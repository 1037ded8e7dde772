// A deployment that is made but not started, on free ports: certificates, and a config file for whoever starts the services himself.
import { writeFileSync } from 'node:fs'
import { prepare } from '../../cli/services/prepare.js'
import { overridden } from '../../config/overrides.js'
import { systemPorts } from '../../ports/ports.js'
import { giveCertificates } from '../cli/certificates-once.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'

export interface PreparedFolder {
  folder: string
  portBase: number
  configFile: string
  remove(): Promise<void>
}

type Tree = { [key: string]: { [key: string]: unknown } }

export async function aPreparedFolder(change: (config: Tree) => void = () => {}): Promise<PreparedFolder> {
  const { files } = systemPorts
  const folder = await files.temporaryFolder('carnet-prepared-')
  await giveCertificates(folder)
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  const portBase = await freePortBase()
  const config = overridden(JSON.parse(String(await files.readFile(configFile))), { portBase }) as Tree
  change(config)
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
  return { folder, portBase, configFile, remove: () => files.removeFolder(folder) }
}
