// An MTOM package: the root part is the envelope, every other part an attachment that goes to the spool as it comes, or to whoever takes it.
// [MTOM: 3.3] [XOP 1.0: 4] [RFC 2387: 3]
import {
  type BodyReader,
  envelopeOf,
  envelopeReader,
  type PartHead,
  type PartSink,
  type ReadOptions,
} from './body-reader.js'
import { type ContentType, checkCharset, parseContentType } from './content-type.js'
import { senderFault } from './fault.js'
import type { Attachment } from './message.js'
import { mimeScanner } from './mime-scanner.js'
import type { Spool } from './spool.js'
import { percentDecoded, transferDecoder } from './transfer-encoding.js'
import type { MemoryBudget, XmlElement } from './xml.js'

/** One part on its way in. */
interface PartReader {
  write(bytes: Buffer): Promise<void> | void
  end(): Promise<void> | void
  abort(): Promise<void>
}

interface PartHeaders {
  contentId: string | undefined
  contentType: string
  transferEncoding: string
}

/** Parts in any order, the envelope among them; attachments go to the spool as they come. @throws SoapFault (Sender) beyond a limit. [RFC 2387: 3] */
export function packageReader(contentType: ContentType, options: ReadOptions, memory?: MemoryBudget): BodyReader {
  const scanner = mimeScanner(boundaryOf(contentType))
  const start = contentType.parameters.get('start')
  const rootId = start === undefined || start.trim() === '' ? undefined : contentIdOf(start)
  const attachments = new Map<string, Attachment>()
  const contentTypes: ContentType[] = []
  const seen = new Set<string>()
  let parts = 0
  let part: PartReader | undefined

  /** The part that `start` names; without it the first; and a first part of our type without any id. [RFC 2387: 3.2] */
  const isRoot = ({ contentId, contentType: type }: PartHeaders): boolean => {
    if (contentTypes.length > 0) return false
    if (parts === 1 && (rootId === undefined || (contentId === undefined && /xop|soap/i.test(type)))) return true
    return rootId !== undefined && contentId !== undefined && sameId(contentId, rootId)
  }
  const openPart = (lines: string[]): PartReader => {
    const headers = partHeaders(lines)
    parts += 1
    checkPart(headers)
    if (isRoot(headers)) {
      const found = parseContentType(headers.contentType)
      checkCharset(found)
      contentTypes.push(found)
      const done = (found: XmlElement) => {
        reader.root = found
        options.intake?.rootCame(reader, attachments)
      }
      return rootPart(headers, options, { memory, done })
    }
    const head = partHead(headers, parts)
    const { intake } = options
    const sink =
      intake === undefined || reader.root === undefined
        ? spooled(head, options.spool, attachments)
        : intake.sinkFor(head, attachments)
    return attachmentPart(headers, options, sink)
  }
  const checkPart = ({ contentId }: PartHeaders): void => {
    if (parts > options.limits.attachments + 1) {
      throw senderFault(`the message has more than ${options.limits.attachments} attachments`)
    }
    if (contentId === undefined) return
    if (seen.has(contentId)) throw senderFault(`two parts have the Content-ID <${contentId.slice(0, 200)}>`)
    seen.add(contentId)
  }
  const take = async (): Promise<void> => {
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) {
      if (event.kind === 'part') {
        part = openPart(event.headers)
        continue
      }
      const wait = part?.write(event.bytes)
      if (wait !== undefined) await wait
      if (!event.last) continue
      await part?.end()
      part = undefined
    }
  }

  const reader: BodyReader & { root: XmlElement | undefined } = {
    form: 'MTOM',
    root: undefined,
    contentTypes,
    write(bytes) {
      scanner.write(bytes)
      return take()
    },
    async end() {
      scanner.end()
      await take()
      const { root } = reader
      if (root !== undefined) return { root, attachments }
      throw senderFault(`no part has the Content-ID that the start parameter names: ${start?.slice(0, 200)}`)
    },
    async abort() {
      await part?.abort()
      for (const { content } of attachments.values()) await content.discard()
    },
  }
  return reader
}

