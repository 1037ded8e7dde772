// Whose documents are below a prefix of a bucket, and which database began to keep them there: told by an object beside them.
import type { Bucket } from '../s3/bucket.js'
import { S3Problem } from '../s3/problem.js'
import { claimKey } from './object-storage.js'

export interface Claim {
  repositoryUniqueId: string
  /** Of a database that sweeps there: when the storage took the claim tells what may have been left by it. docs/decisions/0405 */
  database?: string | undefined
}

/** Says whose they are, or finds that they are another repository's. @throws S3Problem */
export async function claim(bucket: Bucket, { repositoryUniqueId, database }: Claim): Promise<void> {
  const said = await claimOf(bucket)
  if (said !== undefined) {
    assertOwner(said, repositoryUniqueId)
    if (database === undefined || claimIn(said).database === database) return
  }
  await bucket.put(claimKey, Buffer.from(`${JSON.stringify({ repositoryUniqueId, database })}\n`))
}

/** As it stands there; undefined where nothing does. */
export const claimOf = (bucket: Bucket) => bucket.get(claimKey, 4_096)

/** @throws S3Problem */
export function assertOwner(said: Buffer, repositoryUniqueId: string): void {
  const { repositoryUniqueId: owner } = claimIn(said)
  if (owner === repositoryUniqueId) return
  throw new S3Problem(
    'refused',
    `the documents below this prefix belong to the repository ${owner ?? 'that its carnet-repository.json does not name'}; choose another prefix`,
  )
}

function claimIn(said: Buffer): Partial<Claim> {
  try {
    const { repositoryUniqueId: owner, database } = JSON.parse(String(said)) as Record<string, unknown>
    return {
      ...(typeof owner === 'string' ? { repositoryUniqueId: owner } : {}),
      ...(typeof database === 'string' ? { database } : {}),
    }
  } catch {
    return {}
  }
}
