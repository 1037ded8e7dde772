// Certificates of a deployment, made once for all tests of a process: keys of RSA and what Java reads take seconds each time.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDevelopmentCertificates } from '../../certs/development.js'
import { makeDevelopmentIssuer } from '../../certs/development-issuer.js'
import { systemPorts } from '../../ports/ports.js'
import { atExit } from '../house/at-exit.js'

let made: Promise<string> | undefined

/** Into a data folder that is about to be prepared, which then finds them there. All that are given some have one CA. */
export async function giveCertificates(dataFolder: string): Promise<void> {
  made ??= make()
  cpSync(await made, join(dataFolder, 'certs'), { recursive: true })
}

async function make(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-certificates-'))
  atExit(() => rmSync(folder, { recursive: true, force: true }))
  await makeDevelopmentCertificates({ ...systemPorts, folder, hostName: systemPorts.processes.hostName })
  await makeDevelopmentIssuer({ ...systemPorts, folder })
  return folder
}
