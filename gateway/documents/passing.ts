// Documents on their way through a gateway, to whoever asked, as they come: held against what was told of them, their last bytes kept
// until all is as it was told. docs/decisions/0328.
import { createHash } from 'node:crypto'
import type { Exchange } from '../../server/actor.js'
import { NotTaken } from '../../soap/arriving-parts.js'
import type { ToldDocument } from '../../transactions/communities/foreign-documents.js'
import type { RetrievedDocument } from '../../transactions/xds-messages.js'
import type { Arriving } from '../onward.js'

/** What nobody has taken of an answer when ours has left is broken off. */
export function heldFor<Answer extends Pick<Arriving<unknown>, 'discard'>>(
  answer: Answer,
  { afterwards }: Pick<Exchange, 'afterwards'>,
): Answer {
  afterwards?.(() => void answer.discard(new NotTaken('nobody took the rest of the answer')))
  return answer
}

/** As a document of a community; its bytes are given once, and forgotten with the last of them. */
export function passedOn<Document extends RetrievedDocument>(document: Document, homeCommunityId: string): Document {
  const passing = Object.assign({}, document, {
    homeCommunityId,
    async *open() {
      try {
        yield* document.open()
      } finally {
        await document.discard?.().catch(() => {})
      }
    },
  })
  return passing
}

/**
 * A document of which something was told before: its last bytes are held back until all of it is what was told. `refuse` is told what is
 * wrong, and throws.
 */
export function heldAgainst<Document extends RetrievedDocument>(
  document: Document,
  told: ToldDocument,
  refuse: (why: string) => Promise<never>,
): Document {
  return Object.assign({}, document, {
    sizeBytes: document.sizeBytes ?? told.sizeBytes,
    async *open() {
      const sha1 = createHash('sha1')
      let sizeBytes = 0
      let last: Uint8Array | undefined
      for await (const piece of document.open()) {
        sizeBytes += piece.byteLength
        if (told.sizeBytes !== undefined && sizeBytes > told.sizeBytes) await refuse(longer(told.sizeBytes))
        sha1.update(piece)
        if (last !== undefined) yield last
        last = piece
      }
      const why = contradiction({ sizeBytes, sha1: sha1.digest('hex') }, told)
      if (why !== undefined) await refuse(why)
      if (last !== undefined) yield last
    },
  })
}

/** What was told and is not so; undefined where all is as told. */
export function contradiction(found: Partial<ToldDocument>, told: ToldDocument): string | undefined {
  const { sizeBytes, sha1 } = found
  if (sizeBytes !== undefined && told.sizeBytes !== undefined && sizeBytes !== told.sizeBytes) {
    return `it has ${sizeBytes} bytes, and ${told.sizeBytes} by its entry`
  }
  if (sha1 === undefined || told.sha1 === undefined || sha1 === told.sha1) return undefined
  return `its hash is ${sha1}, and ${told.sha1} by its entry`
}

const longer = (sizeBytes: number) => `it has more than the ${sizeBytes} bytes of its entry`
