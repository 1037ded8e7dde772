// A bucket for tests: of a played storage or of a real one.
import { systemClock } from '../../ports/clock.js'
import { systemNetwork } from '../../ports/network/system-network.js'
import { systemRandomness } from '../../ports/randomness.js'
import { type OpenBucket, openBucket } from '../../s3/bucket.js'
import type { Credentials } from '../../s3/signature.js'

export const testCredentials: Credentials = { accessKeyId: 'test', secretAccessKey: 'secret-of-the-test' }

/** Pauses take no time, and are counted. */
export function hastyClock() {
  const pauses: number[] = []
  return { ...systemClock, pauses, sleep: async (delayMs: number) => void pauses.push(delayMs) }
}

export function aBucket(options: Partial<OpenBucket> & { endpoint: string }) {
  const client = options.client ?? systemNetwork.httpClient()
  const bucket = openBucket({
    bucket: 'bucket',
    prefix: 'documents',
    region: 'us-east-1',
    pathStyle: true,
    credentials: { current: async () => testCredentials, forget() {} },
    encryption: { by: 'none' },
    client,
    clock: hastyClock(),
    randomness: systemRandomness,
    timeoutMs: 10_000,
    patienceMs: 30_000,
    ...options,
  })
  return { ...bucket, close: () => client.close() }
}
