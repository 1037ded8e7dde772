// Who writes to a bucket says so in it, for some minutes at a time: two that make backups in one place would each take documents of the other for
// nobody's. A storage knows no lock that ends with its process; a file on the machine of whoever writes is one, and tells others there that he is gone.
import { basename, dirname, join } from 'node:path'
import { isoOf } from '../../ports/clock.js'
import { readIfThere } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import type { Bucket } from '../../s3/bucket.js'
import { type Lock, takeLock } from '../../store/lock.js'
import { asStorageFailure } from './storage-failure.js'

export interface Lease {
  release(): void | Promise<void>
}

/** Why somebody has to wait, in words. */
export interface Taken {
  taken: string
}

const leaseKey = 'carnet-backup.lease'
const leaseMs = 5 * 60_000
const renewMs = 60_000
/** So long another who has begun at the same moment has time to be seen. */
const doubtMs = 1_000
const mostBytes = 4_096

type Needed = Pick<Ports, 'clock' | 'files' | 'processes' | 'randomness'>
type Place = Pick<Bucket, 'put' | 'get' | 'erase'>

interface Said {
  /** Nobody else's name. */
  holder: string
  until: number
  /** A folder on the machine of the holder. */
  sign?: string
}

/**
 * `taken` says in words who has it and for how long at most. It is renewed until it is let go; after a crash on the same machine it can be taken
 * at once, from another when its time is over.
 */
export async function takeLease(bucket: Place, ports: Needed): Promise<Lease | Taken> {
  const { clock, processes, randomness } = ports
  const holder = `${processes.hostName}, process ${processes.pid}, ${randomness.uuid()}`
  const sign = await putUpSign(holder, ports)
  const said = async () => saidIn(await bucket.get(leaseKey, mostBytes))
  const say = () => {
    const saying: Said = { holder, until: clock.now() + leaseMs, sign: sign.folder }
    return bucket.put(leaseKey, Buffer.from(`${JSON.stringify(saying)}\n`))
  }
  try {
    const before = await said()
    if (before !== undefined && before.until > clock.now() && !(await isGone(before, sign.folder, ports))) {
      await sign.takeDown()
      return { taken: inWords(before, clock.now()) }
    }
    await say()
    await clock.sleep(doubtMs)
    const now = await said()
    if (now?.holder !== holder) {
      await sign.takeDown()
      return { taken: now === undefined ? 'somebody else has just ended; try again' : inWords(now, clock.now()) }
    }
  } catch (problem) {
    await sign.takeDown()
    throw asStorageFailure(problem)
  }
  // What cannot be renewed now is in a minute.
  const renewing = clock.every(renewMs, () => void say().catch(() => {}))
  return {
    async release() {
      renewing.cancel()
      await bucket.erase(leaseKey).catch(() => {})
      await sign.takeDown()
    },
  }
}

function inWords({ holder, until }: Said, nowMs: number): string {
  const seconds = Math.max(1, Math.ceil((until - nowMs) / 1000))
  const left = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${holder} has it; wait for its end, or, if it was killed on another machine, ${left} (until ${isoOf(until)})`
}

function saidIn(bytes: Buffer | undefined): Said | undefined {
  try {
    const { holder, until, sign } = JSON.parse(String(bytes)) as Record<keyof Said, unknown>
    if (typeof holder !== 'string' || typeof until !== 'number') return undefined
    return { holder, until, ...(typeof sign === 'string' ? { sign } : {}) }
  } catch {
    return undefined
  }
}

const signPrefix = 'carnet-lease-'
const nameFile = 'holder'
const lockFile = 'lock'

/** A folder that says whose it is, and in it a lock that ends with this process. */
async function putUpSign(holder: string, { files }: Needed): Promise<{ folder: string; takeDown(): Promise<void> }> {
  const folder = await files.temporaryFolder(signPrefix)
  await files.replace(join(folder, nameFile), holder, { mode: 0o600 })
  const lock = await takeLock(join(folder, lockFile))
  return {
    folder,
    async takeDown() {
      lock?.release()
      await files.removeFolder(folder)
    },
  }
}

/** Provably: his sign is on this machine, and its lock is nobody's any more. What a bucket says is believed of nothing else. */
async function isGone({ holder, sign }: Said, ours: string, { files }: Needed): Promise<boolean> {
  if (sign === undefined || dirname(sign) !== dirname(ours) || !basename(sign).startsWith(signPrefix)) return false
  if (String(await readIfThere(files, join(sign, nameFile))) !== holder) return false
  const lock: Lock | undefined = await takeLock(join(sign, lockFile))
  if (lock === undefined) return false
  lock.release()
  await files.removeFolder(sign)
  return true
}
