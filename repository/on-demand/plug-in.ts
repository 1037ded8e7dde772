// What makes documents when they are asked for: the interface of a plug-in. docs/ON-DEMAND.md explains it with an example.
import type { DocumentEntry } from '../../metadata/model.js'
import type { QueryResult } from '../../transactions/xds-messages.js'

/** The default export of a module, or one of the built-in ones. */
export type PlugIn = (asked: OnDemandRequest) => Promise<OnDemandContent> | OnDemandContent

export interface OnDemandRequest {
  /** The on-demand DocumentEntry that is retrieved, as the registry has it. */
  entry: DocumentEntry
  /** Now, as DTM in UTC with seconds. */
  now: string
  /** Asks the registry (ITI-18, LeafClass). Rejects when there is no answer or it is a refusal. */
  query(query: StoredQueryCall): Promise<QueryResult>
}

export interface StoredQueryCall {
  /** `urn:uuid:…` of a stored query. */
  id: string
  /** Values as they stand in rim:Value, so texts in single quotes. */
  parameters: Readonly<Record<string, string | readonly string[]>>
}

export interface OnDemandContent {
  /** Media type; that of the entry unless given. */
  mimeType?: string
  /**
   * Of this very document, as an OID. The same content must have the same, other content another; without it one is
   * derived from the content. [ITI TF-2:3.43.4.2.2]
   */
  uniqueId?: string
  content: string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>
}

/** A plug-in that did not make a document; the message is for the log and for whoever runs it. */
export class PlugInFailed extends Error {
  override name = 'PlugInFailed'
}

/** The pieces of a content, whatever form it came in. */
export async function* piecesOfContent(content: OnDemandContent['content']): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield Buffer.from(content)
  else if (content instanceof Uint8Array) yield content
  else if (isIterable(content)) for await (const piece of content) yield bytesOf(piece)
  else throw new PlugInFailed('its content is no text, no bytes, and nothing that gives them in pieces')
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece)
  if (piece instanceof Uint8Array) return piece
  throw new PlugInFailed('a piece of its content is neither text nor bytes')
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
}
