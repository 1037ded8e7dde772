// What a codec writes, as the other side would read it.
import type { Attachment, Encoded, SoapMessage, Spooled } from '../../soap/message.js'
import { parseXml } from '../../soap/xml.js'
import type { Codec } from '../../transactions/transaction.js'

/** The text of a body with its attachments inline, as a bare envelope has them. */
export async function inlineXml({ xml, attachments = [] }: Encoded): Promise<string> {
  const pieces = xml.map(async piece => {
    if (typeof piece === 'string' || Buffer.isBuffer(piece)) return String(piece)
    if ('open' in piece) return String(await bytesOf(piece.open()))
    const attachment = attachments.find(({ contentId }) => contentId === piece.attachment)
    if (attachment === undefined) throw new Error(`no attachment ${piece.attachment}`)
    return (await bytesOf(attachment.open())).toString('base64')
  })
  return (await Promise.all(pieces)).join('')
}

/** The text of a body with xop:Include where attachments belong. */
export function xopXml({ xml }: Encoded): string {
  const include = (contentId: string) =>
    `<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${encodeURIComponent(contentId)}"/>`
  return xml
    .map(piece => (typeof piece === 'object' && 'attachment' in piece ? include(piece.attachment) : String(piece)))
    .join('')
}

/** A message that has arrived, as far as codecs look at it. */
export function arrived(attachments: Attachment[] = []): SoapMessage {
  return {
    form: attachments.length > 0 ? 'MTOM' : 'plain',
    addressing: {},
    action: '',
    security: undefined,
    body: undefined,
    attachments: new Map(attachments.map(attachment => [attachment.contentId, attachment])),
  }
}

export function anAttachment(contentId: string, bytes: Buffer, contentType = 'application/pdf'): Attachment {
  return { contentId, contentType, content: aSpooled(bytes) }
}

export function aSpooled(bytes: Buffer): Spooled {
  return {
    ...{ sizeBytes: bytes.byteLength, sha1: '', sha256: '', chunkDigests: Buffer.alloc(0), bytes, path: undefined },
    keepAs: () => Promise.reject(new Error('in memory')),
    discard: () => Promise.resolve(),
  }
}

/** Written, sent as an MTOM package, read. */
export async function overTheWire<Value>(codec: Codec<Value>, value: Value): Promise<Value> {
  const encoded = codec.encode(value)
  const attachments: Attachment[] = []
  for (const { contentId, contentType, open } of encoded.attachments ?? []) {
    attachments.push(anAttachment(contentId, await bytesOf(open()), contentType))
  }
  return codec.decode(parseXml(xopXml(encoded)), arrived(attachments))
}

export function decodeText<Value>(codec: Codec<Value>, xml: string, message: SoapMessage = arrived()): Value {
  return codec.decode(parseXml(xml), message)
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
