// carnet.json with the database of a service elsewhere: checked before anything is moved, put in the place of the old one when all is.
import { basename, dirname, join } from 'node:path'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { documentsFolderOf } from '../../config/documents-place.js'
import { loadConfig } from '../../config/load.js'
import { readIfThere } from '../../ports/files.js'
import type { Context } from '../context.js'
import type { Deployment } from '../deployment.js'

export type MovedService = 'registry' | 'repository'

export interface MovedSettings {
  config: CarnetConfig
  /** An earlier move to there came to its end without a word: its settings are still here. */
  isAgain: boolean
  /** In the place of the old ones. */
  apply(): Promise<void>
  /** From here on there may be a whole copy: the next attempt is to know it by these settings. */
  keep(): void
  /** Unless they were applied, or kept. */
  forget(): Promise<void>
}

/** @throws ConfigProblem where a deployment with these could not start. */
export async function settingsWith(
  service: MovedService,
  database: string,
  { config: as, configFile, overrides }: Deployment,
  { ports }: Context,
): Promise<MovedSettings> {
  const written = JSON.parse(String(await ports.files.readFile(configFile)))
  const beside = join(dirname(configFile), `${basename(configFile)}.moved`)
  const before = await readIfThere(ports.files, beside)
  const isAgain = before !== undefined && JSON.parse(String(before))[service]?.database === database
  let isKept = isAgain
  const write = () => ports.files.replace(beside, `${JSON.stringify(written, undefined, 2)}\n`, { mode: 0o640 })
  const section = Object.assign(written[service], { database })
  await write()
  try {
    let config = await loadConfig(beside, ports, overrides)
    // What stood beside the file of the database stays where it is.
    const { folder } = as[service]
    if (config[service].folder !== folder) section.folder = folder
    const documentsFolder = documentsFolderOf(as.repository)
    if (documentsFolderOf(config.repository) !== documentsFolder) section.documentsFolder = documentsFolder
    await write()
    config = await loadConfig(beside, ports, overrides)
    return {
      config,
      isAgain,
      apply: () => ports.files.rename(beside, configFile),
      keep: () => {
        isKept = true
      },
      forget: async () => {
        if (!isKept) await ports.files.remove(beside)
      },
    }
  } catch (problem) {
    if (!isKept) await ports.files.remove(beside)
    throw problem
  }
}
