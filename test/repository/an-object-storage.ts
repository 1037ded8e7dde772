// An object storage for repositories in tests: played, with a watch that listens.
import { systemClock } from '../../ports/clock.js'
import { claimKey } from '../../repository/object-storage.js'
import { watchStorage } from '../../repository/storage-watch.js'
import type { Bucket } from '../../s3/bucket.js'
import { aBucket } from '../s3/a-bucket.js'
import { aStorage, type FakeStorage } from '../s3/fake-storage.js'

export const target = { bucket: 'bucket', prefix: 'documents' }

export async function anObjectStorage(options: Partial<Parameters<typeof aBucket>[0]> = {}) {
  const storage: FakeStorage = await aStorage()
  const buckets = new Map<string, Bucket & { close(): void }>()
  const news: (string | undefined)[] = []
  const bucketAt = ({ bucket, prefix }: typeof target) => {
    const name = `${bucket}/${prefix}`
    const opened = buckets.get(name) ?? aBucket({ endpoint: storage.endpoint, bucket, prefix, ...options })
    buckets.set(name, opened)
    return opened
  }
  const watch = watchStorage({
    clock: systemClock,
    probe: () => bucketAt(target).probe(claimKey),
    told: problem => void news.push(problem),
  })
  return {
    storage,
    bucketAt,
    watch,
    /** What the watch has told. */
    news,
    /** Keys of documents. */
    keys: () => [...storage.objects.keys()].filter(key => !key.endsWith(claimKey)),
    async close() {
      for (const bucket of buckets.values()) bucket.close()
      await storage.close()
    },
  }
}
