// How a parameter of a stored query is written: 'text' with quotes doubled inside, bare numbers, lists in parentheses. ITI TF-2 §3.18.4.1.2.3.5.

export interface WrittenValue {
  text: string
  quoted: boolean
}

const value = /\s*(?:'((?:[^']|'')*)'|([^\s'(),]+))\s*/y

/** The values in one rim:Value, the first `most` of a list; undefined when it is not written as it must be. [ITI TF-2:3.18.4.1.2.3.5] */
export function writtenValues(source: string, most = Number.POSITIVE_INFINITY): WrittenValue[] | undefined {
  const trimmed = source.trim()
  if (trimmed.startsWith('(')) {
    return trimmed.endsWith(')') ? separated(trimmed, 1, trimmed.length - 1, most) : undefined
  }
  const values = separated(trimmed, 0, trimmed.length, 2)
  return values?.length === 1 ? values : undefined
}

function separated(source: string, start: number, end: number, most: number): WrittenValue[] | undefined {
  const values: WrittenValue[] = []
  for (let at = start; ; at++) {
    if (values.length >= most) return values
    value.lastIndex = at
    const [found, quoted, bare] = value.exec(source) ?? []
    if (found === undefined) return undefined
    values.push(
      quoted === undefined ? { text: bare ?? '', quoted: false } : { text: quoted.replaceAll("''", "'"), quoted: true },
    )
    at += found.length
    if (at === end) return values
    if (at > end || source[at] !== ',') return undefined
  }
}
