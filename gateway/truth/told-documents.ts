// What communities have told of documents in their answers to queries: what they hand out later is held against it. docs/decisions/0328.
import type { ToldDocument } from '../../transactions/communities/foreign-documents.js'
import type { ForeignObject } from '../../transactions/communities/foreign-objects-codec.js'
import type { DocumentRequest } from '../../transactions/xds-messages.js'
import { documentKey } from '../documents/asked.js'

export interface ToldDocuments {
  remember(homeCommunityId: string, objects: readonly ForeignObject[]): void
  of(homeCommunityId: string, document: DocumentRequest): ToldDocument | undefined
  readonly size: number
}

/** The last told: some megabytes. */
const mostRemembered = 20_000

/** In memory, the last 20,000 of all communities together; of what was forgotten nothing is held against a document. */
export function openToldDocuments(): ToldDocuments {
  const told = new Map<string, ToldDocument>()
  return {
    remember(home, objects) {
      for (const { document } of objects) {
        if (document === undefined) continue
        const key = keyOf(home, document)
        told.delete(key)
        told.set(key, { sha1: document.sha1, sizeBytes: document.sizeBytes })
        if (told.size <= mostRemembered) continue
        const [oldest] = told.keys()
        if (oldest !== undefined) told.delete(oldest)
      }
    },
    of: (home, document) => told.get(keyOf(home, document)),
    get size() {
      return told.size
    },
  }
}

const keyOf = (home: string, document: DocumentRequest) => `${home}\n${documentKey(document)}`
