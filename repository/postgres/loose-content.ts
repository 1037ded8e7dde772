// Bytes that belong to no document yet, or to none any more: each is written down before it is there and until it is gone, with the
// process that sees to it. What a process leaves behind another one clears away, without looking through all that is kept. docs/decisions/0260.
import type { Ports } from '../../ports/ports.js'
import { StoreAway } from '../../store/failures.js'
import type { Session } from '../../store/postgres/session.js'
import type { ContentStore, NewContent, Place, PlacedContent } from '../content-store.js'
import { type LooseClearing, looseClearing } from './loose-clearing.js'
import { looseHands, nameOf } from './loose-hands.js'
import { type Check, isBusy, type LooseStore, looseRows } from './loose-rows.js'

export interface LooseContent extends LooseClearing {
  witnessed(store: ContentStore, place: Place): ContentStore
  /**
   * For copies of documents that are kept elsewhere: none is put where the document is by now, moved by another process, for whoever
   * takes such a copy back takes the document.
   */
  witnessedCopies(store: ContentStore, place: Place): ContentStore
  /**
   * In the commit that names these: they are loose no more. Waits for nobody and undoes the commit when another process has taken them for those
   * of one that is gone.
   */
  taken(session: Session, placed: readonly PlacedContent[]): Promise<void>
  /** In the commit that names them no more. */
  left(session: Session, placed: readonly PlacedContent[]): Promise<unknown>
  /** That commit did not come about, or nobody knows: what these are is looked at when things are cleared away. */
  notLeft(placed: readonly PlacedContent[]): void
  /** What moves have left of a document that is out of reach is cleared away, and what they are making of it has ended, in whatever process. */
  nothingLeftOf(id: string): Promise<void>
}

/** So long a removal waits for another process that is moving the document. */
const patienceMs = 10_000
const lookAgainMs = 100

export function looseContent(store: LooseStore, { clock }: Pick<Ports, 'clock'>): LooseContent {
  const rows = looseRows(store)
  const hands = looseHands()
  let behind: ContentStore | undefined
  const clearing = looseClearing({ rows, hands, clock, erase: async content => behind?.erase(content) })

  async function note(placed: readonly PlacedContent[], check: Check): Promise<void> {
    hands.take(placed)
    try {
      await rows.note(placed, check)
    } catch (problem) {
      hands.letGo(placed)
      throw problem
    }
  }

  /** Nothing is there any more. Should this be lost, it is looked at once more. */
  async function gone(content: PlacedContent, work: (content: PlacedContent) => Promise<void>): Promise<void> {
    try {
      await work(content)
    } catch (problem) {
      // What this process cannot clear away now, it may try again.
      hands.letGo([content])
      throw problem
    }
    await rows.forget([content])
    hands.letGo([content])
  }

  function witnessed(inner: ContentStore, place: Place, check: Check): ContentStore {
    // The first is what keeps all documents, wherever they are.
    behind ??= inner
    return {
      ...inner,
      async put(contents: readonly NewContent[]) {
        const placed = contents.map(({ id }) => ({ id, place }))
        if (placed.length === 0) return inner.put(contents)
        await note(placed, check)
        try {
          return await inner.put(contents)
        } catch (problem) {
          hands.letGo(placed)
          throw problem
        }
      },
      final(ids) {
        hands.letGo(ids.map(id => ({ id, place })))
        inner.final(ids)
      },
      remove: content => gone(content, inner.remove),
      erase: content => gone(content, inner.erase),
    }
  }

  async function nothingLeftOf(id: string): Promise<void> {
    const untilMs = clock.monotonicMs() + patienceMs
    for (;;) {
      const left = await rows.ofDocument(id)
      if (left.length === 0) return
      if (clock.monotonicMs() > untilMs) throw isBusy()
      await clearing.clear().catch(() => {})
      await clock.sleep(lookAgainMs)
    }
  }

  return {
    ...clearing,
    witnessed: (inner, place) => witnessed(inner, place, async () => {}),
    witnessedCopies: (inner, place) => witnessed(inner, place, assertElsewhere),
    async taken(session, placed) {
      if (placed.length === 0 || (await rows.forgetIn(session, placed))) return
      throw new StoreAway('this process was taken for one that is gone; send this one again a little later')
    },
    left(session, placed) {
      hands.keep(placed)
      return rows.noteIn(session, placed)
    },
    notLeft: hands.letGo,
    nothingLeftOf,
  }
}

/** Asked behind the writing down, which has waited for the commit of whoever was moving it there. */
async function assertElsewhere(session: Session, placed: readonly PlacedContent[]): Promise<void> {
  const standing = await session.query<PlacedContent>(
    'SELECT id, place FROM document WHERE id = ANY (?::text[])',
    placed.map(({ id }) => id),
  )
  const here = new Set(placed.map(nameOf))
  if (standing.some(each => here.has(nameOf(each)))) throw isBusy()
}
