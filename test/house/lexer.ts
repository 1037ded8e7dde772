// TypeScript cut into code, comments and literals: enough to look for imports and names without taking words for deeds.

export interface Token {
  kind: 'code' | 'comment' | 'string' | 'template' | 'regex'
  text: string
  /** Offset of the first character in the source. */
  at: number
}

/** The tokens of a source in order; together they are the whole text. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  /** Depth of braces at which the code inside a template's `${}` ends, innermost last. */
  const holes: number[] = []
  let depth = 0
  let codeFrom = 0
  let at = 0

  const close = (kind: Token['kind'], end: number) => {
    if (at > codeFrom) tokens.push({ kind: 'code', text: source.slice(codeFrom, at), at: codeFrom })
    tokens.push({ kind, text: source.slice(at, end), at })
    at = codeFrom = end
  }
  const template = () => {
    const end = templateEnd(source, at + 1)
    if (source[end - 1] === '{') holes.push(depth++)
    close('template', end)
  }

  while (at < source.length) {
    const character = source[at]
    if (source.startsWith('//', at)) close('comment', endOf(source, '\n', at))
    else if (source.startsWith('/*', at)) close('comment', endOf(source, '*/', at + 2, 2))
    else if (character === "'" || character === '"') close('string', quoteEnd(source, at))
    else if (character === '`') template()
    else if (character === '/' && regexMayStart(source.slice(codeFrom, at), tokens))
      close('regex', regexEnd(source, at))
    else if (character === '}' && holes.length > 0 && holes.at(-1) === depth - 1) {
      depth = holes.pop() ?? 0
      template()
    } else {
      if (character === '{') depth += 1
      if (character === '}') depth -= 1
      at += 1
    }
  }
  if (at > codeFrom) tokens.push({ kind: 'code', text: source.slice(codeFrom, at), at: codeFrom })
  return tokens
}

function endOf(source: string, mark: string, from: number, length = 0): number {
  const found = source.indexOf(mark, from)
  return found < 0 ? source.length : found + length
}

function quoteEnd(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== source[start] && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1
  return Math.min(at + 1, source.length)
}

/** Behind the closing backtick, or behind the `${` of the next hole. */
function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += source[at] === '\\' ? 2 : 1) {
    if (source[at] === '`') return at + 1
    if (source.startsWith('${', at)) return at + 2
  }
  return source.length
}

function regexEnd(source: string, start: number): number {
  let inClass = false
  let at = start + 1
  for (; at < source.length && source[at] !== '\n'; at += source[at] === '\\' ? 2 : 1) {
    if (source[at] === '[') inClass = true
    if (source[at] === ']') inClass = false
    if (source[at] === '/' && !inClass) break
  }
  at += 1
  while (/[a-z]/.test(source[at] ?? '')) at += 1
  return Math.min(at, source.length)
}

// A slash divides after a value and begins a pattern anywhere else.
function regexMayStart(codeBefore: string, tokens: Token[]): boolean {
  const code = codeBefore.trimEnd()
  if (code !== '') return /(?:[=(,;:!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield))$/.test(code)
  const before = tokens.findLast(token => token.kind !== 'comment' && token.text.trim() !== '')
  if (before === undefined) return true
  return before.kind === 'code'
    ? regexMayStart(before.text, [])
    : before.kind === 'template' && before.text.endsWith('{')
}
