// What travels: a SOAP 1.2 message with its addressing, in one of two forms. The shapes that all of soap/ agrees on.
import type { XmlElement, XmlPiece } from './xml.js'

/** MTOM/XOP package (multipart/related) or a bare envelope (application/soap+xml). [ITI TF-2: Appendix V.3, V.8] */
export type MessageForm = 'MTOM' | 'plain'

/** The WS-Addressing 1.0 headers of a message, as sent. */
export interface Addressing {
  action?: string
  messageID?: string
  to?: string
  replyTo?: string
  faultTo?: string
  relatesTo?: string
  /** What the endpoints of replyTo and faultTo want to find again among the headers of an answer. [WS-Addressing 1.0 Core: 2.1] */
  replyParameters?: readonly XmlElement[]
  faultParameters?: readonly XmlElement[]
}

/** A message that has arrived whole: the envelope parsed, every attachment spooled. */
export interface SoapMessage {
  form: MessageForm
  addressing: Addressing
  /** What the sender wants: wsa:Action, else the action parameter of the content type; empty when neither is there. */
  action: string
  /** The one wsse:Security header; what it says is read from its signed octets alone (xua/). */
  security: XmlElement | undefined
  /** All header blocks, whoever they are for: of those that soap/ knows nothing of, transactions make what they mean. */
  headers?: readonly XmlElement[]
  /** First element of the SOAP Body; absent when the Body is empty. */
  body: XmlElement | undefined
  /** By Content-ID, decoded and without angle brackets. */
  attachments: ReadonlyMap<string, Attachment>
  /** Of a message still arriving: the part that a reference is to. Whoever asks for one promises to take it. */
  arriving?: (reference: string) => ArrivingPart
  /** What the receiver takes as base64 inside the envelope, in bytes when decoded; no bound without it. */
  inlineDocumentBytes?: number
}

export interface Attachment {
  contentId: string
  contentType: string
  content: Spooled
}

/** A part that has not come yet, at least not whole. */
export interface ArrivingPart {
  /** Its bytes as they come, once. @throws where it does not come whole, so that nobody takes part of it for the whole */
  open(): AsyncIterable<Uint8Array>
}

/** Bytes that have arrived: in memory when few, else in a file. Whoever takes a message owns these and discards or keeps them. */
export interface Spooled {
  readonly sizeBytes: number
  /** 40 hex digits in lower case. */
  readonly sha1: string
  /** 64 hex digits in lower case. */
  readonly sha256: string
  /** What each chunk of `chunkBytes` is held against when it is read: soap/chunk-digests.ts. */
  readonly chunkDigests: Buffer
  /** The bytes, where they are kept in memory. */
  readonly bytes: Buffer | undefined
  /** The file, where they are not; not yet synced. */
  readonly path: string | undefined
  /** Moves the file to its place, contents and name durable; afterwards discard() does nothing. Only for content in a file. */
  keepAs(path: string): Promise<void>
  /** Forgets the bytes, and never fails; may be called more than once. */
  discard(): Promise<void>
  /** The bytes in order, from memory or file, for whoever sends or reads them without keeping them. */
  open?(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** Length of the pieces of a document that have a digest of their own. */
export const chunkBytes = 1_048_576

/** What is to be sent in a Body, ready as text and bytes, with the binary parts that it refers to. */
export interface Encoded {
  xml: XmlPiece[]
  attachments?: OutgoingAttachment[]
  /** Header blocks that belong to it. */
  headers?: XmlPiece[]
}

export interface OutgoingAttachment {
  /** Without angle brackets and not percent-encoded. */
  contentId: string
  contentType: string
  /** Undefined where nobody can tell before they have been sent. */
  sizeBytes: number | undefined
  /** The bytes in order. An error thrown here breaks the connection, so that nobody takes part of it for the whole. */
  open(how?: Opening): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface Opening {
  /** Whoever asks for the next piece is done with the one before: its memory may be used again. */
  reusing?: boolean
}

/** Headers of a request for partners that stumble over what the standards say. */
export interface HeaderShape {
  without?: readonly ('ReplyTo' | 'To')[]
  /** Whether wsa:Action has to be understood; it has unless said. */
  mustUnderstand?: boolean
  /** Whether further headers come before those of addressing. */
  furtherFirst?: boolean
}

/** A message to be sent. */
export interface OutgoingMessage {
  form: MessageForm
  action: string
  messageID?: string
  relatesTo?: string
  to?: string
  /** Where a request wants its answer; on its connection unless said. */
  replyTo?: string
  /** Further headers, already XML (a wsse:Security handed on). */
  headers?: XmlPiece[]
  headerShape?: HeaderShape | undefined
  body: Encoded
}
