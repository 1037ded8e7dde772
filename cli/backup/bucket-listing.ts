// Which objects are in a bucket, and how long: a page of the list at a time, so that whoever asks for one after another in their order asks
// the storage once for a thousand.
import type { Bucket } from '../../s3/bucket.js'

export interface Listing {
  /** Its size; 'folder' where more is below it; undefined where there is nothing. */
  look(key: string): Promise<number | 'folder' | undefined>
  put(key: string, sizeBytes: number): void
  erased(key: string): void
}

interface Page {
  after: string
  /** The last key that it covers; undefined where nothing is behind `after`. */
  last: string | undefined
  sizes: Map<string, number>
}

export function openListing(bucket: Pick<Bucket, 'objects'>): Listing {
  let page: Page | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const covers = (key: string) =>
    page !== undefined && page.after < key && (page.last === undefined || key <= page.last)

  async function pageBehind(after: string): Promise<Page> {
    const pages = bucket.objects(after)[Symbol.asyncIterator]()
    try {
      const first = await pages.next()
      const objects = first.done === true ? [] : first.value
      return {
        after,
        last: objects.at(-1)?.key,
        sizes: new Map(objects.map(({ key, sizeBytes }) => [key, sizeBytes])),
      }
    } finally {
      await pages.return?.(undefined)
    }
  }

  async function look(key: string): Promise<number | 'folder' | undefined> {
    // Behind what comes before it: the key itself is the first of the page, if it is there.
    if (!covers(key)) page = await pageBehind(key.slice(0, -1))
    const found = page?.sizes.get(key)
    return found ?? (await isFolder(key))
  }

  async function isFolder(key: string): Promise<'folder' | undefined> {
    const begin = `${key}/`
    // All that could be in it is in the page, and there are none of it for most keys that are asked for.
    const seen = covers(begin) && covers(`${key}0`) ? page : await pageBehind(begin)
    return [...(seen?.sizes.keys() ?? [])].some(each => each.startsWith(begin)) ? 'folder' : undefined
  }

  return {
    look(key) {
      const mine = turn.then(() => look(key))
      turn = mine.catch(() => {})
      return mine
    },
    put: (key, sizeBytes) => void (covers(key) && page?.sizes.set(key, sizeBytes)),
    erased: key => void page?.sizes.delete(key),
  }
}