/** Up to 70 characters by the standard [RFC 2046: 5.1.1]; some stacks make longer ones. */
function boundaryOf({ parameters }: ContentType): string {
  const boundary = parameters.get('boundary') ?? ''
  if (/^[ -~]{0,199}[!-~]$/.test(boundary)) return boundary
  throw senderFault(
    boundary === ''
      ? 'the Content-Type multipart/related has no boundary parameter'
      : 'the boundary parameter has to be 1 to 200 printable characters without a blank at its end',
  )
}

function partHeaders(lines: string[]): PartHeaders {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value = ''] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? []
    if (name === undefined) throw senderFault('a header line of a part has no name')
    const key = name.toLowerCase()
    if (headers.has(key) && key.startsWith('content-')) throw senderFault(`a part has two ${name.slice(0, 50)} headers`)
    headers.set(key, value.trim())
  }
  const contentId = headers.get('content-id')
  return {
    contentId: contentId === undefined || contentId === '' ? undefined : contentIdOf(contentId),
    contentType: headers.get('content-type') ?? '',
    transferEncoding: headers.get('content-transfer-encoding') ?? '',
  }
}

/** Without angle brackets, white space and a comment, which are not part of it. [RFC 2045: 7] */
function contentIdOf(value: string): string {
  const written = value.trim()
  return /^<([^<>]*)>(?:\s*\([^()]*\))?$/.exec(written)?.[1]?.trim() ?? written
}

function sameId(contentId: string, start: string): boolean {
  return contentId === start || percentDecoded(contentId) === percentDecoded(start)
}

const rootTypes = ['application/xop+xml', 'application/soap+xml', 'text/xml', 'application/xml', '']

function rootPart(
  headers: PartHeaders,
  options: ReadOptions,
  { memory, done }: { memory: MemoryBudget | undefined; done: (root: XmlElement) => void },
): PartReader {
  const { type } = parseContentType(headers.contentType)
  if (!rootTypes.includes(type)) {
    throw senderFault(`the root part is ${type.slice(0, 100)} instead of application/xop+xml`, { httpStatus: 415 })
  }
  const decoder = transferDecoder(headers.transferEncoding)
  const xml = envelopeReader(options, memory)
  const finish = (): Promise<void> | void => {
    const read = envelopeOf(xml, options)
    return read instanceof Promise ? read.then(done) : done(read)
  }
  return {
    write: bytes => xml.write(decoder.write(bytes)),
    end() {
      const wait = xml.write(decoder.end())
      return wait instanceof Promise ? wait.then(finish) : finish()
    },
    async abort() {},
  }
}

/** Nothing can refer to a part without an id; it is kept only to be discarded. */
function partHead({ contentId, contentType }: PartHeaders, number: number): PartHead {
  return {
    contentId: contentId ?? `part ${number}, which has no Content-ID`,
    contentType: contentType === '' ? 'application/octet-stream' : contentType,
  }
}

function spooled({ contentId, contentType }: PartHead, spool: Spool, attachments: Map<string, Attachment>): PartSink {
  const writer = spool.receive()
  return {
    write: bytes => writer.write(bytes),
    async end() {
      attachments.set(contentId, { contentId, contentType, content: await writer.end() })
    },
    abort: () => writer.abort(),
  }
}

function attachmentPart({ transferEncoding }: PartHeaders, { limits }: ReadOptions, sink: PartSink): PartReader {
  const decoder = transferDecoder(transferEncoding)
  let sizeBytes = 0
  const write = (bytes: Buffer): Promise<void> | void => {
    if (bytes.length === 0) return
    sizeBytes += bytes.length
    if (sizeBytes > limits.attachmentBytes) {
      throw senderFault(`an attachment is longer than ${limits.attachmentBytes} bytes`, { httpStatus: 413 })
    }
    return sink.write(bytes)
  }
  return {
    write: bytes => write(decoder.write(bytes)),
    async end() {
      await write(decoder.end())
      await sink.end()
    },
    abort: () => sink.abort(),
  }
}
