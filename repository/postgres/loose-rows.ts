// The table loose_content: bytes that belong to no document, each with the process that sees to it.
import type { PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Session } from '../../store/postgres/session.js'
import { ContentUnreachable, type PlacedContent } from '../content-store.js'
import { innerPlace } from '../encryption/sealed-place.js'

export interface LooseRows {
  /** Writes them down as this process's own; `check` is asked in the same transaction. @throws ContentUnreachable where another process has one. */
  note(placed: readonly PlacedContent[], check: Check): Promise<void>
  forget(placed: readonly PlacedContent[]): Promise<void>
  /** Within somebody's commit; false when another process has taken one of them. */
  forgetIn(session: Session, placed: readonly PlacedContent[]): Promise<boolean>
  /** Within somebody's commit. */
  noteIn(session: Session, placed: readonly PlacedContent[]): Promise<unknown>
  /** Wherever these bytes of a document are, whoever sees to them. */
  ofDocument(id: string): Promise<PlacedContent[]>
  /** Of this process, in the order of their ids. */
  own(afterId: string, most: number): Promise<PlacedContent[]>
  /**
   * Where the document of these stands, null where there is none; undefined when they are this process's no more. Nobody takes them in hand
   * meanwhile, and a commit under way that names them is waited for: what is found stays true.
   */
  standingOf(placed: PlacedContent): Promise<{ named: string | null } | undefined>
  /** What processes have left that are gone becomes this one's. */
  inherit(): Promise<void>
}

/** Of what has just been written down, in the same transaction. */
export type Check = (session: Session, placed: readonly PlacedContent[]) => Promise<void>

export type LooseStore = Pick<PostgresStore, 'run' | 'look' | 'keeper'>

/** A row is written before its bytes are there (`note`), and removed in the commit that names them, or when they are gone. */
export function looseRows(store: LooseStore): LooseRows {
  const owner = store.keeper.process

  return {
    async note(placed, check) {
      await store.run(async session => {
        const noted = await session.query(insert, ...columnsOf(placed), owner)
        if (noted.length !== placed.length) throw isBusy()
        await check(session, placed)
      }, 'soon')
    },
    async forget(placed) {
      await store.run(
        session => session.query(`DELETE FROM loose_content l USING ${listed} WHERE ${same}`, ...columnsOf(placed)),
        'soon',
      )
    },
    async forgetIn(session, placed) {
      const taken = await session.query(
        `DELETE FROM loose_content l USING ${listed} WHERE ${same} AND l.owner = ? RETURNING l.document_id`,
        ...columnsOf(placed),
        owner,
      )
      return taken.length === placed.length
    },
    noteIn: (session, placed) => session.query(insert, ...columnsOf(placed), owner),
    ofDocument: id => store.look(session => session.query<PlacedContent>(selectOfDocument, id)),
    own: (afterId, most) => store.look(session => session.query<PlacedContent>(selectOwn, owner, afterId, most)),
    async standingOf({ id, place }) {
      const query = (session: Session) => session.query<{ named: string | null }>(selectStanding, id, place, owner)
      const [found] = await store.run(query, 'soon')
      return found
    },
    async inherit() {
      const others = await store.look(session =>
        session.query<{ owner: number }>('SELECT DISTINCT owner FROM loose_content WHERE owner <> ?', owner),
      )
      for (const other of others) {
        if (!(await store.keeper.isGone(other.owner))) continue
        await store.run(session =>
          session.query('UPDATE loose_content SET owner = ? WHERE owner = ?', owner, other.owner),
        )
      }
    },
  }
}

export const isBusy = () =>
  new ContentUnreachable('another process is at work on this document; try again a little later')

const columnsOf = (placed: readonly PlacedContent[]) =>
  [placed.map(({ id }) => id), placed.map(({ place }) => innerPlace(place))] as const

const listed = 'unnest(?::text[], ?::text[]) listed(id, place)'
const same = 'l.document_id = listed.id AND l.place = listed.place'
const insert = `INSERT INTO loose_content SELECT listed.id, listed.place, owners.owner FROM ${listed}, (SELECT ?::bigint) owners(owner)
  ON CONFLICT (document_id, place) DO UPDATE SET owner = excluded.owner WHERE loose_content.owner = excluded.owner
  RETURNING document_id`
const selectOwn = `SELECT document_id AS id, place FROM loose_content
  WHERE owner = ? AND document_id > ? ORDER BY document_id LIMIT ?`
const selectOfDocument = 'SELECT document_id AS id, place FROM loose_content WHERE document_id = ?'
const selectStanding = `SELECT d.place AS named FROM loose_content l LEFT JOIN document d ON d.id = l.document_id
  WHERE l.document_id = ? AND l.place = ? AND l.owner = ? FOR UPDATE OF l`
