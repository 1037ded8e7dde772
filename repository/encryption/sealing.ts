// Encryption at rest over any engine: what goes in is encrypted with a key of its own, what comes out is decrypted; what was put before
// encryption was switched on, or after it was switched off, is read as it is. docs/decisions/0231-encryption-at-rest.md
import { createHash } from 'node:crypto'
import type { Randomness } from '../../ports/randomness.js'
import { chunkBytes, type Spooled } from '../../soap/message.js'
import type { ContentStore, Move, NewContent, OpenContent, Place, PlacedContent, Rows } from '../content-store.js'
import type { KeyRing } from './key-ring.js'
import {
  keyBytes,
  openChunk,
  plainSize,
  sealChunk,
  sealedChunkBytes,
  sealedPieces,
  sealedSize,
} from './sealed-bytes.js'
import { innerPlace, sealedIn, sealedPlace, type WrappedKey } from './sealed-place.js'

export interface Sealing {
  keys: KeyRing
  randomness: Randomness
  /** Whether what is put is encrypted. */
  sealsNew: boolean
}

/** Sizes and positions are those of the document, as if nothing were encrypted; what is given to `inner` is durable under the rules of ContentStore. */
export function sealing({ keys, randomness, sealsNew }: Sealing): (inner: ContentStore) => ContentStore {
  const unwrapped = keyCache(keys)

  async function put(contents: readonly NewContent[], inner: ContentStore): Promise<ReadonlyMap<string, Place>> {
    const wrappedKeys = new Map<string, WrappedKey>()
    const sealed: NewContent[] = []
    for (const { id, content } of contents) {
      const key = Buffer.from(randomness.bytes(keyBytes))
      wrappedKeys.set(id, await keys.wrap(key, id))
      sealed.push({ id, content: sealedContent(content, key, id) })
    }
    const places = new Map<string, Place>()
    for (const [id, place] of await inner.put(sealed)) {
      const wrapped = wrappedKeys.get(id) as WrappedKey
      places.set(id, sealedPlace({ wrapped, inner: place }))
    }
    return places
  }

  return inner => ({
    put: contents => (sealsNew ? put(contents, inner) : inner.put(contents)),
    final: ids => inner.final(ids),
    async open({ id, place }, from = 0) {
      const sealed = sealedIn(place)
      if (sealed === undefined) return inner.open({ id, place }, from)
      const key = await unwrapped(sealed.wrapped, id)
      const source = await inner.open({ id, place: sealed.inner }, Math.floor(from / chunkBytes) * sealedChunkBytes)
      return source && decrypted(source, key, id)
    },
    async sizeBytes({ id, place }) {
      const sizeBytes = await inner.sizeBytes({ id, place: innerPlace(place) })
      return sizeBytes === undefined || sealedIn(place) === undefined ? sizeBytes : plainSize(sizeBytes)
    },
    remove: content => inner.remove(bare(content)),
    erase: content => inner.erase(bare(content)),
    sweep: rows => inner.sweep(bareRows(rows)),
    close: () => inner.close(),
  })
}

const bare = ({ id, place }: PlacedContent): PlacedContent => ({ id, place: innerPlace(place) })

/** What an engine moves by itself keeps its key. */
function bareRows(rows: Rows): Rows {
  return {
    standing(id) {
      const row = rows.standing(id)
      return row && { ...row, place: innerPlace(row.place) }
    },
    moved(moves) {
      const outer = moves.flatMap(({ id, from, to }): Move[] => {
        const place = rows.standing(id)?.place
        if (place === undefined || innerPlace(place) !== from) return []
        const sealed = sealedIn(place)
        return [{ id, from: place, to: sealed === undefined ? to : sealedPlace({ ...sealed, inner: to }) }]
      })
      return rows.moved(outer)
    },
  }
}

function sealedContent(content: Spooled, key: Buffer, id: string): Spooled {
  const { bytes, sizeBytes, open } = content
  const isOneChunk = bytes !== undefined && sizeBytes > 0 && sizeBytes <= chunkBytes
  const held = isOneChunk ? sealChunk(bytes, { key, id, index: 0 }) : undefined
  return {
    sizeBytes: sealedSize(sizeBytes),
    // Of what is kept now; for what is only read in order nobody knows yet.
    sha1: '',
    sha256: held === undefined ? '' : createHash('sha256').update(held).digest('hex'),
    chunkDigests: Buffer.alloc(0),
    bytes: held,
    path: undefined,
    open: () => (held === undefined ? sealedPieces(open?.() ?? [], { key, id }) : [held]),
    keepAs: () => Promise.reject(new Error('what is to be encrypted has no file to keep')),
    discard: () => content.discard(),
  }
}

function decrypted(source: OpenContent, key: Buffer, id: string): OpenContent {
  async function chunk(index: number): Promise<Buffer> {
    const sealed = await source.read(index * sealedChunkBytes, sealedChunkBytes)
    return sealed.length === 0 ? sealed : openChunk(sealed, { key, id, index })
  }
  return {
    async read(position, length) {
      const pieces: Buffer[] = []
      let read = 0
      for (let isEnd = false; read < length && !isEnd; ) {
        const at = (position + read) % chunkBytes
        const whole = await chunk(Math.floor((position + read) / chunkBytes))
        const piece = whole.subarray(at, at + length - read)
        pieces.push(piece)
        read += piece.length
        isEnd = whole.length < chunkBytes
      }
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    },
    close: () => source.close(),
  }
}

const mostKeys = 1_000

/** A key management far away is not asked for each look at one document. */
function keyCache(keys: KeyRing): (wrapped: WrappedKey, id: string) => Promise<Buffer> {
  const known = new Map<string, Promise<Buffer>>()
  return async (wrapped, id) => {
    const name = `${id} ${wrapped.name} ${wrapped.bytes.toString('base64url')}`
    const key = known.get(name) ?? keys.unwrap(wrapped, id)
    known.delete(name)
    known.set(name, key)
    const [oldest] = known.keys()
    if (known.size > mostKeys && oldest !== undefined) known.delete(oldest)
    return key.catch(problem => {
      known.delete(name)
      throw problem
    })
  }
}
