// What the first start makes: the data folder, development certificates and carnet.json. Nothing that is there is overwritten.
import { join } from 'node:path'
import { makeDevelopmentCertificates } from '../../certs/development.js'
import { makeDevelopmentIssuer } from '../../certs/development-issuer.js'
import { firstConfig } from '../../config/defaults.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'

export interface Prepared {
  configFile: string
  /** Names of the files made, below the data folder. */
  made: string[]
}

/** @throws Failure where it cannot be made */
export async function makeDataFolder(folder: string, { ports }: Context): Promise<void> {
  await ports.files.makeFolder(folder).catch((problem: NodeJS.ErrnoException) => {
    throw new Failure(
      'configuration',
      `The data folder ${folder} cannot be made (${problem.code}); choose another with --data, or change its permissions.`,
    )
  })
}

/** Safe to call again: a second start finds all there. @throws Failure where the folder has databases and no carnet.json, or cannot be made. */
export async function prepare(folder: string, context: Context): Promise<Prepared> {
  const { files, randomness } = context.ports
  await makeDataFolder(folder, context)
  const configFile = join(folder, 'carnet.json')
  const isFirst = (await files.stat(configFile)) === undefined
  if (isFirst) await assertNothingIsThere(folder, context)
  if (isFirst)
    await files.replace(configFile, `${JSON.stringify(firstConfig(randomness), undefined, 2)}\n`, { mode: 0o640 })
  const certificates = (await usesOwnCertificates(folder, isFirst, context))
    ? await makeCertificates(join(folder, 'certs'), context)
    : []
  return {
    configFile,
    made: [...(isFirst ? ['carnet.json'] : []), ...certificates.map(name => `certs/${name}`)],
  }
}

/** A new repositoryUniqueId would make documents of an old one nobody's. */
async function assertNothingIsThere(folder: string, { ports }: Context): Promise<void> {
  const databases = (await ports.files.list(folder)).filter(name => name.endsWith('.sqlite'))
  if (databases.length === 0) return
  throw new Failure(
    'configuration',
    `${folder} has databases (${databases.join(', ')}) and no carnet.json. Put the one back that they were made with, a backup has it; or choose a new folder with --data.`,
  )
}

async function makeCertificates(folder: string, { ports }: Context): Promise<string[]> {
  const made = await makeDevelopmentCertificates({ ...ports, folder, hostName: ports.processes.hostName })
  return [...made, ...(await makeDevelopmentIssuer({ ...ports, folder }))]
}

// A production deployment brings its own certificates; ours would only be mistaken for them.
async function usesOwnCertificates(folder: string, isFirst: boolean, { ports }: Context): Promise<boolean> {
  if (isFirst) return true
  const written = String(await ports.files.readFile(join(folder, 'carnet.json')))
  return !/"mode"\s*:\s*"production"/.test(written)
}
