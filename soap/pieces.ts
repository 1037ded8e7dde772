// From many small strings to few large buffers: each write to a TLS socket costs what kilobytes cost.
import type { OutgoingAttachment } from './message.js'
import type { StreamedXml } from './xml.js'

/** A stretch of a message: text, bytes, or bytes that are opened when their turn comes. */
export type Section = string | Buffer | Announced | StreamedXml
type Announced = Pick<OutgoingAttachment, 'sizeBytes' | 'open' | 'contentId'>

/** Pieces are made about as large as this; what is larger goes as it is. */
const pieceBytes = 65_536

/** Undefined where nobody can tell before it is sent. */
export function sizeOf(sections: readonly Section[]): number | undefined {
  let sizeBytes = 0
  for (const section of sections) {
    if (typeof section === 'string') sizeBytes += Buffer.byteLength(section)
    else if (Buffer.isBuffer(section)) sizeBytes += section.length
    else if (isAnnounced(section) && section.sizeBytes !== undefined) sizeBytes += section.sizeBytes
    else return undefined
  }
  return sizeBytes
}

/** All at once where nothing has to be opened, so that a small answer is one write. */
export function inPieces(sections: readonly Section[]): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const ready = sections.filter(section => typeof section === 'string' || Buffer.isBuffer(section))
  return ready.length === sections.length ? readyPieces(ready) : openedPieces(sections)
}

function readyPieces(sections: readonly (string | Buffer)[]): Uint8Array[] {
  const gather = gatherer()
  return [...sections.flatMap(section => gather.add(section)), ...gather.end()]
}

async function* openedPieces(sections: readonly Section[]): AsyncIterable<Uint8Array> {
  const gather = gatherer()
  for (const section of sections) {
    if (typeof section === 'string' || Buffer.isBuffer(section)) yield* gather.add(section)
    else for await (const bytes of isAnnounced(section) ? exactly(section) : section.open()) yield* gather.add(bytes)
  }
  yield* gather.end()
}

function isAnnounced(section: Announced | StreamedXml): section is Announced {
  return 'sizeBytes' in section
}

/** The bytes of an attachment, as many as were announced where they were: a length has been promised to the partner then. */
async function* exactly({ contentId, sizeBytes, open }: Announced): AsyncIterable<Uint8Array> {
  let sent = 0
  for await (const bytes of open({ reusing: true })) {
    sent += bytes.byteLength
    if (sizeBytes !== undefined && sent > sizeBytes) break
    yield bytes
  }
  if (sizeBytes !== undefined && sent !== sizeBytes)
    throw new Error(`attachment ${contentId} does not have the ${sizeBytes} bytes that were announced`)
}

/** Collects until a piece is worth sending. */
function gatherer(): { add(section: string | Uint8Array): Uint8Array[]; end(): Uint8Array[] } {
  let text = ''
  let buffers: Uint8Array[] = []
  let bytes = 0

  const endText = (): void => {
    if (text === '') return
    buffers.push(Buffer.from(text))
    text = ''
  }
  const take = (): Uint8Array[] => {
    endText()
    const taken = buffers.length > 1 ? [Buffer.concat(buffers)] : buffers
    buffers = []
    bytes = 0
    return taken
  }
  return {
    add(section) {
      // Counting a character as a byte is near enough for a target.
      bytes += section.length
      if (typeof section === 'string') text += section
      else if (section.length >= pieceBytes) return [...take(), section]
      else {
        endText()
        buffers.push(section)
      }
      return bytes >= pieceBytes ? take() : []
    },
    end: take,
  }
}

/** An attachment as base64, encoded while it passes. */
export function base64Of({ contentId, sizeBytes, open }: OutgoingAttachment): Announced {
  return {
    contentId,
    sizeBytes: sizeBytes === undefined ? undefined : Math.ceil(sizeBytes / 3) * 4,
    open: () => base64Pieces(exactly({ contentId, sizeBytes, open })),
  }
}

/** Three bytes make four characters, so that one or two may have to wait for the next piece. */
async function* base64Pieces(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    const bytes = Buffer.concat([held, piece])
    const whole = bytes.length - (bytes.length % 3)
    held = bytes.subarray(whole)
    if (whole > 0) yield Buffer.from(bytes.toString('base64', 0, whole), 'latin1')
  }
  if (held.length > 0) yield Buffer.from(held.toString('base64'), 'latin1')
}
