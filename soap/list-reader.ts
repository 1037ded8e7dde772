// XML with one long list in it: the items of the list are read one by one as they come and kept by nobody, what is around them is a document as
// ever, with the list empty. docs/decisions/0330.
import { isUtf8 } from 'node:buffer'
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

const [less, greater, slash, exclamation, question] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f]
const quotes = new Set([0x22, 0x27])
const nothing = Buffer.alloc(0)

/** The memory it takes does not grow with the list: an item is given away when its end tag has come, and may have 4 MiB. */
export function listReader(limits: Partial<XmlLimits>, { path, take }: LongList, memory?: MemoryBudget): XmlReader {
  const around = xmlReader(limits, memory)
  /** Start tags of the elements that are open on the way to the list. */
  const way: string[] = []
  let depth = 0
  let item: Buffer[] | undefined
  let bytesOfItem = 0
  let held: Buffer = nothing
  /** What every item is read behind. */
  let start = ''
  let isInUtf8: boolean | undefined

  /** What is not used up at once is copied: nobody knows what becomes of the memory of a chunk. */
  function keep(bytes: Buffer): void {
    if (item === undefined) return void around.write(bytes)
    bytesOfItem += bytes.length
    if (bytesOfItem > itemBytes) throw new XmlProblem(`an item of the list is longer than ${itemBytes} bytes`)
    item.push(Buffer.from(bytes))
  }

  /** With the namespaces that are declared around it. */
  function takeItem(end: Buffer): Promise<void> | void {
    const bytes = item === undefined || item.length === 0 ? end : Buffer.concat([...item, end])
    item = undefined
    bytesOfItem = 0
    if (!isUtf8(bytes)) throw new XmlProblem('the document is not valid UTF-8')
    const [element] = parseXml(`${start}${bytes.toString()}</item>`, limits).children
    return element && take(element)
  }

  function begin(): void {
    item = []
    if (start !== '') return
    const declared = new Map(way.flatMap(declarations))
    start = `<item${[...declared].map(([name, value]) => ` ${name}=${value}`).join('')}>`
  }

  async function taken(bytes: Buffer): Promise<void> {
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    let at = 0
    let from = 0
    for (let tag = all.indexOf(less); tag >= 0; tag = all.indexOf(less, at)) {
      const end = markupEnd(all, tag)
      if (end < 0) {
        at = tag
        break
      }
      at = end
      const kind = kindOf(all, tag, end)
      if (kind === 'other') continue
      if (kind === 'end') depth -= 1
      else if (item === undefined && depth === path.length && way.length === path.length) {
        keep(all.subarray(from, tag))
        from = tag
        begin()
      }
      if (item !== undefined && depth === path.length && kind !== 'start') {
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
    held = Buffer.from(all.subarray(at))
    if (held.length > itemBytes) throw new XmlProblem(`a piece of markup is longer than ${itemBytes} bytes`)
  }

  function rest(): void {
    if (item !== undefined) throw new XmlProblem('the document ends in the middle of its list', true)
    around.write(held)
    held = nothing
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

/** Behind the end of the markup that begins there; -1 where the end has not come. */
function markupEnd(bytes: Buffer, start: number): number {
  const second = bytes[start + 1]
  if (second === question) return behind(bytes, '?>', start + 2)
  if (second !== exclamation) return tagEnd(bytes, start + 1)
  const text = bytes.toString('latin1', start, start + 9)
  if (text.startsWith('<!--')) return behind(bytes, '-->', start + 4)
  if (text === '<![CDATA[') return behind(bytes, ']]>', start + 9)
  return '<![CDATA['.startsWith(text) || '<!--'.startsWith(text) ? -1 : behind(bytes, '>', start)
}

function behind(bytes: Buffer, mark: string, from: number): number {
  const at = bytes.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

/** A > may stand in the value of an attribute. */
function tagEnd(bytes: Buffer, from: number): number {
  let quote: number | undefined
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (quote !== undefined) {
      if (byte === quote) quote = undefined
    } else if (byte === greater) return at + 1
    else if (quotes.has(byte)) quote = byte
  }
  return -1
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
