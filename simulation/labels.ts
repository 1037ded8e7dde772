// What a durable step is called: by the place that it changes, without what is another in each run; a commit by the tables it writes.

/** `documents/segments/7.open` is `documents/segments/N.open`. */
export function placeLabel(path: string): string {
  return path
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '*')
    .replace(/[0-9a-f]{32}/g, '*')
    .replace(/\/[0-9a-f]{2}\/[0-9a-f]{2}(?=\/|$)/, '/ab/cd')
    .replace(/(?<=[/ ])[0-9a-f]{2}$/, 'ab')
    .replace(/\d{3,}/g, 'N')
    .replace(/\b\d+(?=\.(?:open|kept)\b)/, 'N')
}

/** Undefined of a statement that writes none. */
export function tableWrittenBy(sql: string): string | undefined {
  return /^\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)/i.exec(sql)?.[1]
}

export function commitLabel(tables: ReadonlySet<string>): string {
  return `commit of ${[...tables].sort().join(', ') || 'nothing'}`
}
