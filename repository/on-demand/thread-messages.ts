// What a plug-in's thread and the repository say to one another.
import type { DocumentEntry } from '../../metadata/model.js'
import type { QueryResult } from '../../transactions/xds-messages.js'
import type { StoredQueryCall } from './plug-in.js'

export interface ThreadData {
  /** Path of the plug-in. */
  module: string
  entry: DocumentEntry
  now: string
}

export type FromThread =
  | { kind: 'query'; number: number; query: StoredQueryCall }
  | { kind: 'document'; mimeType: string | undefined; uniqueId: string | undefined }
  | { kind: 'piece'; bytes: Uint8Array }
  | { kind: 'end' }
  | { kind: 'failed'; why: string }

/** `more`: the last piece has been taken, there may be another. */
export type ToThread =
  | { kind: 'more' }
  | { kind: 'answer'; number: number; result: QueryResult }
  | { kind: 'answer'; number: number; refused: string }
