// Stretches of text that were kept one behind the other, as XML on its way out: in one piece where they are neighbours.
import type { Spooled } from '../soap/message.js'
import type { XmlPiece } from '../soap/xml.js'

export interface KeptXml {
  content: Spooled
  from: number
  to: number
}

/** Neighbours in the same content become one piece, so that a thousand objects of one answer are a handful of writes. The order stays. */
export function keptPieces(stretches: readonly KeptXml[]): XmlPiece[] {
  const joined: KeptXml[] = []
  for (const { content, from, to } of stretches) {
    const last = joined.at(-1)
    if (last?.content === content && last.to === from) last.to = to
    else joined.push({ content, from, to })
  }
  return joined.map(pieceOf)
}

function pieceOf({ content, from, to }: KeptXml): XmlPiece {
  if (content.bytes !== undefined) return content.bytes.subarray(from, to)
  return { aboutBytes: to - from, open: () => stretch(content, from, to) }
}

async function* stretch(content: Spooled, from: number, to: number): AsyncIterable<Uint8Array> {
  let at = 0
  for await (const piece of content.open?.() ?? []) {
    const start = Math.max(0, from - at)
    const end = Math.min(piece.byteLength, to - at)
    if (end > start) yield piece.subarray(start, end)
    at += piece.byteLength
    if (at >= to) return
  }
  throw new Error(`what was kept ends after ${at} bytes, before the ${to} that it had`)
}
