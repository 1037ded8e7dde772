// How much JSON may hold before it is read: millions of lists inside one another take a gigabyte and hold up everybody, in a body of megabytes.

const mostDepth = 64
/** Objects and lists; a thousand AuditEvents have some forty thousand. */
const mostHolders = 500_000

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** In words what there is too much of; whether it is JSON is for others to say. */
export function tooMuchIn(json: Uint8Array): string | undefined {
  let depth = 0
  let holders = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === quote) {
      at = endOfString(json, at + 1)
    } else if (byte === openBracket || byte === openBrace) {
      depth += 1
      holders += 1
      if (depth > mostDepth) return `it is nested more than ${mostDepth} deep`
      if (holders > mostHolders) return `it has more than ${mostHolders} objects and lists`
    } else if (byte === closeBracket || byte === closeBrace) {
      depth -= 1
    }
  }
  return undefined
}

/** Where the closing quote is. */
function endOfString(json: Uint8Array, from: number): number {
  let at = from
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return at
}
