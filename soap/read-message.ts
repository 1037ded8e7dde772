// From an HTTP body to a message: an MTOM package or a bare envelope, told apart and read as it arrives.
// [ITI TF-2: Appendix V.3, V.8] [SOAP 1.2 Part 2: 7] [MTOM: 3, 4]
import { soap11FaultIn } from './answered-fault.js'
import { type BodyReader, bareReader, type MessageLimits, type ReadOptions } from './body-reader.js'
import { actionsIn, type ContentType, checkCharset, parseContentType } from './content-type.js'
import { messageIDOf, readEnvelope } from './envelope.js'
import { type AnswerTo, SoapFault, senderFault } from './fault.js'
import type { SoapMessage } from './message.js'
import { packageReader } from './package.js'
import { SpoolFull } from './spool.js'
import { type MemoryBudget, type XmlElement, XmlProblem } from './xml.js'

export type { MessageLimits } from './body-reader.js'

export interface MessageSource {
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  body: AsyncIterable<Uint8Array>
  /** For a long envelope. Whoever has the message gives it back, also where there was none. */
  memory?: MemoryBudget
}

/**
 * Reads a message to its end, attachments spooled. On any failure nothing stays behind.
 * @throws SoapFault with `answerTo` set as far as the request could be read; SpoolFull; or what the body throws
 */
export async function readMessage(source: MessageSource, options: ReadOptions): Promise<SoapMessage> {
  const contentType = contentTypeOf(source.headers)
  let reader: BodyReader | undefined
  try {
    let start: Buffer = Buffer.alloc(0)
    for await (const chunk of source.body) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      if (reader === undefined) {
        start = start.length === 0 ? bytes : Buffer.concat([start, bytes])
        reader = readerFor(contentType, start, options, source.memory)
        if (reader !== undefined) await reader.write(start)
      } else {
        const wait = reader.write(bytes)
        if (wait !== undefined) await wait
      }
    }
    if (reader === undefined) throw senderFault('the message is empty')
    const { root, attachments } = await reader.end()
    const { limits, understood, isAnswer } = options
    return messageIn(root, { contentType, reader, attachments, limits, understood, isAnswer })
  } catch (problem) {
    await reader?.abort().catch(() => {})
    throw explained(problem, reader)
  }
}

export interface Around {
  contentType: ContentType
  reader: BodyReader
  attachments: SoapMessage['attachments']
  limits: MessageLimits
  understood?: ReadOptions['understood']
  isAnswer?: boolean | undefined
}

/** @throws SoapFault */
export function messageIn(
  root: XmlElement,
  { contentType, reader, attachments, limits, understood, isAnswer }: Around,
): SoapMessage {
  const { inlineDocumentBytes } = limits
  const fault = isAnswer === true ? soap11FaultIn(root) : undefined
  if (fault !== undefined) {
    const none = { addressing: {}, action: '', security: undefined, headers: [] }
    return { form: reader.form, ...none, body: fault, attachments, inlineDocumentBytes }
  }
  const actions = isAnswer === true ? [] : [contentType, ...reader.contentTypes].flatMap(actionsIn)
  return { form: reader.form, ...readEnvelope(root, actions, understood), attachments, inlineDocumentBytes }
}

const soapTypes = ['application/soap+xml', 'application/xop+xml', 'text/xml', 'application/xml']
const accepted = 'multipart/related with application/xop+xml, or application/soap+xml'

/** Some senders take the header for that of a charset: no coding has that name, so nothing was done to the bytes. */
const noEncodings = ['', 'identity', 'utf-8']

/** Two readers may each take another of them, and see another message. */
const severalTypes = /,\s+[\w.+-]+\/[\w.+-]+\s*(?:;|$)/
const withoutQuoted = (line: string) => line.replace(/"(?:[^"\\]|\\.)*"/g, '')

/** @throws SoapFault */
export function contentTypeOf(headers: MessageSource['headers']): ContentType {
  const encoding = headers['content-encoding']?.trim() ?? ''
  if (!noEncodings.includes(encoding.toLowerCase())) {
    throw senderFault(`the Content-Encoding ${encoding.slice(0, 50)} is not accepted; send the message as it is`, {
      httpStatus: 415,
    })
  }
  const line = headers['content-type'] ?? ''
  if (severalTypes.test(line) && severalTypes.test(withoutQuoted(line))) {
    throw senderFault('there is more than one Content-Type')
  }
  const contentType = parseContentType(line)
  if (contentType.type !== 'multipart/related' && !soapTypes.includes(contentType.type)) {
    const found =
      contentType.type === '' ? 'there is no Content-Type' : `Content-Type ${contentType.type.slice(0, 100)}`
    throw senderFault(`${found}; accepted are ${accepted}`, { httpStatus: 415 })
  }
  checkCharset(contentType)
  return contentType
}

/** What the first bytes make of the message, or undefined as long as there is only white space. */
function readerFor(
  contentType: ContentType,
  start: Buffer,
  options: ReadOptions,
  memory?: MemoryBudget,
): BodyReader | undefined {
  let at = 0
  while (blanksAndMarks.has(start[at] ?? lessThan)) at += 1
  const first = start[at]
  if (first === undefined) {
    if (start.length > 65_536) throw senderFault('the message begins with 64 kB of white space')
    return undefined
  }
  // Some senders announce a package and send a bare envelope.
  if (contentType.type === 'multipart/related' && first !== lessThan) return packageReader(contentType, options, memory)
  if (contentType.type !== 'multipart/related' && first === dash) {
    throw senderFault(`the body is multipart, but its Content-Type is ${contentType.type} instead of multipart/related`)
  }
  return bareReader(options, memory)
}

const lessThan = 0x3c
const dash = 0x2d
/** Space, tab, line ends, and the bytes of a UTF-8 byte order mark. */
const blanksAndMarks = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

/** What the sender reads: XML problems become a fault, and each fault knows how it is to be answered. */
function explained(problem: unknown, reader: BodyReader | undefined): unknown {
  const failure =
    problem instanceof XmlProblem ? senderFault(`the envelope cannot be read: ${problem.message}`) : problem
  if (failure instanceof SoapFault) failure.answerTo ??= answerTo(reader)
  if (failure instanceof SpoolFull) {
    failure.answerTo = answerTo(reader)
    failure.action = reader?.root === undefined ? undefined : actionIn(reader.root)
  }
  return failure
}

function answerTo(reader: BodyReader | undefined): AnswerTo {
  const root = reader?.root
  return { form: reader?.form ?? 'plain', relatesTo: root === undefined ? undefined : messageIDOf(root) }
}

function actionIn(root: XmlElement): string | undefined {
  try {
    return readEnvelope(root, []).action
  } catch {
    return undefined
  }
}
