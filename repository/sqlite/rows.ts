// Rows of the repository's tables in SQLite, as the rest of the room knows them.
import type { KeptDocument, RemovableCopy } from '../document-store.js'

export interface DocumentRow extends Omit<KeptDocument, 'chunkDigests' | 'patientId' | 'instance'> {
  patientId: string | null
  instance: string | null
  chunkDigests: Uint8Array
}

export interface CopyRow extends Omit<RemovableCopy, 'patientId'> {
  patientId: string | null
}

export function copyOf(row: CopyRow): RemovableCopy {
  return { ...row, patientId: row.patientId ?? undefined }
}

export function documentOf(row: DocumentRow): KeptDocument {
  return {
    ...row,
    patientId: row.patientId ?? undefined,
    instance: row.instance ?? undefined,
    chunkDigests: bufferOf(row.chunkDigests),
  }
}

/** The same memory, not a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Copies of one document that anybody looks at: all have the same bytes, so one would do unless it is damaged. */
const mostCopies = 4

/** What is registered first. Sorted here, since SQLite would build a table to sort what mostly is no row at all. */
export function copiesIn(rows: Iterable<DocumentRow>): KeptDocument[] {
  const registered: KeptDocument[] = []
  const underWay: KeptDocument[] = []
  for (const row of rows) {
    const copies = row.state === 'registered' ? registered : underWay
    if (copies.length < mostCopies) copies.push(documentOf(row))
    if (registered.length === mostCopies) break
  }
  return [...registered, ...underWay].slice(0, mostCopies)
}
