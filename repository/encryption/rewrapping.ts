// Rotation: the keys of all documents are wrapped anew by the current key-encryption key. Rows are written, documents are not touched, and
// everything is served meanwhile.
import type { Move, Place } from '../content-store.js'
import type { RepositoryContext } from '../context.js'
import type { Encryption } from './open-encryption.js'
import { sealedIn, sealedPlace } from './sealed-place.js'

export interface RewrapAnswer {
  /** The key-encryption key that is used now. */
  key: string
  rewrapped: number
  /** Documents that were moved at that very moment, or whose key could not be unwrapped. */
  left: { id: string; why: string }[]
  /** Keys that no document needs any more. */
  done: string[]
}

const mostAtOnce = 500
const mostLeft = 1_000

/** May be stopped and asked again: it ends early when `closing` is aborted, or when a thousand documents are `left`. Keys that are `done` may be taken out of the ring. */
export async function rewrapAll(
  { keys, known }: Encryption,
  { documents, ports, closing }: Pick<RepositoryContext, 'documents' | 'ports' | 'closing'>,
): Promise<RewrapAnswer> {
  const key = await keys.current()
  await known.remember(keys)
  const answer: RewrapAnswer = { key, rewrapped: 0, left: [], done: [] }
  let isWhole = false
  for (let after = ''; !closing.aborted && !isWhole && answer.left.length < mostLeft; ) {
    const some = await documents.placed(after, mostAtOnce)
    const moves: Move[] = []
    for (const { id, place } of some) {
      try {
        const to = await rewrapped(id, place, key)
        if (to !== undefined) moves.push({ id, from: place, to })
      } catch (problem) {
        answer.left.push({ id, why: problem instanceof Error ? problem.message : String(problem) })
      }
    }
    const there = moves.length === 0 ? new Set<string>() : await documents.moved(moves)
    answer.rewrapped += there.size
    for (const { id } of moves) if (!there.has(id)) answer.left.push({ id, why: 'it was moved meanwhile' })
    after = some.at(-1)?.id ?? after
    isWhole = some.length < mostAtOnce
    await new Promise<void>(resolve => ports.clock.endOfTurn(resolve))
  }
  if (isWhole && answer.left.length === 0) answer.done = await known.keepOnly(key)
  return answer

  async function rewrapped(id: string, place: Place, current: string): Promise<Place | undefined> {
    const sealed = sealedIn(place)
    if (sealed === undefined || sealed.wrapped.name === current) return undefined
    return sealedPlace({ ...sealed, wrapped: await keys.wrap(await keys.unwrap(sealed.wrapped, id), id) })
  }
}
