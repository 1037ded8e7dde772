// What takes a body as it arrives: one for bare envelopes here, one for packages in package.ts.
import type { Clock } from '../ports/clock.js'
import type { ContentType } from './content-type.js'
import { type LongList, listReader } from './list-reader.js'
import type { Attachment, MessageForm } from './message.js'
import type { Spool } from './spool.js'
import { type MemoryBudget, type QName, type XmlElement, type XmlLimits, type XmlReader, xmlReader } from './xml.js'

/** Bounds of one message. */
export interface MessageLimits {
  /** An envelope with all that is inline in it. */
  envelopeBytes: number
  /** Elements of an envelope; a million without it. */
  elements?: number
  /** A document inside the envelope as base64, decoded. */
  inlineDocumentBytes: number
  attachmentBytes: number
  attachments: number
}

export interface ReadOptions {
  limits: MessageLimits
  spool: Spool
  /** Header blocks that whoever answers understands beside those of SOAP's own family. */
  understood?: readonly QName[]
  /** With a clock others are served while a large envelope is read. */
  ports?: { clock: Pick<Clock, 'endOfTurn'> }
  /** It opens no door here: what its Content-Type names besides, often the action of the request, counts for nothing. */
  isAnswer?: boolean
  /** The envelope has such a list in it, whose items are taken as they come. */
  list?: LongList
  /** Who takes the parts of a package as they come; without it each is spooled whole. */
  intake?: Intake
}

export interface Intake {
  rootCame(reader: BodyReader, attachments: ReadonlyMap<string, Attachment>): void
  /** For a part behind the root; what it keeps whole is to stand among the attachments. */
  sinkFor(part: PartHead, attachments: Map<string, Attachment>): PartSink
}

export type PartHead = Pick<Attachment, 'contentId' | 'contentType'>

/** Where the bytes of a part go, decoded. */
export interface PartSink {
  write(bytes: Buffer): Promise<void> | void
  end(): Promise<void> | void
  abort(): Promise<void>
}

/** Takes a body in one of the two forms. */
export interface BodyReader {
  readonly form: MessageForm
  /** The envelope, once all of it has come: a property that is written then, no getter (docs/decisions/0190). */
  readonly root: XmlElement | undefined
  /** Further places where an action may be named. */
  readonly contentTypes: readonly ContentType[]
  write(bytes: Buffer): Promise<void> | void
  /** @throws SoapFault when the body ended too early. */
  end(): Promise<{ root: XmlElement; attachments: ReadonlyMap<string, Attachment> }>
  /** Forgets all that has come. */
  abort(): Promise<void>
}

/** The envelope alone. */
export function bareReader(options: ReadOptions, memory?: MemoryBudget): BodyReader {
  const xml = envelopeReader(options, memory)
  const reader: BodyReader & { root: XmlElement | undefined } = {
    form: 'plain',
    root: undefined,
    contentTypes: [],
    write: bytes => xml.write(bytes),
    async end() {
      const read = envelopeOf(xml, options)
      const root = read instanceof Promise ? await read : read
      reader.root = root
      return { root, attachments: new Map() }
    },
    async abort() {},
  }
  return reader
}

/** Bounded in bytes and elements from the first byte on; with a `list` its items are taken while they come and are in no tree. */
export function envelopeReader({ limits, list }: ReadOptions, memory?: MemoryBudget): XmlReader {
  return list === undefined ? xmlReader(xmlLimitsFor(limits), memory) : listReader(xmlLimitsFor(limits), list, memory)
}

/** At once without a clock; with one in slices, other work of the process in between. @throws XmlProblem where it is not well formed, or over a limit */
export function envelopeOf(xml: XmlReader, { ports }: ReadOptions): XmlElement | Promise<XmlElement> {
  if (ports === undefined) return xml.end()
  return xml.endInSlices(() => new Promise(resolve => ports.clock.endOfTurn(resolve)))
}

/** Base64 takes four characters for three bytes, and line ends. */
function xmlLimitsFor({ envelopeBytes, inlineDocumentBytes, elements }: MessageLimits): Partial<XmlLimits> {
  return {
    totalBytes: envelopeBytes,
    textBytes: Math.max(65_536, Math.ceil(inlineDocumentBytes * 1.5)),
    ...(elements === undefined ? {} : { elements }),
  }
}
