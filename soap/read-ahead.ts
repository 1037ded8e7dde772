// Where the bytes of parts wait that nobody has come for: at first a little of them in memory, then on the disk, so that their sender is not kept
// waiting. docs/decisions/0328.
import { deferred } from '../ports/promises.js'
import type { Spooled } from './message.js'
import { type Spool, SpoolFull, type SpoolWriter } from './spool.js'

export interface ReadAhead {
  /** Resolves when it has ended. */
  ended: Promise<void>
  hasEnded(): boolean
  /** As much has been read ahead as may be. */
  end(): void
  /** From here on what comes goes to the disk, while there is room. */
  putAside(): void
  /** All that is still to come does, and it breaks off where there is no room. */
  keep(): void
  part(): WaitingPart
}

/** What has come of a part. */
export interface WaitingPart {
  /** False where it may not wait: somebody has to come for it first. @throws SpoolFull where nobody can */
  add(bytes: Buffer): Promise<boolean>
  hasBytes(): boolean
  /** A part of no bytes has come, too. */
  begin(): void
  take(): Promise<Spooled | undefined>
  abort(): Promise<void>
}

export interface ReadAheadInto {
  /** For what is read ahead. */
  spool: Spool
  aheadBytes: number
  /** For what waits longer. */
  aside: Spool
}

/** `isInTheWay`: somebody waits for what comes later. */
export function openReadAhead({ spool, aheadBytes, aside }: ReadAheadInto, isInTheWay: () => boolean): ReadAhead {
  const { promise: ended, resolve: end } = deferred<void>()
  let isAhead = true
  let leftBytes = aheadBytes
  let goesAside = false
  let isKept = false
  let asideFull: SpoolFull | undefined

  function mayWait(bytes: Buffer): boolean {
    if (isAhead) return leftBytes >= bytes.length
    if (asideFull === undefined) return goesAside || isInTheWay()
    if (isKept || isInTheWay()) throw asideFull
    return false
  }

  function part(): WaitingPart {
    let writer: SpoolWriter | undefined
    return {
      async add(bytes) {
        if (!mayWait(bytes)) return false
        writer ??= (isAhead ? spool : aside).receive()
        try {
          await writer.write(bytes)
          leftBytes -= bytes.length
          return true
        } catch (problem) {
          if (!(problem instanceof SpoolFull)) throw problem
          asideFull = problem
          return mayWait(bytes)
        }
      },
      hasBytes: () => writer !== undefined,
      begin() {
        writer ??= spool.receive()
      },
      async take() {
        const content = await writer?.end()
        writer = undefined
        return content
      },
      async abort() {
        await writer?.abort()
      },
    }
  }

  return {
    ended,
    hasEnded: () => !isAhead,
    end() {
      isAhead = false
      end()
    },
    putAside() {
      goesAside = true
    },
    keep() {
      isKept = true
      goesAside = true
    },
    part,
  }
}
