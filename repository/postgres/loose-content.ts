// Bytes that belong to no document yet, or to none any more: each is written down before it is there and until it is gone, with the
// process that sees to it. What a process leaves behind another one clears away, without looking through all that is kept. docs/decisions/0260.
import type { Timer } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import { StoreAway } from '../../store/failures.js'
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Session } from '../../store/postgres/session.js'
import {
  type ContentStore,
  ContentUnreachable,
  type NewContent,
  type Place,
  type PlacedContent,
} from '../content-store.js'
import { innerPlace } from '../encryption/sealed-place.js'

export interface LooseContent {
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
  /** Clears away what processes have left that are gone, and what this one could not; how many that were. */
  clear(): Promise<number>
  /** Does so every few seconds, from here on. */
  keepClearing(): void
  close(): Promise<void>
}

const clearEveryMs = 5_000
const mostAtOnce = 500
/** So long a removal waits for another process that is moving the document. */
const patienceMs = 10_000
const lookAgainMs = 100

type Needed = Pick<PostgresStore, 'run' | 'look' | 'keeper'>

export function looseContent(store: Needed, ports: Pick<Ports, 'clock'>): LooseContent {
  const owner = store.keeper.process
  /** Of this process, and not to be cleared away: somebody is at work on them. */
  const inHand = new Set<string>()
  /** Being cleared away at this moment. */
  const going = new Set<string>()
  let behind: ContentStore | undefined
  let clearing: Promise<unknown> = Promise.resolve()
  let timer: Timer | undefined

  async function note(placed: readonly PlacedContent[], check: Check = async () => {}): Promise<void> {
    if (placed.some(each => inHand.has(nameOf(each)) || going.has(nameOf(each)))) throw isBusy()
    for (const each of placed) inHand.add(nameOf(each))
    try {
      await store.run(async session => {
        const noted = await session.query(insert, ...columnsOf(placed), owner)
        if (noted.length !== placed.length) throw isBusy()
        await check(session, placed)
      }, 'soon')
    } catch (problem) {
      letGo(placed)
      throw problem
    }
  }

  /** Nothing is there any more, or a document is. Should this be lost, it is looked at once more. */
  async function forget(placed: readonly PlacedContent[]): Promise<void> {
    await store.run(
      session => session.query(`DELETE FROM loose_content l USING ${listed} WHERE ${same}`, ...columnsOf(placed)),
      'soon',
    )
    for (const each of placed) inHand.delete(nameOf(each))
  }

  /** Of what this process cannot clear away now, it may try again. */
  const letGo = (placed: readonly PlacedContent[]) => {
    for (const each of placed) inHand.delete(nameOf(each))
  }

  function witnessed(inner: ContentStore, place: Place, check?: Check): ContentStore {
    // The first is what keeps all documents, wherever they are.
    behind ??= inner
    async function gone(content: PlacedContent, work: (content: PlacedContent) => Promise<void>): Promise<void> {
      try {
        await work(content)
      } catch (problem) {
        letGo([content])
        throw problem
      }
      await forget([content])
    }
    return {
      ...inner,
      async put(contents: readonly NewContent[]) {
        const placed = contents.map(({ id }) => ({ id, place }))
        if (placed.length === 0) return inner.put(contents)
        await note(placed, check)
        try {
          return await inner.put(contents)
        } catch (problem) {
          letGo(placed)
          throw problem
        }
      },
      final(ids) {
        letGo(ids.map(id => ({ id, place })))
        inner.final(ids)
      },
      remove: content => gone(content, inner.remove),
      erase: content => gone(content, inner.erase),
    }
  }

  async function nothingLeftOf(id: string): Promise<void> {
    const untilMs = ports.clock.monotonicMs() + patienceMs
    for (;;) {
      const left = await store.look(session => session.query<PlacedContent>(selectOf, id))
      if (left.length === 0) return
      if (ports.clock.monotonicMs() > untilMs) throw isBusy()
      await inTurn().catch(() => {})
      await ports.clock.sleep(lookAgainMs)
    }
  }

  async function clear(): Promise<number> {
    const owners = await store.look(session =>
      session.query<{ owner: number }>('SELECT DISTINCT owner FROM loose_content WHERE owner <> ?', owner),
    )
    for (const other of owners) {
      if (await store.keeper.isGone(other.owner))
        await store.run(session =>
          session.query('UPDATE loose_content SET owner = ? WHERE owner = ?', owner, other.owner),
        )
    }
    let cleared = 0
    /** Places that cannot be reached now, with the first reason: what is elsewhere does not wait for them. */
    const away = new Map<Place, unknown>()
    for (let after = ''; ; ) {
      const mine = await store.look(session => session.query<PlacedContent>(select, owner, after, mostAtOnce))
      for (const each of mine) {
        if (away.has(each.place)) continue
        try {
          cleared += await clearOne(each)
        } catch (problem) {
          away.set(each.place, problem)
        }
      }
      const last = mine.at(-1)
      if (last === undefined || mine.length < mostAtOnce) break
      after = last.id
    }
    for (const problem of away.values()) throw problem
    return cleared
  }

  async function clearOne(placed: PlacedContent): Promise<number> {
    if (inHand.has(nameOf(placed))) return 0
    going.add(nameOf(placed))
    try {
      return await clearAway(placed)
    } finally {
      going.delete(nameOf(placed))
    }
  }

  async function clearAway(placed: PlacedContent): Promise<number> {
    // Nobody takes it in hand meanwhile, and a commit under way that names it is waited for: what is found now stays true.
    const [found] = await store.run(session => session.query<Loose>(selectOne, placed.id, placed.place, owner), 'soon')
    if (found === undefined) return 0
    if (found.named !== null && innerPlace(found.named) === placed.place) {
      await forget([placed])
      return 0
    }
    await behind?.erase(placed)
    await forget([placed])
    return 1
  }

  function inTurn(): Promise<number> {
    const turn = clearing.catch(() => {}).then(clear)
    clearing = turn
    return turn
  }

  return {
    witnessed: (inner, place) => witnessed(inner, place),
    witnessedCopies: (inner, place) => witnessed(inner, place, assertElsewhere),
    async taken(session, placed) {
      if (placed.length === 0) return
      const taken = await session.query(
        `DELETE FROM loose_content l USING ${listed} WHERE ${same} AND l.owner = ? RETURNING l.document_id`,
        ...columnsOf(placed),
        owner,
      )
      if (taken.length !== placed.length)
        throw new StoreAway('this process was taken for one that is gone; send this one again a little later')
    },
    left(session, placed) {
      for (const each of placed) inHand.add(nameOf(each))
      return session.query(insert, ...columnsOf(placed), owner)
    },
    notLeft: letGo,
    nothingLeftOf,
    clear: inTurn,
    keepClearing() {
      // What cannot be cleared away now is tried again.
      timer ??= ports.clock.every(clearEveryMs, () => void inTurn().catch(() => {}))
    },
    async close() {
      timer?.cancel()
      await clearing.catch(() => {})
    },
  }
}

