// A table for people's spreadsheets, which take a text that begins like a formula for one. RFC 4180.

const bom = '\ufeff'

/** The first line begins with a byte order mark: without it a spreadsheet takes UTF-8 for something else. */
export function csvHead(columns: readonly string[]): string {
  return bom + csvLine(columns)
}

/** Ends with CRLF; an undefined cell is empty, one that begins like a formula is defused. [RFC 4180: 2] */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

// Also behind blanks and line ends, which spreadsheets take off, and in full width.
const formula = /^[\s\u00a0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]/u

/** In quotes always; an apostrophe makes a text of what would be a formula. */
function cell(value: string | number | undefined): string {
  const text = typeof value === 'number' ? String(value) : (value ?? '')
  const harmless = typeof value !== 'number' && formula.test(text) ? `'${text}` : text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL ends the cell in some spreadsheets
  return `"${harmless.replaceAll('"', '""').replace(/\u0000/g, '\ufffd')}"`
}
