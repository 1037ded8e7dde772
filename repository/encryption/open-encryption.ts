// Encryption as the settings want it, checked before anything is served.
import type { RepositoryConfig } from '../../config/repository-config.js'
import type { Ports } from '../../ports/ports.js'
import { CannotStart } from '../../server/service.js'
import { type ContentStore, ContentUnreachable } from '../content-store.js'
import { keysInModule } from './key-module.js'
import { type KeyRing, keysInFile } from './key-ring.js'
import { type DocumentKeys, type KnownKeys, knownKeysIn } from './known-keys.js'
import { sealing } from './sealing.js'

export interface Encryption {
  keys: KeyRing
  known: KnownKeys
}

export interface OpenedEncryption {
  /** Undefined where the settings name no keys; then no document is encrypted either. */
  encryption: Encryption | undefined
  over(inner: ContentStore): ContentStore
}

/** @throws CannotStart */
export async function openEncryption(
  config: RepositoryConfig,
  documentKeys: DocumentKeys,
  ports: Ports,
): Promise<OpenedEncryption> {
  const known = knownKeysIn(documentKeys)
  const settings = config.encryption
  const keys = settings && (await keysOf(settings, ports))
  try {
    await known.check(keys)
    if (settings === undefined || keys === undefined) return { encryption: undefined, over: inner => inner }
    if (settings.newDocuments) await known.remember(keys)
    const { randomness } = ports
    return { encryption: { keys, known }, over: sealing({ keys, randomness, sealsNew: settings.newDocuments }) }
  } catch (problem) {
    await keys?.close()
    throw problem instanceof ContentUnreachable ? new CannotStart(problem.message) : problem
  }
}

async function keysOf(
  { keys, module }: NonNullable<RepositoryConfig['encryption']>,
  ports: Ports,
): Promise<KeyRing | undefined> {
  if (module !== undefined) return keysInModule(module, ports)
  return keys === undefined ? undefined : keysInFile(keys, ports)
}
