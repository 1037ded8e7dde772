// The key with which a development deployment signs assertions of its own. Its certificate says what it is, so that no production
// deployment believes it.
import { join } from 'node:path'
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import type { Randomness } from '../ports/randomness.js'
import { validFor } from './development.js'
import { issueSelfSigned, newKey } from './issue.js'

/** As the assertions name it. */
export const developmentIssuer = 'urn:carnet:development:xua'

export const issuerFiles = { key: 'xua-issuer.key', cert: 'xua-issuer.pem' } as const

export interface DevelopmentIssuer {
  /** That of the certificates. */
  folder: string
  clock: Clock
  files: Files
  randomness: Randomness
}

const validDays = 825

/** Makes key and certificate where one of them is missing, and names the files made. */
export async function makeDevelopmentIssuer({
  folder,
  files,
  clock,
  randomness,
}: DevelopmentIssuer): Promise<string[]> {
  const present = await Promise.all(Object.values(issuerFiles).map(name => files.stat(join(folder, name))))
  if (!present.includes(undefined)) return []
  await files.makeFolder(folder)
  const key = await newKey()
  const cert = issueSelfSigned(key, 'xua-issuer', validFor(validDays, clock), randomness)
  await files.replace(join(folder, issuerFiles.key), key, { mode: 0o600 })
  await files.replace(join(folder, issuerFiles.cert), cert, { mode: 0o644 })
  return Object.values(issuerFiles)
}
