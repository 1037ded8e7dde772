// Text in columns, for people.

/** Lines of a table; the first column gives way when the terminal is narrow, ids are never cut. */
export function table(headings: string[], rows: string[][], columns: number): string[] {
  const clean = rows.map(row => row.map(oneLine))
  const widths = headings.map((heading, index) => Math.max(heading.length, ...clean.map(row => row[index]!.length)))
  const excess = widths.reduce((sum, width) => sum + width + 2, -2) - columns
  if (excess > 0) widths[0] = Math.max(headings[0]!.length, 12, widths[0]! - excess)
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => cut(cell, widths[index]!).padEnd(widths[index]!))
      .join('  ')
      .trimEnd()
  return [line(headings), line(widths.map(width => '-'.repeat(width))), ...clean.map(line)]
}

// What others have written must not move our cursor or colour our terminal.
/** What others have sent, made fit for a terminal: no line ends, no control characters. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '?')
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
