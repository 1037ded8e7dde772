// For administrators: where documents are, and moving them while they are served. `carnet documents` asks. docs/decisions/0237.

import { listIn } from '../../server/administration/asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from '../../server/administration/resources.js'
import { slowAnswer } from '../../server/administration/slow-answer.js'
import type { RepositoryContext } from '../context.js'
import type { PlacedDocument } from '../document-store.js'
import { innerPlace } from '../encryption/sealed-place.js'

/** `place` is what begins their places: `file`, `segment`, `row`, or a bucket whole; `…, encrypted` where they are. */
export interface PlacesAnswer {
  places: { place: string; documents: number; bytes: number }[]
}

export interface ElsewhereAnswer {
  documents: { id: string; sizeBytes: number }[]
  /** To go on after; absent at the end. */
  next?: string
}

/** A move is made of many small requests, and each leaves everything whole: whoever asks may stop at any time and go on later. */
export function movingResources(context: RepositoryContext): AdminResource[] {
  const { moves, ports } = context
  return [
    {
      path: '/admin/documents/places',
      method: 'POST',
      does: 'count the documents by place',
      answer: async () => slowAnswer(() => counted(context), ports.clock),
    },
    {
      path: '/admin/documents/elsewhere',
      method: 'GET',
      does: 'list the documents that are not at a place',
      answer: async ({ query }) => elsewhere(query.get('than') ?? '', query.get('after') ?? '', context),
    },
    {
      path: '/admin/documents/move',
      method: 'POST',
      does: 'move documents to another place',
      async answer(request) {
        const work = moves.begin({ ids: listIn(request, 'ids'), to: toIn(request), bytesPerSecond: rateIn(request) })
        return slowAnswer(work, ports.clock)
      },
    },
  ]
}

/** Rows looked at in one turn of the event loop. */
const mostAtOnce = 2_000
/** Rows that one answer goes through. */
const mostLookedAt = 20_000
const mostListed = 1_000

async function counted({ documents, ports, closing }: RepositoryContext): Promise<PlacesAnswer> {
  const found = new Map<string, { documents: number; bytes: number }>()
  for (let after = ''; !closing.aborted; ) {
    const some = await documents.placed(after, mostAtOnce)
    for (const { place, sizeBytes } of some) {
      const name = nameOf(place)
      const { documents: before, bytes } = found.get(name) ?? { documents: 0, bytes: 0 }
      found.set(name, { documents: before + 1, bytes: bytes + sizeBytes })
    }
    after = some.at(-1)?.id ?? after
    if (some.length < mostAtOnce) break
    await new Promise<void>(resolve => ports.clock.endOfTurn(resolve))
  }
  return { places: [...found].map(([place, sums]) => ({ place, ...sums })) }
}

function nameOf(place: string): string {
  const inner = innerPlace(place)
  const name = inner.startsWith('s3:') ? inner.replace(':', '://') : (inner.split(':', 1)[0] ?? '')
  return inner === place ? name : `${name}, encrypted`
}

async function elsewhere(than: string, after: string, context: RepositoryContext): Promise<ElsewhereAnswer> {
  const { documents, moves, ports } = context
  const there = moves.destination(than)
  const found: PlacedDocument[] = []
  let last = after
  for (let looked = 0; looked < mostLookedAt && found.length < mostListed; ) {
    const some = await documents.placed(last, mostListed - found.length)
    found.push(...some.filter(({ place }) => !there.holds(place)))
    if (some.length === 0) return { documents: found.map(listed) }
    looked += some.length
    last = some.at(-1)?.id ?? last
    await new Promise<void>(resolve => ports.clock.endOfTurn(resolve))
  }
  return { documents: found.map(listed), next: last }
}

const listed = ({ id, sizeBytes }: PlacedDocument) => ({ id, sizeBytes })

function toIn({ body }: AdminRequest): string {
  const to = (body as { to?: unknown } | null | undefined)?.to
  if (typeof to === 'string' && to.length <= 1_000) return to
  throw new AdminProblem(400, 'to is folder, or s3://bucket/prefix')
}

function rateIn({ body }: AdminRequest): number {
  const rate = (body as { bytesPerSecond?: unknown } | null | undefined)?.bytesPerSecond
  if (typeof rate === 'number' && rate > 0) return rate
  throw new AdminProblem(400, 'bytesPerSecond is a number above 0')
}
