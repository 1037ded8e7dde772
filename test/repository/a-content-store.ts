// What every engine for the bytes of documents has to do, whatever it is made of.
import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { ContentStore, NewContent, PlacedContent, Rows } from '../../repository/content-store.js'
import type { Spooled } from '../../soap/message.js'
import type { Spool } from '../../soap/spool.js'

export interface Engine {
  contents: ContentStore
  /** Ends the process without a word and starts the next one. */
  restart(): Promise<ContentStore>
  spool: Spool
}

export async function aContent(spool: Spool, bytes: Buffer): Promise<NewContent & { content: Spooled }> {
  const writer = spool.receive()
  await writer.write(bytes)
  return { id: randomUUID(), content: await writer.end() }
}

export async function readAll(contents: ContentStore, placed: PlacedContent): Promise<Buffer | undefined> {
  const open = await contents.open(placed)
  const bytes = await open?.read(0, 10_000_000)
  await open?.close()
  return bytes
}

/** Rows as a database has them. */
export function theRows() {
  const all = new Map<string, NonNullable<ReturnType<Rows['standing']>>>()
  return {
    add: ({ id, place }: PlacedContent, state: 'registered' | 'registering' = 'registered') =>
      void all.set(id, { state, place }),
    remove: (id: string) => void all.delete(id),
    placed: (id: string): PlacedContent => ({ id, place: all.get(id)?.place ?? '' }),
    standing: (id: string) => all.get(id),
    async moved(moves: Parameters<Rows['moved']>[0]) {
      const there = moves.filter(({ id, from }) => all.get(id)?.place === from)
      for (const { id, to } of there) all.set(id, { ...all.get(id)!, place: to })
      return new Set(there.map(({ id }) => id))
    },
  }
}

/** `made` makes bytes of a size that the engine is for. */
export function keepsContents(open: () => Promise<Engine>, made: () => Buffer): void {
  async function holding(count: number) {
    const engine = await open()
    const all = Array.from({ length: count }, made)
    const fresh = await Promise.all(all.map(bytes => aContent(engine.spool, bytes)))
    const places = await engine.contents.put(fresh)
    const placed = fresh.map(({ id }) => ({ id, place: places.get(id) ?? '' }))
    return { ...engine, all, placed, ids: placed.map(({ id }) => id) }
  }

  it('gives back what it was given, whole and by ranges, in this process and the next', async () => {
    const { contents, restart, all, placed } = await holding(3)
    contents.final(placed.map(({ id }) => id))
    for (const store of [contents, await restart()]) {
      for (const [at, bytes] of all.entries()) {
        expect(await readAll(store, placed[at]!)).to.deep.equal(bytes)
        expect(await store.sizeBytes(placed[at]!)).to.equal(bytes.length)
        const reader = await store.open(placed[at]!)
        expect(await reader?.read(100, 50)).to.deep.equal(bytes.subarray(100, 150))
        expect(await reader?.read(bytes.length - 7, 50)).to.deep.equal(bytes.subarray(-7))
        expect(await reader?.read(bytes.length, 50)).to.deep.equal(Buffer.alloc(0))
        await reader?.close()
      }
    }
  })

  it('has nothing of what was erased, and lets it be erased again', async () => {
    const { contents, restart, all, placed } = await holding(3)
    await contents.erase(placed[1]!)
    await contents.erase(placed[1]!)
    for (const store of [contents, await restart()]) {
      expect(await store.open(placed[1]!)).to.equal(undefined)
      expect(await store.sizeBytes(placed[1]!)).to.equal(undefined)
      expect(await readAll(store, placed[0]!)).to.deep.equal(all[0])
      expect(await readAll(store, placed[2]!)).to.deep.equal(all[2])
    }
  })

  it('sweeps what no row knows, and leaves alone what this process has not finished', async () => {
    const { contents, restart, all, placed, ids } = await holding(3)
    const rows = theRows()
    rows.add(placed[0]!, 'registered')
    rows.add(placed[1]!, 'registering')
    expect(await contents.sweep(rows)).to.equal(0)
    expect(await readAll(contents, placed[2]!)).to.deep.equal(all[2])
    const next = await restart()
    expect(await next.sweep(rows)).to.equal(1)
    for (const at of [0, 1]) expect(await readAll(next, rows.placed(ids[at]!))).to.deep.equal(all[at])
    expect(await next.open(placed[2]!)).to.equal(undefined)
  })

  it('takes in what can only be read in order, without a file and not in memory', async () => {
    const { contents, spool } = await open()
    const bytes = randomBytes(150_000)
    const { id, content } = await aContent(spool, bytes)
    const { sizeBytes, sha1, sha256, chunkDigests } = content
    const streamed: Spooled = {
      ...{ sizeBytes, sha1, sha256, chunkDigests, bytes: undefined, path: undefined },
      open: () => [bytes.subarray(0, 70_000), bytes.subarray(70_000)],
      keepAs: () => Promise.reject(new Error('no file')),
      discard: async () => {},
    }
    const places = await contents.put([{ id, content: streamed }])
    expect(await readAll(contents, { id, place: places.get(id)! })).to.deep.equal(bytes)
  })
}