/** Of what has just been written down, in the same transaction. */
type Check = (session: Session, placed: readonly PlacedContent[]) => Promise<void>

const isBusy = () => new ContentUnreachable('another process is at work on this document; try again a little later')

/** Asked behind the writing down, which has waited for the commit of whoever was moving it there. */
async function assertElsewhere(session: Session, placed: readonly PlacedContent[]): Promise<void> {
  const standing = await session.query<PlacedContent>(
    'SELECT id, place FROM document WHERE id = ANY (?::text[])',
    placed.map(({ id }) => id),
  )
  const here = new Set(placed.map(nameOf))
  if (standing.some(each => here.has(nameOf(each)))) throw isBusy()
}

interface Loose {
  /** The place in the document's row, where there is one. */
  named: string | null
}

const nameOf = ({ id, place }: PlacedContent) => `${id} ${innerPlace(place)}`
const columnsOf = (placed: readonly PlacedContent[]) =>
  [placed.map(({ id }) => id), placed.map(({ place }) => innerPlace(place))] as const

const listed = 'unnest(?::text[], ?::text[]) listed(id, place)'
const same = 'l.document_id = listed.id AND l.place = listed.place'
const insert = `INSERT INTO loose_content SELECT listed.id, listed.place, owners.owner FROM ${listed}, (SELECT ?::bigint) owners(owner)
  ON CONFLICT (document_id, place) DO UPDATE SET owner = excluded.owner WHERE loose_content.owner = excluded.owner
  RETURNING document_id`
const select = `SELECT document_id AS id, place FROM loose_content
  WHERE owner = ? AND document_id > ? ORDER BY document_id LIMIT ?`
const selectOf = 'SELECT document_id AS id, place FROM loose_content WHERE document_id = ?'
const selectOne = `SELECT d.place AS named FROM loose_content l LEFT JOIN document d ON d.id = l.document_id
  WHERE l.document_id = ? AND l.place = ? AND l.owner = ? FOR UPDATE OF l`
