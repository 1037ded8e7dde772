// A message kept in a file: an envelope, a bare request, or what was captured of HTTP with its header lines and parts.

import { namespaces } from '../soap/namespaces.js'
import { readMessage } from '../soap/read-message.js'
import type { Spool } from '../soap/spool.js'
import { openSpool } from '../soap/spool.js'
import { childOf, isElement, parseXml, type XmlElement } from '../soap/xml.js'
import type { Context } from './context.js'
import { Failure } from './failure.js'

const generousBytes = 256 * 1024 * 1024
const limits = {
  envelopeBytes: generousBytes,
  inlineDocumentBytes: generousBytes,
  attachmentBytes: generousBytes,
  attachments: 10_000,
}

/** The element in the SOAP Body, or the root of a bare request. */
export async function bodyOfMessage(file: Buffer, context: Context): Promise<XmlElement> {
  const { headers, body } = withoutHttp(file)
  const contentType = headers['content-type'] ?? multipartTypeOf(body)
  if (contentType?.toLowerCase().startsWith('multipart/')) return fromMultipart(contentType, body, context)
  const root = parsed(body)
  const envelope = isElement(root, namespaces.soap12, 'Envelope') ? namespaces.soap12 : namespaces.soap11
  if (!isElement(root, envelope, 'Envelope')) return root
  const [first] = childOf(root, envelope, 'Body')?.children ?? []
  if (first === undefined) throw new Failure('refused', 'The SOAP Body is empty; there is nothing to validate.')
  return first
}

function parsed(xml: Buffer): XmlElement {
  try {
    return parseXml(xml, { totalBytes: generousBytes, textBytes: generousBytes })
  } catch (problem) {
    throw new Failure('refused', `The message is no XML that a service would read: ${(problem as Error).message}.`)
  }
}

async function fromMultipart(contentType: string, body: Buffer, { ports }: Context): Promise<XmlElement> {
  const spool: Spool = openSpool({
    files: ports.files,
    randomness: ports.randomness,
    folder: '',
    inMemoryBytes: Number.MAX_SAFE_INTEGER,
  })
  const source = { headers: { 'content-type': contentType }, body: inOnePiece(body) }
  const message = await readMessage(source, { limits, spool }).catch((problem: Error) => {
    throw new Failure('refused', `A service would not read this message: ${problem.message}.`)
  })
  if (message.body === undefined) throw new Failure('refused', 'The SOAP Body is empty; there is nothing to validate.')
  return message.body
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** Splits off the request line and header lines of a captured HTTP message, when there are any. */
function withoutHttp(file: Buffer): { headers: Record<string, string>; body: Buffer } {
  const start = file.toString('latin1', 0, 65_536)
  if (/^\s*(?:\uFEFF|\xEF\xBB\xBF)?\s*(?:<|--)/.test(start)) return { headers: {}, body: file }
  const end = /\r?\n\r?\n/.exec(start)
  if (end === null) return { headers: {}, body: file }
  const lines = start.slice(0, end.index).split(/\r?\n/)
  const headers = lines.flatMap(line => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name.toLowerCase(), value!] as const]
  })
  return { headers: Object.fromEntries(headers), body: file.subarray(end.index + end[0].length) }
}

/** A body that begins with its first boundary needs no header line to be understood. */
function multipartTypeOf(body: Buffer): string | undefined {
  const boundary = /^\s*--(\S+)\r?\n/.exec(body.toString('latin1', 0, 1_000))?.[1]
  return (
    boundary &&
    `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start-info="application/soap+xml"`
  )
}
