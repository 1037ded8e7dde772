// XML with one long list in it: the items of the list are read one by one as they come and kept by nobody, what is around them is a document as
// ever, with the list empty. docs/decisions/0330.
import { isUtf8 } from 'node:buffer'
import { growingBytes } from './growing-bytes.js'
import { markupEnd, type Seen } from './markup-end.js'
import {
  type MemoryBudget,
  parseXml,
  type XmlElement,
  type XmlLimits,
  XmlProblem,
  type XmlReader,
  xmlReader,
} from './xml.js'

export interface LongList {
  /** Local names from the root to the list. */
  path: readonly string[]
  /** A promise means: wait before you give me more. */
  take(item: XmlElement): Promise<void> | void
}

/** One item may be so long. */
const itemBytes = 4 * 1024 * 1024
/** Each item is read behind them. */
const mostDeclared = 8_192

const [less, slash, exclamation, question] = [0x3c, 0x2f, 0x21, 0x3f]

/** The memory it takes does not grow with the list: an item is given away when its end tag has come, and may have 4 MiB. */
export function listReader(limits: Partial<XmlLimits>, { path, take }: LongList, memory?: MemoryBudget): XmlReader {
  const around = xmlReader(limits, memory)
  /** Start tags of the elements that are open on the way to the list. */
  const way: string[] = []
  let depth = 0
  /** Of what is open, the part before this chunk. */
  const item = growingBytes()
  let isInItem = false
  /** Markup whose end has not come, and how far that was looked for: it is looked through once, in however many chunks it comes. */
  const held = growingBytes()
  let seen: Seen = { bytes: 0 }
  /** What every item is read behind. */
  let start = ''
  let isInUtf8: boolean | undefined

  /** What is not used up at once is copied: nobody knows what becomes of the memory of a chunk. */
  function keep(bytes: Buffer): void {
    if (!isInItem) return void around.write(bytes)
    if (item.length + bytes.length > itemBytes) {
      throw new XmlProblem(`an item of the list is longer than ${itemBytes} bytes`)
    }
    item.add(bytes)
  }

  /** With the namespaces that are declared around it. */
  function takeItem(end: Buffer): Promise<void> | void {
    const bytes = item.length === 0 ? end : Buffer.concat([item.all(), end])
    isInItem = false
    item.clear()
    if (!isUtf8(bytes)) throw new XmlProblem('the document is not valid UTF-8')
    const [element] = parseXml(`${start}${bytes.toString()}</item>`, limits).children
    return element && take(element)
  }

  function begin(): void {
    isInItem = true
    if (start !== '') return
    const declared = new Map(way.flatMap(declarations))
    start = `<item${[...declared].map(([name, value]) => ` ${name}=${value}`).join('')}>`
    if (start.length <= mostDeclared) return
    throw new XmlProblem(`the namespaces that are declared around the list have more than ${mostDeclared} characters`)
  }

  async function taken(bytes: Buffer): Promise<void> {
    const all = held.length === 0 ? bytes : held.add(bytes)
    let at = 0
    let from = 0
    for (let tag = all.indexOf(less); tag >= 0; tag = all.indexOf(less, at)) {
      const end = markupEnd(all, tag, seen)
      if (end < 0) {
        at = tag
        break
      }
      seen = { bytes: 0 }
      at = end
      const kind = kindOf(all, tag, end)
      if (kind === 'other') continue
      if (kind === 'end') depth -= 1
      else if (!isInItem && depth === path.length && way.length === path.length) {
        keep(all.subarray(from, tag))
        from = tag
        begin()
      }
      if (isInItem && depth === path.length && kind !== 'start') {
        const wait = takeItem(all.subarray(from, end))
        from = end
        if (wait !== undefined) await wait
      }
      if (kind === 'end') way.length = Math.min(way.length, depth)
      if (kind !== 'start') continue
      if (way.length === depth && depth < path.length) {
        const text = all.toString('utf8', tag, end)
        if (localName(text) === path[depth]) way.push(text)
      }
      depth += 1
    }
    if (at < all.length && all.indexOf(less, at) < 0) at = all.length
    keep(all.subarray(from, at))
    held.keepFrom(all, at)
    if (held.length > itemBytes) throw new XmlProblem(`a piece of markup is longer than ${itemBytes} bytes`)
  }

  function rest(): void {
    if (isInItem) throw new XmlProblem('the document ends in the middle of its list', true)
    around.write(held.all())
    held.clear()
  }

  return {
    write(given) {
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
      // In UTF-16 it is read whole.
      isInUtf8 ??= bytes[0] !== 0xff && bytes[0] !== 0xfe && bytes[0] !== 0 && bytes[1] !== 0
      return isInUtf8 ? taken(bytes) : around.write(bytes)
    },
    end() {
      rest()
      return around.end()
    },
    endInSlices(pause) {
      rest()
      return around.endInSlices(pause)
    },
  }
}

function kindOf(bytes: Buffer, start: number, end: number): 'start' | 'end' | 'empty' | 'other' {
  const second = bytes[start + 1]
  if (second === exclamation || second === question) return 'other'
  if (second === slash) return 'end'
  return bytes[end - 2] === slash ? 'empty' : 'start'
}

const localName = (tag: string) => /^<(?:[^\s/>:]*:)?([^\s/>:]+)/.exec(tag)?.[1]

/** xmlns attributes as they were written; what stands in the values of others is passed over. */
function declarations(tag: string): [name: string, value: string][] {
  return [...tag.matchAll(/\s([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g)]
    .map(([, name = '', value = '']): [string, string] => [name, value])
    .filter(([name]) => /^xmlns(:|$)/.test(name))
}
