// Small documents in segments, and those in rows, are what one process with an embedded database has. Before that database goes to a server
// each becomes a file, as it lies there, encrypted or not. docs/decisions/0384
import { join } from 'node:path'
import type { Ports } from '../../ports/ports.js'
import type { Spooled } from '../../soap/message.js'
import { type Preparing, rowsTogether } from '../../store/crossing/crossing.js'
import { inFile, openContentFiles } from '../content-files.js'
import { inRow } from '../content-rows.js'
import type { ContentStore, Place, PlacedContent } from '../content-store.js'
import { innerPlace, sealedIn, sealedPlace } from '../encryption/sealed-place.js'
import { inSegment, openContentSegments } from '../segments/content-segments.js'

const isLeft = (place: Place) => innerPlace(place).startsWith(`${inSegment}:`) || innerPlace(place) === inRow

/** Where the document is once its database is on a server. */
export function outOfSegment(place: Place): Place {
  if (!isLeft(place)) return place
  const sealed = sealedIn(place)
  return sealed === undefined ? inFile : sealedPlace({ ...sealed, inner: inFile })
}

export interface CopiedContents {
  documents: number
  /** Ids of documents whose bytes were missing before. */
  missing: string[]
}

export interface CopyContents {
  database: Preparing
  /** Of the documents. */
  folder: string
  ports: Pick<Ports, 'files' | 'clock'>
  /** Called with how many are there. */
  seen(documents: number): void
}

interface Row {
  rowid: number
  id: string
  place: Place
}

/** Files are made together: a disk has many durable sooner than one after another. */
const atOnce = 32

/** All of them; those that an earlier attempt has made are made again. The segments stay as they are. */
export async function copyOutOfSegments({ database, folder, ports, seen }: CopyContents): Promise<CopiedContents> {
  const { files, clock } = ports
  const into = await openContentFiles(files, folder)
  const segments = await openContentSegments({ files, clock, folder: join(folder, 'segments'), onProblem: () => {} })
  const copied: CopiedContents = { documents: 0, missing: [] }

  async function copy({ id, place }: PlacedContent): Promise<void> {
    const bytes =
      innerPlace(place) === inRow ? rowBytes(id, database) : await bytesAt({ id, place: innerPlace(place) }, segments)
    if (bytes === undefined) return void copied.missing.push(id)
    await into.put([{ id, content: asTheyLie(bytes) }])
    into.final([id])
    const again = await bytesAt({ id, place: inFile }, into)
    if (again?.equals(bytes) !== true) throw new Error(`document ${id}, read again, is not what was written`)
    copied.documents += 1
  }

  try {
    for (const page of pagesOf(database)) {
      const left = page.filter(({ place }) => isLeft(place))
      while (left.length > 0) {
        await Promise.all(left.splice(0, atOnce).map(copy))
        seen(copied.documents)
      }
    }
    return copied
  } finally {
    await segments.close()
    await into.close()
  }
}

/** Ciphertext, perhaps: the digests of what was received stand in the row, and nobody asks for them here. */
const asTheyLie = (bytes: Buffer): Spooled => ({
  ...{ sizeBytes: bytes.length, sha1: '', sha256: '', chunkDigests: Buffer.alloc(0), bytes, path: undefined },
  open: () => [bytes],
  keepAs: () => Promise.reject(new Error('there is no file of it')),
  discard: async () => {},
})

export function countInSegments(database: Preparing): number {
  let count = 0
  for (const page of pagesOf(database)) count += page.filter(({ place }) => isLeft(place)).length
  return count
}

function* pagesOf(database: Preparing): Generator<Row[]> {
  const statement = database.prepare(
    `SELECT rowid, id, coalesce(place, iif(content IS NULL, 'file', 'row')) AS place FROM document
     WHERE rowid > ? ORDER BY rowid LIMIT ${rowsTogether}`,
  )
  for (let page = statement.all(0) as Row[]; page.length > 0; page = statement.all(page.at(-1)?.rowid ?? 0) as Row[])
    yield page
}

function rowBytes(id: string, database: Preparing): Buffer | undefined {
  const row = database.prepare('SELECT content FROM document WHERE id = ?').get(id) as { content: Uint8Array | null }
  return row.content === null ? undefined : Buffer.from(row.content)
}

async function bytesAt(content: PlacedContent, store: ContentStore): Promise<Buffer | undefined> {
  const sizeBytes = await store.sizeBytes(content)
  const opened = await store.open(content)
  if (opened === undefined || sizeBytes === undefined) return undefined
  try {
    return Buffer.from(await opened.read(0, sizeBytes))
  } finally {
    await opened.close()
  }
}
