// Who writes to a bucket says so in it, for some minutes at a time: two that make backups in one place would each take documents of the other for
// nobody's. A storage knows no lock that ends with its process.
import type { Clock } from '../ports/clock.js'
import type { Bucket } from '../s3/bucket.js'
import { asStorageFailure } from './storage-failure.js'

export interface Lease {
  release(): void | Promise<void>
}

const leaseKey = 'carnet-backup.lease'
const leaseMs = 5 * 60_000
const renewMs = 60_000
/** So long another who has begun at the same moment has time to be seen. */
const doubtMs = 1_000
const mostBytes = 4_096

/** Undefined while somebody else has it. `holder` is nobody else's name. */
export async function takeLease(
  bucket: Pick<Bucket, 'put' | 'get' | 'erase'>,
  holder: string,
  { clock }: { clock: Clock },
): Promise<Lease | undefined> {
  const said = async () => holderIn(await bucket.get(leaseKey, mostBytes))
  const say = () => bucket.put(leaseKey, Buffer.from(`${JSON.stringify({ holder, until: clock.now() + leaseMs })}\n`))
  try {
    const before = await said()
    if (before !== undefined && before.until > clock.now()) return undefined
    await say()
    await clock.sleep(doubtMs)
    if ((await said())?.holder !== holder) return undefined
  } catch (problem) {
    throw asStorageFailure(problem)
  }
  // What cannot be renewed now is in a minute.
  const renewing = clock.every(renewMs, () => void say().catch(() => {}))
  return {
    async release() {
      renewing.cancel()
      await bucket.erase(leaseKey).catch(() => {})
    },
  }
}

function holderIn(bytes: Buffer | undefined): { holder: string; until: number } | undefined {
  try {
    const { holder, until } = JSON.parse(String(bytes)) as { holder?: unknown; until?: unknown }
    return typeof holder === 'string' && typeof until === 'number' ? { holder, until } : undefined
  } catch {
    return undefined
  }
}
