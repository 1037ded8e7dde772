// carnet.json with the database of a service elsewhere: checked before anything is moved, put in the place of the old one when all is.
import { basename, dirname, join } from 'node:path'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { documentsFolderOf } from '../../config/documents-place.js'
import { loadConfig } from '../../config/load.js'
import type { Context } from '../context.js'
import type { Deployment } from '../deployment.js'

export type MovedService = 'registry' | 'repository'

export interface MovedSettings {
  config: CarnetConfig
  /** In the place of the old ones. */
  apply(): Promise<void>
  forget(): Promise<void>
}

/** @throws ConfigProblem where a deployment with these could not start. */
export async function settingsWith(
  service: MovedService,
  database: string,
  { config: before, configFile, overrides }: Deployment,
  { ports }: Context,
): Promise<MovedSettings> {
  const written = JSON.parse(String(await ports.files.readFile(configFile)))
  const beside = join(dirname(configFile), `${basename(configFile)}.moved`)
  const write = () => ports.files.replace(beside, `${JSON.stringify(written, undefined, 2)}\n`, { mode: 0o640 })
  const section = Object.assign(written[service], { database })
  await write()
  try {
    let config = await loadConfig(beside, ports, overrides)
    // What stood beside the file of the database stays where it is.
    const { folder } = before[service]
    if (config[service].folder !== folder) section.folder = folder
    const documentsFolder = documentsFolderOf(before.repository)
    if (documentsFolderOf(config.repository) !== documentsFolder) section.documentsFolder = documentsFolder
    await write()
    config = await loadConfig(beside, ports, overrides)
    return {
      config,
      apply: () => ports.files.rename(beside, configFile),
      forget: () => ports.files.remove(beside),
    }
  } catch (problem) {
    await ports.files.remove(beside)
    throw problem
  }
}
