// Small documents of earlier versions, in the rows of the database themselves: they are read there, and go with the row.
import type { Store } from '../store/store.js'
import type { ContentStore } from './content-store.js'

/** The place of such a document. */
export const inRow = 'row'

/** Nothing is put here any more; what is kept is read from the row of its document, and removed and erased with that. */
export function contentRows(store: Store): ContentStore {
  const statement = store.prepare('SELECT content FROM document WHERE id = ?')

  function bytesOf(id: string): Buffer | undefined {
    const content = statement.get<{ content: Uint8Array | null }>(id)?.content
    return content == null ? undefined : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  }

  return {
    put: () => Promise.reject(new Error('no document is put into a row any more')),
    final() {},
    async open({ id }) {
      const bytes = bytesOf(id)
      if (bytes === undefined) return undefined
      return { read: async (position, length) => bytes.subarray(position, position + length), close: async () => {} }
    },
    sizeBytes: async ({ id }) => bytesOf(id)?.length,
    async remove() {},
    // The commit that gives its row another place has deleted it.
    erase: () => store.erased(),
    sweep: async () => 0,
    async close() {},
  }
}
