// A file of its own that says where an object storage is, for commands that no carnet.json tells: the settings of `repository.objectStorage`.
import { dirname, resolve } from 'node:path'
import type { Files } from '../ports/files.js'
import { isLoopback } from './contradictions.js'
import { inWords } from './faults.js'
import { type ObjectStorageConfig, objectStorage } from './repository-config.js'

export class StorageFileProblem extends Error {
  override name = 'StorageFileProblem'
}

/** Paths in it are read relative to its folder. @throws StorageFileProblem */
export async function readStorageFile(path: string, files: Pick<Files, 'readFile'>): Promise<ObjectStorageConfig> {
  const wrong = (why: string) => new StorageFileProblem(`${path} cannot be used: ${why}`)
  let written: unknown
  try {
    written = JSON.parse(String(await files.readFile(path)))
  } catch (problem) {
    throw wrong(problem instanceof SyntaxError ? 'it is not JSON' : `it cannot be read (${codeOf(problem)})`)
  }
  const read = objectStorage.safeParse(written)
  if (!read.success) throw wrong(inWords(read.error, 'setting of an object storage').join('; '))
  const { endpoint, credentials, ca } = read.data
  const { protocol, hostname } = new URL(endpoint)
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw wrong('endpoint must begin with https:// unless it is on this machine')
  const at = (named: string) => resolve(dirname(path), named)
  return { ...read.data, credentials: at(credentials), ...(ca === undefined ? {} : { ca: at(ca) }) }
}

const codeOf = (problem: unknown) => (problem as { code?: unknown }).code ?? 'unknown reason'
