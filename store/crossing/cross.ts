// All rows of a database go into an empty one of the other engine, and are read again there: what comes back has to be what was sent, row
// for row. docs/decisions/0384
import { numberOn, rowsIn } from '../postgres/crossing-in.js'
import { countOnServer, rowsOnServer } from '../postgres/crossing-out.js'
import type { Session } from '../postgres/session.js'
import type { EmptyDatabase } from '../postgres/tables-in.js'
import type { Crossing, Preparing, TravellingRow } from './crossing.js'
import { countOut, rowsOut } from './out-of-sqlite.js'
import { type Tally, tallyOf } from './tally.js'

/** Something on the other side is not what was sent: nothing of it may be kept. */
export class CrossingBroken extends Error {}

export interface Progress {
  /** Rows that were written and rows that were read again. */
  done: number
  total: number
  table: string
}

export interface Crossed {
  table: string
  rows: number
}

type Pages = AsyncIterable<TravellingRow[]> | Iterable<TravellingRow[]>
export type Seen = (progress: Progress) => void

/** One end of the way. */
interface Side {
  count(crossing: Crossing): Promise<number>
  rows(crossing: Crossing): Pages
}

export function crossToServer(
  crossings: readonly Crossing[],
  { from, to }: { from: Preparing; to: EmptyDatabase },
  seen: Seen,
): Promise<Crossed[]> {
  return cross(crossings, {
    from: embeddedSide(from),
    to: serverSide(to, { ordered: false }),
    async write(crossing, pages) {
      await rowsIn(crossing, pages, to)
      await numberOn(crossing, to)
    },
    seen,
  })
}

export function crossToFile(
  crossings: readonly Crossing[],
  { from, to }: { from: Session; to: Preparing },
  seen: Seen,
): Promise<Crossed[]> {
  return cross(crossings, {
    from: serverSide(from, { ordered: true }),
    to: embeddedSide(to),
    async write({ embedded }, pages) {
      const write = embedded.writer?.(to) ?? (() => {})
      for await (const page of pages) page.forEach(write)
    },
    seen,
  })
}

/** As by `crossToServer`, of a copy that is there already: nothing is written. @throws CrossingBroken where it is not the same, row for row */
export const compareWithServer = (
  crossings: readonly Crossing[],
  { from, to }: { from: Preparing; to: Session },
  seen: Seen,
): Promise<Crossed[]> => compare(crossings, { from: embeddedSide(from), to: serverSide(to, { ordered: false }), seen })

/** As by `crossToFile`. @throws CrossingBroken */
export const compareWithFile = (
  crossings: readonly Crossing[],
  { from, to }: { from: Session; to: Preparing },
  seen: Seen,
): Promise<Crossed[]> => compare(crossings, { from: serverSide(from, { ordered: false }), to: embeddedSide(to), seen })

const serverSide = (session: Session, { ordered }: { ordered: boolean }): Side => ({
  count: crossing => countOnServer(crossing, session),
  rows: crossing => rowsOnServer(crossing, session, { ordered }),
})

const embeddedSide = (database: Preparing): Side => ({
  count: async crossing => countOut(crossing, database),
  rows: crossing => rowsOut(crossing, database),
})

interface Way {
  from: Side
  to: Side
  write(crossing: Crossing, pages: AsyncIterable<TravellingRow[]>): Promise<void>
  seen: Seen
}

async function compare(crossings: readonly Crossing[], way: Omit<Way, 'write'>): Promise<Crossed[]> {
  for (const crossing of crossings) {
    const [here, there] = [await way.from.count(crossing), await way.to.count(crossing)]
    if (here !== there) throw new CrossingBroken(`${crossing.table} has ${here} rows, of which ${there} are there`)
  }
  const write = async (_: Crossing, pages: AsyncIterable<TravellingRow[]>) => {
    for await (const _ of pages);
  }
  return cross(crossings, { ...way, write })
}

async function cross(crossings: readonly Crossing[], { from, to, write, seen }: Way): Promise<Crossed[]> {
  const counts = new Map<Crossing, number>()
  for (const crossing of crossings) counts.set(crossing, await from.count(crossing))
  const progress = { done: 0, total: [...counts.values()].reduce((sum, count) => sum + 2 * count, 0), table: '' }
  const tell = (table: string, rows: number) => {
    progress.done += rows
    progress.table = table
    seen(progress)
  }

  const sent = new Map<Crossing, Tally>()
  for (const crossing of crossings) {
    const tally = tallyOf(crossing)
    sent.set(crossing, tally)
    await write(
      crossing,
      tallied(from.rows(crossing), tally, rows => tell(crossing.table, rows)),
    )
  }
  for (const crossing of crossings) {
    const { table } = crossing
    const there = tallyOf(crossing)
    for await (const _ of tallied(to.rows(crossing), there, rows => tell(table, rows)));
    const tally = sent.get(crossing)
    if (tally?.rows !== counts.get(crossing) || tally?.rows !== there.rows)
      throw new CrossingBroken(
        `${table} had ${counts.get(crossing)} rows, of which ${tally?.rows} were read and ${there.rows} are there`,
      )
    if (tally.digest !== there.digest) throw new CrossingBroken(`${table}, read again, is not what was sent`)
  }
  return crossings.map(crossing => ({ table: crossing.table, rows: sent.get(crossing)?.rows ?? 0 }))
}

async function* tallied(pages: Pages, tally: Tally, seen: (rows: number) => void): AsyncGenerator<TravellingRow[]> {
  for await (const page of pages) {
    page.forEach(tally.add)
    yield page
    seen(page.length)
  }
}
