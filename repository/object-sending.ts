// One document on its way into a bucket: whole where it is in memory, in parts where it is in a file or made while it is read.
import type { Files } from '../ports/files.js'
import type { Bucket } from '../s3/bucket.js'
import type { Upload } from '../s3/upload.js'
import type { Spooled } from '../soap/message.js'
import type { NewContent } from './content-store.js'
import { keyOf } from './object-keys.js'

/** Durable there when it resolves, and whole, by its SHA-256; an upload that fails leaves at most parts, which the sweep removes. */
export async function send(bucket: Bucket, { id, content }: NewContent, files: Pick<Files, 'open'>): Promise<void> {
  const { sizeBytes, sha256, bytes, path } = content
  if (bytes !== undefined) return bucket.put(keyOf(id), bytes, sha256)
  if (path === undefined) {
    const { end, ...reading } = inOrder(content)
    return bucket.upload(keyOf(id), { sizeBytes, sha256, ...reading }).finally(end)
  }
  const file = await files.open(path)
  try {
    await bucket.upload(keyOf(id), {
      sizeBytes,
      sha256,
      read: (position, length, into) => file.read(position, length, into),
    })
  } finally {
    await file.close()
  }
}

/** Of what can only be read from its beginning to its end. */
function inOrder({ open }: Spooled): Pick<Upload, 'read' | 'isInOrder'> & { end(): Promise<unknown> } {
  const pieces = (async function* () {
    yield* open?.() ?? []
  })()
  let rest: Uint8Array = Buffer.alloc(0)
  return {
    isInOrder: true,
    // What is read may be held open until somebody says that it is enough.
    end: () => pieces.return(undefined),
    async read(_, length, into) {
      let filled = 0
      while (filled < length) {
        if (rest.byteLength === 0) {
          const { value, done } = await pieces.next()
          if (done) break
          rest = value
        }
        const piece = rest.subarray(0, length - filled)
        into.set(piece, filled)
        filled += piece.byteLength
        rest = rest.subarray(piece.byteLength)
      }
      return into.subarray(0, filled)
    },
  }
}
