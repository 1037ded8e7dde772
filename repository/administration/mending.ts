// A damaged document gets its bytes back, from a backup say: only the very bytes that were received, by their SHA-256, and only where
// those that are kept are damaged or missing.
import { AdminProblem, type AdminRequest } from '../../server/administration/resources.js'
import { traceOf } from '../../server/trace.js'
import type { Spooled } from '../../soap/message.js'
import { ContentUnreachable } from '../content-store.js'
import type { RepositoryContext } from '../context.js'
import type { KeptDocument } from '../document-store.js'
import { innerPlace } from '../encryption/sealed-place.js'

/**
 * Durable when it resolves. @throws AdminProblem 404 for a document that is not kept, 409 for one that is whole or for other bytes than were
 * received; nothing is changed then.
 */
export async function mendedBy(request: AdminRequest, context: RepositoryContext): Promise<{ mended: string }> {
  const document = await context.documents.document(request.rest)
  if (document === undefined) throw new AdminProblem(404, `no document ${request.rest} is kept here`)
  if (await isWhole(document, context)) throw new AdminProblem(409, 'this document is whole; nothing was changed')
  const content = await received(request.bytes ?? [], context)
  try {
    if (content.sha256 !== document.sha256 || content.sizeBytes !== document.sizeBytes) {
      throw new AdminProblem(409, 'these are not the bytes that were received once; nothing was changed')
    }
    await putBack(document, content, context)
  } finally {
    await content.discard()
  }
  return { mended: document.id }
}

async function isWhole(document: KeptDocument, { originals, ports }: RepositoryContext): Promise<boolean> {
  const { traceparent } = traceOf(undefined, ports.randomness)
  try {
    for await (const _ of originals.pieces(document, traceparent));
    return true
  } catch (problem) {
    if (problem instanceof ContentUnreachable) throw new AdminProblem(503, problem.message)
    return false
  }
}

async function received(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { spool }: RepositoryContext,
): Promise<Spooled> {
  const writer = spool.receive()
  try {
    for await (const piece of bytes) await writer.write(piece)
    return await writer.end()
  } catch (problem) {
    await writer.abort()
    throw problem
  }
}

/** Where documents of that size are kept now; its row names the place when the bytes are durable there. */
async function putBack(
  { id, place }: KeptDocument,
  content: Spooled,
  { documents, kept }: RepositoryContext,
): Promise<void> {
  const to = (await kept.put([{ id, content }])).get(id) ?? place
  try {
    if (to !== place && !(await documents.moved([{ id, from: place, to }])).has(id)) {
      await kept.remove({ id, place: to })
      throw new AdminProblem(409, 'the document was moved or removed meanwhile; nothing was changed')
    }
    // Encrypted anew it may stand where it stood.
    if (innerPlace(to) !== innerPlace(place)) await kept.remove({ id, place }).catch(() => {})
  } finally {
    kept.final([id])
  }
}
