// Certificates of deployments, made once for all tests: keys of RSA take seconds each time. `npm test` has them made before its processes
// begin (scripts/test.js); a process of mocha alone makes its own.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDevelopmentCertificates } from '../../certs/development.js'
import { makeDevelopmentIssuer } from '../../certs/development-issuer.js'
import { systemPorts } from '../../ports/ports.js'
import { atExit } from '../house/at-exit.js'

/** All of one community have one CA; another has another. */
export type Community = 'here' | 'there'

const made = new Map<Community, Promise<string>>()

/** Into a data folder that is about to be prepared or started, which then finds them there. */
export async function giveCertificates(dataFolder: string, community: Community = 'here'): Promise<void> {
  if (!made.has(community)) made.set(community, existing(community) ?? makeForThisProcess())
  cpSync(await made.get(community)!, join(dataFolder, 'certs'), { recursive: true })
}

/** Those of both, each in a folder of its name. */
export async function makeCertificates(folder: string): Promise<void> {
  await Promise.all((['here', 'there'] as const).map(community => make(join(folder, community))))
}

function existing(community: Community): Promise<string> | undefined {
  const folder = join(process.env.CARNET_TEST_CERTIFICATES ?? 'nowhere', community)
  return existsSync(folder) ? Promise.resolve(folder) : undefined
}

async function makeForThisProcess(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-certificates-'))
  atExit(() => rmSync(folder, { recursive: true, force: true }))
  return make(folder)
}

async function make(folder: string): Promise<string> {
  await makeDevelopmentCertificates({ ...systemPorts, folder, hostName: systemPorts.processes.hostName })
  await makeDevelopmentIssuer({ ...systemPorts, folder })
  return folder
}
