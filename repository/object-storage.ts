// The object storage of a deployment: its buckets, and whether it answers.

import type { BucketPlace } from '../config/documents-place.js'
import type { ObjectStorageConfig } from '../config/repository-config.js'
import type { Ports } from '../ports/ports.js'
import { type Bucket, openBucket } from '../s3/bucket.js'
import type { Encryption } from '../s3/checksums.js'
import { credentialsIn } from '../s3/credentials.js'
import { S3Problem } from '../s3/problem.js'
import { CannotStart } from '../server/service.js'
import { type StorageWatch, watchStorage } from './storage-watch.js'

export interface ObjectStorage {
  bucketAt(place: BucketPlace): Bucket
  watch: StorageWatch
  close(): void
}

export interface OpenObjectStorage {
  config: ObjectStorageConfig
  /** Where new documents go; undefined where they go elsewhere, and only older ones are here. */
  target: BucketPlace | undefined
  ports: Ports
  /** When it goes away, with the reason, and when it is back, without one. */
  told(problem: string | undefined): void
}

/** Says whose documents are below a prefix. */
export const claimKey = 'carnet-repository.json'

/** Opens no connection: whether the storage answers is for `watch` to find out. @throws CannotStart where the file of the CAs cannot be read */
export async function openObjectStorage({ config, target, ports, told }: OpenObjectStorage): Promise<ObjectStorage> {
  const { files, network, clock, randomness } = ports
  const trust = config.ca === undefined ? undefined : await openTrust(config.ca, ports)
  const client = network.httpClient(trust?.tls)
  trust?.onRenewed(tls => client.renewTls(tls))
  const credentials = credentialsIn(config.credentials, files)
  const { endpoint, region, pathStyle, timeoutMs, patienceMs } = config
  const buckets = new Map<string, Bucket>()

  function bucketAt({ bucket, prefix }: BucketPlace): Bucket {
    const name = `${bucket}/${prefix}`
    const known = buckets.get(name)
    if (known !== undefined) return known
    const opened = openBucket({
      ...{ endpoint, region, pathStyle, bucket, prefix, credentials, client, clock, randomness },
      ...{ encryption: encryptionOf(config), timeoutMs, patienceMs },
    })
    buckets.set(name, opened)
    return opened
  }

  let isClaimed = false
  async function probe(): Promise<void> {
    if (target === undefined) return
    const isThere = await bucketAt(target).probe(claimKey)
    if (isClaimed && !isThere)
      throw new S3Problem('away', `the object storage has lost ${claimKey}: it was emptied, or is another one`)
    isClaimed ||= isThere
  }

  return {
    bucketAt,
    watch: watchStorage({ clock, probe, told }),
    close() {
      trust?.close()
      client.close()
    },
  }
}

const lookMs = 2_000

/** The file of the CAs, read again when it changes, as those of partners are. */
async function openTrust(path: string, { files, clock }: Pick<Ports, 'files' | 'clock'>) {
  let ca = await trusted(path, files)
  let renewed: (tls: { ca: Buffer }) => void = () => {}
  async function look(): Promise<void> {
    const found = await files.readFile(path)
    if (found.length === 0 || found.equals(ca)) return
    renewed({ ca: found })
    ca = found
  }
  // While it is being replaced it may not be there, or be there in part.
  const looking = clock.every(lookMs, () => void look().catch(() => {}))
  return {
    tls: { ca },
    onRenewed(hear: typeof renewed) {
      renewed = hear
    },
    close: () => looking.cancel(),
  }
}

async function trusted(path: string, files: Pick<Ports['files'], 'readFile'>): Promise<Buffer> {
  try {
    return await files.readFile(path)
  } catch (problem) {
    throw new CannotStart(
      `repository.objectStorage.ca: ${path} cannot be read (${(problem as NodeJS.ErrnoException).code}); put the CA there`,
    )
  }
}

function encryptionOf({ encryption, kmsKey }: ObjectStorageConfig): Encryption {
  return encryption === 'aws:kms' ? { by: encryption, keyId: kmsKey } : { by: encryption }
}
