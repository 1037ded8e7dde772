// The parts of a message that is still arriving: who has asked for one gets its bytes as they come. What nobody has come for waits, a
// little of it in memory, then on the disk, so that its sender is not kept waiting. docs/decisions/0328.
import type { Clock } from '../ports/clock.js'
import type { PartHead, PartSink } from './body-reader.js'
import { senderFault } from './fault.js'
import type { HandOver } from './hand-over.js'
import type { ArrivingPart, Attachment, Spooled } from './message.js'
import { partTakers, type Taker } from './part-takers.js'
import { openReadAhead, type ReadAheadInto } from './read-ahead.js'
import { attachmentFor } from './xop.js'

export interface ArrivingParts {
  sinkFor(part: PartHead, attachments: Map<string, Attachment>): PartSink
  /** Gives the part that a reference is to, wherever in the message it comes. */
  arriving(attachments: ReadonlyMap<string, Attachment>): (reference: string) => ArrivingPart
  /** Resolves when as much has been read ahead as may be. */
  haveRead: Promise<void>
  /** All that is still to come goes to the disk. */
  keep(): void
  /** Of what was asked for, nothing is still to come. */
  isServed(): boolean
  readonly state: 'arriving' | 'over' | { problem: Error }
  /** All has come. @throws SoapFault where something was referred to and did not */
  end(): void
  breakOff(problem: Error): void
}

/** Nobody wanted the rest: the sender is not to blame that it did not come. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken'
}

export interface OpenArrivingParts extends ReadAheadInto {
  clock: Pick<Clock, 'after'>
  /** Whoever took a part went away in the middle of it. */
  gone(): void
}

/** When nobody has come for so long, what is there goes to the disk. */
const idleMs = 1_000
/** Of parts that nothing refers to. */
const mostSurplusBytes = 1_048_576

/**
 * For one message. Parts may be asked for before or after they come, each once. A part that nothing refers to is passed over, up to 1 MiB in all;
 * whatever nobody has come for in a second goes to the disk, within the bounds of the spool.
 */
export function openArrivingParts(options: OpenArrivingParts): ArrivingParts {
  const { clock, gone } = options
  const takers = partTakers()
  const ahead = openReadAhead(options, takers.areInTheWay)
  let surplusBytes = 0
  let wake = () => {}
  const parts: ArrivingParts & { state: ArrivingParts['state'] } = {
    haveRead: ahead.ended,
    state: 'arriving',
    sinkFor,
    arriving: attachments => reference => {
      const taker = takers.add(reference)
      return { open: () => taken(taker, attachments) }
    },
    keep() {
      ahead.keep()
      wake()
    },
    isServed: () => parts.state === 'over' || takers.areServed(),
    end() {
      parts.state = 'over'
      const missing = takers.withoutPart()
      if (missing !== undefined) throw senderFault(`no MIME part has the Content-ID of ${missing.reference}`)
    },
    breakOff(problem) {
      // The first reason counts: others follow from it.
      if (typeof parts.state !== 'object') parts.state = { problem }
      takers.breakOff(problem)
      wake()
    },
  }

  /** Resolves when somebody has come for a part, or nobody has for a while. */
  async function change(): Promise<void> {
    ahead.end()
    const idle = clock.after(idleMs, () => {
      ahead.putAside()
      wake()
    })
    await new Promise<void>(resolve => {
      wake = resolve
    })
    idle.cancel()
  }

  function drop(bytes: Buffer): void {
    surplusBytes += bytes.length
    if (surplusBytes > mostSurplusBytes) {
      throw senderFault(`more than ${mostSurplusBytes} bytes come in parts that nothing refers to`)
    }
  }

  function sinkFor({ contentId, contentType }: PartHead, attachments: Map<string, Attachment>): PartSink {
    const waiting = ahead.part()
    let mine: Taker | undefined

    /** Whoever is here for this part. */
    function taker(): Taker | undefined {
      mine ??= takers.waitingFor(contentId)
      if (mine !== undefined) mine.hasPart = true
      return mine?.isHere === true ? mine : undefined
    }
    return {
      async write(bytes) {
        for (;;) {
          if (typeof parts.state === 'object') throw parts.state.problem
          const to = taker()
          if (to !== undefined) {
            if (waiting.hasBytes()) await handAll(await waiting.take(), to.handOver)
            return to.handOver.put(bytes)
          }
          if (ahead.hasEnded() && mine === undefined) return drop(bytes)
          if (await waiting.add(bytes)) return
          await change()
        }
      },
      async end() {
        const isServed = taker() !== undefined
        if (ahead.hasEnded() && mine === undefined) return waiting.abort()
        if (!isServed) waiting.begin()
        const content = await waiting.take()
        // Somebody may have come meanwhile.
        const to = taker()
        if (mine !== undefined) mine.isServed = true
        if (to === undefined && content !== undefined) attachments.set(contentId, { contentId, contentType, content })
        if (to === undefined) return
        await handAll(content, to.handOver)
        to.handOver.end()
      },
      abort: waiting.abort,
    }
  }

  async function* taken(taker: Taker, attachments: ReadonlyMap<string, Attachment>): AsyncGenerator<Uint8Array> {
    if (taker.isHere) throw new Error('the bytes of a part that is arriving are given once')
    taker.isHere = true
    const kept = attachmentFor(taker.reference, attachments)
    let isWhole = false
    wake()
    try {
      if (kept !== undefined) yield* kept.content.open?.() ?? []
      else if (typeof parts.state === 'object') throw parts.state.problem
      else yield* taker.handOver.pieces()
      isWhole = true
    } finally {
      await kept?.content.discard()
      if (!isWhole) {
        parts.breakOff(new NotTaken('whoever asked went away before the end'))
        gone()
      }
    }
  }

  return parts
}

async function handAll(content: Spooled | undefined, to: HandOver): Promise<void> {
  if (content === undefined) return
  try {
    for await (const piece of content.open?.() ?? []) await to.put(piece)
  } finally {
    await content.discard()
  }
}
