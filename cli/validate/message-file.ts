// A message kept in a file: an envelope, a bare request, or what was captured of HTTP with its header lines and parts.
import { actionsIn, parseContentType } from '../../soap/content-type.js'
import { namespaces } from '../../soap/namespaces.js'
import { readMessage } from '../../soap/read-message.js'
import { openSpool } from '../../soap/spool.js'
import { childOf, isElement, parseXml, type XmlElement } from '../../soap/xml.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'

const generousBytes = 256 * 1024 * 1024
const limits = {
  envelopeBytes: generousBytes,
  inlineDocumentBytes: generousBytes,
  attachmentBytes: generousBytes,
  attachments: 10_000,
}

export interface MessageInFile {
  /** The element in the SOAP Body, or the root of a bare request. */
  body: XmlElement
  /** What its sender wants; empty when the file does not tell. */
  action: string
}

/** `action` is empty where the file does not say one. @throws Failure where it holds no message. */
export async function messageInFile(file: Buffer, context: Context): Promise<MessageInFile> {
  const { headers, body } = withoutHttp(file)
  const contentType = headers['content-type'] ?? multipartTypeOf(body)
  if (contentType?.toLowerCase().startsWith('multipart/')) return fromMultipart(contentType, body, context)
  const root = parsed(body)
  const envelope = isElement(root, namespaces.soap12, 'Envelope') ? namespaces.soap12 : namespaces.soap11
  if (!isElement(root, envelope, 'Envelope')) return { body: root, action: '' }
  const [first] = childOf(root, envelope, 'Body')?.children ?? []
  if (first === undefined) throw empty()
  const header = childOf(root, envelope, 'Header')
  const action = header && childOf(header, namespaces.wsa, 'Action')?.text.trim()
  const [parameter = ''] = contentType === undefined ? [] : actionsIn(parseContentType(contentType))
  return { body: first, action: action || parameter }
}

function empty(): Failure {
  return new Failure('refused', 'The SOAP Body is empty; there is nothing to validate.')
}

function parsed(xml: Buffer): XmlElement {
  try {
    return parseXml(xml, { totalBytes: generousBytes, textBytes: generousBytes })
  } catch (problem) {
    throw new Failure('refused', `The message is no XML that a service would read: ${(problem as Error).message}.`)
  }
}

async function fromMultipart(contentType: string, body: Buffer, { ports }: Context): Promise<MessageInFile> {
  const spool = openSpool({
    files: ports.files,
    randomness: ports.randomness,
    folder: '',
    inMemoryBytes: Number.MAX_SAFE_INTEGER,
  })
  const source = { headers: { 'content-type': contentType }, body: inOnePiece(body) }
  const message = await readMessage(source, { limits, spool }).catch((problem: Error) => {
    throw new Failure('refused', `A service would not read this message: ${problem.message}.`)
  })
  if (message.body === undefined) throw empty()
  return { body: message.body, action: message.action }
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
