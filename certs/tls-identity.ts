// Key, certificate and CA of a service, out of their files and judged: for whoever starts one, and for whoever looks again while it runs.
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import { tlsProblems } from './read.js'

export interface TlsPaths {
  key: string
  cert: string
  ca: string
}

/** In one sentence that names the file. */
export class UnusableTls extends Error {
  /** @param isUnfit the files are there, but do not belong together or are not valid now */
  constructor(
    message: string,
    readonly isUnfit: boolean,
  ) {
    super(message)
  }
}

/** @throws UnusableTls */
export async function readTlsIdentity(
  paths: TlsPaths,
  { files, clock }: { files: Files; clock: Pick<Clock, 'now'> },
): Promise<Record<keyof TlsPaths, Buffer>> {
  const [key, cert, ca] = await Promise.all([paths.key, paths.cert, paths.ca].map(path => readOne(path, files)))
  const identity = { key: key!, cert: cert!, ca: ca! }
  const [problem] = tlsProblems(identity, clock.now())
  if (problem !== undefined) throw new UnusableTls(`${paths.cert} cannot be used: ${problem}`, true)
  return identity
}

function readOne(path: string, files: Files): Promise<Buffer> {
  return files.readFile(path).catch((problem: NodeJS.ErrnoException) => {
    throw new UnusableTls(`${path} ${words[problem.code ?? ''] ?? `cannot be read (${problem.code})`}`, false)
  })
}

const forbidden = 'may not be read by this user: change its owner or its rights'
const words: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: forbidden,
  EPERM: forbidden,
}
