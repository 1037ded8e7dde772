// Whether this process can open anything more. Where it cannot, connections are accepted and ended by the system in one breath, and
// no event tells of it: whoever knocks sees a broken connection, and here nothing happens. So somebody has to try.
import { everyOnceDone } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import type { Check } from './health.js'
import type { Log } from './log.js'

export interface FileHandles {
  checks(): Check[]
  close(): void
}

export interface WatchFileHandles {
  /** One that is there. */
  file: string
  ports: Pick<Ports, 'clock' | 'files'>
  log: Pick<Log, 'error' | 'info'>
  /** Called at each look at which nothing could be opened. */
  missed(): void
}

const lookMs = 1_000
/** A shortage that lasts, or comes and goes, is told again. */
const tellAgainMs = 60_000

export function watchFileHandles({ file, ports, log, missed }: WatchFileHandles): FileHandles {
  const { clock, files } = ports
  let shortage: { why: string; sinceMs: number; isTold: boolean } | undefined
  let toldMs = Number.NEGATIVE_INFINITY

  function short(why: string): void {
    const nowMs = clock.monotonicMs()
    missed()
    shortage ??= { why, sinceMs: nowMs, isTold: false }
    if (nowMs - toldMs < tellAgainMs) return
    toldMs = nowMs
    shortage.isTold = true
    const lasting = seconds(nowMs - shortage.sinceMs)
    log.error({ reason: why, seconds: lasting }, 'connections are lost: no more can be opened')
  }

  function enough(): void {
    if (shortage?.isTold) {
      const lasted = seconds(clock.monotonicMs() - shortage.sinceMs)
      log.info({ seconds: lasted }, 'files and connections can be opened again')
    }
    shortage = undefined
  }

  async function look(): Promise<void> {
    const { opened, why } = await files.open(file).then(
      opened => ({ opened, why: undefined }),
      problem => ({ opened: undefined, why: shortages[problem?.code as string] }),
    )
    await opened?.close()
    if (why === undefined) enough()
    else short(why)
  }

  const looking = everyOnceDone(clock, lookMs, look, () => undefined)
  return {
    checks: () => (shortage === undefined ? [] : [{ name: 'file handles', ok: false, reason: shortage.why }]),
    close: () => looking.cancel(),
  }
}

const seconds = (ms: number) => Math.round(ms / 1_000)

/** Whatever else keeps this file from being opened is not what is asked here. */
const shortages: Readonly<Record<string, string>> = {
  EMFILE: 'this process has as many files and connections open as it may (LimitNOFILE, ulimit -n)',
  ENFILE: 'this host has as many files open as it may',
}
