// The certificate of a command towards the services.
import { join, resolve } from 'node:path'
import { tlsProblems } from '../certs/read.js'
import type { TlsIdentity } from '../ports/network.js'
import type { Context } from './context.js'
import type { DeploymentOptions } from './deployment.js'
import { Failure } from './failure.js'

/** That of the data folder, or the one named by --cert and --key. */
export async function ourIdentity(
  folder: string,
  role: 'client' | 'admin',
  options: DeploymentOptions,
  context: Context,
): Promise<TlsIdentity> {
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new Failure('usage', 'give --cert and --key together.')
  }
  const at = (given: string | undefined, name: string) =>
    given === undefined ? join(folder, 'certs', name) : resolve(context.terminal.workingFolder, given)
  const [key, cert, ca] = await Promise.all([
    readPem(at(options.key, `${role}.key`), context),
    readPem(at(options.cert, `${role}.pem`), context),
    readPem(at(options.ca, 'ca.pem'), context),
  ])
  const [problem] = tlsProblems({ key, cert, ca }, context.ports.clock.now())
  if (problem !== undefined) {
    throw new Failure('configuration', `The certificate to call with cannot be used: ${problem}; run "carnet doctor".`)
  }
  return { key, cert, ca }
}

/** @throws Failure `configuration`, which says how certificates are made. */
export async function readPem(path: string, { ports }: Context): Promise<Buffer> {
  try {
    return await ports.files.readFile(path)
  } catch (problem) {
    const why = (problem as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw new Failure(
      'configuration',
      `${path} ${why}; run "carnet start" once to have development certificates made, or name yours with --cert, --key and --ca.`,
    )
  }
}
