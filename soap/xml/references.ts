// References: the five names that need no declaration, and characters by number. [XML 1.0: 4.1, 4.6]

const predefined = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
const reference = /&([^;]*)(;?)/g
const plainReference = /^[A-Za-z_:][-.:\w]*$/

/** Replaces the references of a text by what they stand for. `refuse` is told the place of one that stands for nothing. */
export function withoutReferences(text: string, refuse: (reason: string, at: number) => never): string {
  return text.replace(reference, (_, name: string, semicolon: string, at: number) => {
    if (semicolon === '') return refuse('an ampersand that begins no reference; write &amp;', at)
    const character = predefined.get(name) ?? (name.startsWith('#') ? characterOf(name) : undefined)
    return character ?? refuse(reasonFor(name), at)
  })
}

/** A character that XML can say, by its number. [XML 1.0: 2.2, 66] */
function characterOf(name: string): string | undefined {
  const hexadecimal = name.charCodeAt(1) === 0x78
  if (!(hexadecimal ? /^#x[0-9a-fA-F]+$/ : /^#[0-9]+$/).test(name)) return undefined
  const code = hexadecimal ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
  return isCharacter(code) ? String.fromCodePoint(code) : undefined
}

function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

function reasonFor(name: string): string {
  if (name.startsWith('#')) return 'malformed character entity'
  return plainReference.test(name) ? 'undefined entity' : 'an ampersand that begins no reference; write &amp;'
}
