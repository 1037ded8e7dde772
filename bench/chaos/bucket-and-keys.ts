// What makes a deployment move documents and wrap keys: a bucket where versitygw is installed, and two key-encryption keys.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { versitygwPath } from '../../test/s3/versitygw.js'
import { anObjectStorage, type Server } from './servers.js'

export async function aBucket(): Promise<Server | undefined> {
  return versitygwPath() === undefined ? undefined : anObjectStorage()
}

/** Documents stay in the folder at first; the bucket is where they may be moved. */
export function settingsOf(
  folder: string,
  bucket: Server | undefined,
  { repositoryUniqueId, resubmission }: { repositoryUniqueId: string; resubmission: string },
): void {
  const file = join(folder, 'carnet.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  rotateKeys(folder)
  const encryption = { keys: keysFile }
  const storage = bucket === undefined ? {} : { objectStorage: bucket.settings.repository?.objectStorage }
  // The judge counts versions of one document as one.
  config.registry = { ...config.registry, resubmission, versionsByUniqueId: 'latest' }
  config.repository = { ...config.repository, ...storage, repositoryUniqueId, resubmission, encryption }
  writeFileSync(file, JSON.stringify(config))
}

const keysFile = 'keys.json'

/** The other one is used for what is wrapped from now on, once the repository is started again. */
export function rotateKeys(folder: string): void {
  const file = join(folder, keysFile)
  const { current, keys } = keysIn(file)
  writeFileSync(file, JSON.stringify({ current: current === 'one' ? 'two' : 'one', keys }), { mode: 0o600 })
}

function keysIn(file: string): { current: string; keys: Record<string, string> } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    const key = () => randomBytes(32).toString('base64')
    return { current: 'two', keys: { one: key(), two: key() } }
  }
}
