// Where a piece of markup ends: a tag, a comment, a CDATA section, an instruction. [XML 1.0: 2.4, 2.5, 2.6, 3.1]

/** How far one that has not come whole was looked through. */
export interface Seen {
  /** From its start. */
  bytes: number
  /** In whose value of an attribute that ended. */
  quote?: number | undefined
}

const [greater, exclamation, question] = [0x3e, 0x21, 0x3f]
const quotes = new Set([0x22, 0x27])

/** Behind the end of the markup that begins at `start`; -1 where the end has not come, and `seen` then says how far to go on from. */
export function markupEnd(bytes: Buffer, start: number, seen: Seen): number {
  const end = endOf(bytes, start, seen)
  if (end < 0) seen.bytes = bytes.length - start
  return end
}

function endOf(bytes: Buffer, start: number, seen: Seen): number {
  const second = bytes[start + 1]
  if (second === question) return behind('?>', 2)
  if (second !== exclamation) return tagEnd(bytes, start, seen)
  const text = bytes.toString('latin1', start, start + 9)
  if (text.startsWith('<!--')) return behind('-->', 4)
  if (text === '<![CDATA[') return behind(']]>', 9)
  return '<![CDATA['.startsWith(text) || '<!--'.startsWith(text) ? -1 : behind('>', 0)

  function behind(mark: string, from: number): number {
    const at = bytes.indexOf(mark, start + Math.max(from, seen.bytes - mark.length + 1))
    return at < 0 ? -1 : at + mark.length
  }
}

/** A > may stand in the value of an attribute. */
function tagEnd(bytes: Buffer, start: number, seen: Seen): number {
  let { quote } = seen
  for (let at = start + Math.max(1, seen.bytes); at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (quote !== undefined) {
      if (byte === quote) quote = undefined
    } else if (byte === greater) return at + 1
    else if (quotes.has(byte)) quote = byte
  }
  seen.quote = quote
  return -1
}
