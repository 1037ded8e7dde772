// Whatever can go wrong in a command, as a Failure: one sentence and what to do next.
import { DomainProblem } from '../config/domain-folder.js'
import { ListFileProblem } from '../config/list-file.js'
import { ConfigProblem } from '../config/load.js'
import type { RegistryError } from '../metadata/model.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { type DeploymentOptions, dataFlag } from './deployment.js'
import { Failure } from './failure.js'
import { handshakeInWords, isOfNetwork } from './handshake-words.js'

/** Whatever is not foreseen comes with its stack, for whoever mends it; nothing else does. */
export function failureOf(problem: unknown): Failure {
  if (problem instanceof Failure) return problem
  if (problem instanceof ConfigProblem || problem instanceof DomainProblem) {
    return new Failure('configuration', problem.message)
  }
  if (problem instanceof ListFileProblem) {
    return new Failure('configuration', `${problem.message}; correct it, or move the file away.`)
  }
  if (problem instanceof SoapFault) {
    return new Failure('refused', `The service refused the message (${problem.code}): ${problem.message}`)
  }
  if (problem instanceof PartnerUnavailable) {
    return new Failure(
      'unreachable',
      `${problem.message}; see that it runs ("npm start") and what "carnet doctor" says.`,
    )
  }
  const { code, message, path } = problem as NodeJS.ErrnoException
  if (code !== undefined && code in fileProblems && path !== undefined) {
    return new Failure('usage', `${path} ${fileProblems[code]}.`)
  }
  if (code !== undefined && ofTheDisk.includes(code)) return new Failure('usage', `A file ${fileProblems[code]}.`)
  if (isOfNetwork(code)) {
    const { address, port } = problem as { address?: string; port?: number }
    const where = address === undefined ? 'A service' : `The service at ${address}:${port}`
    const why = handshakeInWords({ code, message })
    return new Failure('unreachable', `${where} gave no answer: ${why}; "carnet doctor" looks closer.`)
  }
  return new Failure('unforeseen', `Unforeseen: ${(problem as Error)?.stack ?? message ?? String(problem)}`)
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the name',
  EACCES: 'may not be read or written by this user; change its permissions or choose another place',
  EISDIR: 'is a folder; name a file',
  EEXIST: 'is there already, as something else than is needed; choose another place',
  ENOTDIR: 'lies below a file that is no folder; choose another place',
  ENOSPC: 'could not be written: the disk is full; free some space',
  EROFS: 'is on a file system that cannot be written; choose another place',
  EIO: 'could not be read or written: its disk reports an error; see what the system says of it (dmesg)',
}

/** On a file that is open already they come without a path. */
const ofTheDisk = ['ENOSPC', 'EROFS', 'EIO']

/** A RegistryResponse that says no becomes a Failure with all its errors, and the command that says more of them. */
export function assertSuccess(
  response: RegistryResponse,
  what: string,
  traceId: string,
  options: DeploymentOptions,
): void {
  if (response.status === 'Success') return
  const errors = response.errors.filter(error => error.severity !== 'Warning')
  throw new Failure(
    'refused',
    [
      `${what} was refused:`,
      ...errors.map(lineOf),
      `(trace ${traceId}: "carnet explain ${traceId}${dataFlag(options)}" says more)`,
    ].join('\n'),
  )
}

/** One line, indented, below a sentence. */
export function lineOf({ errorCode, codeContext, location }: RegistryError): string {
  return `  ${errorCode}: ${codeContext}${location === undefined || location === '' ? '' : ` [${location}]`}`
}
