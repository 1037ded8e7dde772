// Comma-separated values: quoted cells with doubled quotes, lines ended by LF or CRLF, comma or semicolon between. RFC 4180.
import { Failure } from '../failure.js'

export interface CsvRow {
  /** Of the line in which it begins, from 1. */
  line: number
  cells: string[]
}

/** A row longer than this is no row: a quote was not closed. */
const mostRowCharacters = 1_000_000

/** A row at a time; the separator is what the first line has. @throws where a quote does not end or bytes are no UTF-8, with the line. */
export async function* readCsv(pieces: AsyncIterable<Buffer>): AsyncGenerator<CsvRow> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let separator: string | undefined
  let held = ''
  let line = 1
  const rows = function* (isEnd: boolean): Generator<CsvRow> {
    for (;;) {
      const end = endOfRow(held, isEnd)
      if (end === undefined) break
      const text = held.slice(0, end.at)
      held = held.slice(end.next)
      separator ??= separatorOf(text)
      if (text !== '') yield { line, cells: cellsOf(text, separator, line) }
      line += text.split('\n').length
    }
    if (held.length > mostRowCharacters) throw new Failure('usage', `line ${line} has a quote that is not closed.`)
  }
  const decoded = (piece?: Buffer): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })
    } catch {
      throw notUtf8(line + linesIn(held) + linesIn(beforeWrong(piece)))
    }
  }
  for await (const piece of pieces) {
    held += decoded(piece)
    yield* rows(false)
  }
  held += decoded()
  yield* rows(true)
}

/** That of the first line, which names the columns. */
function separatorOf(header: string): string {
  return /^[^,]*;/.test(header.replace(/"[^"]*"/g, '')) ? ';' : ','
}

const linesIn = (text: string) => text.split('\n').length - 1

/** What can be read in front of the first byte that is none of UTF-8. */
function beforeWrong(piece: Buffer = Buffer.alloc(0)): string {
  return piece.toString().split('\uFFFD')[0] ?? ''
}

function notUtf8(line: number): Failure {
  return new Failure('usage', `line ${line} is not UTF-8; save the table as UTF-8, in Excel as "CSV UTF-8".`)
}

/** Where the row ends and where the next one begins; undefined while there is no whole row. */
function endOfRow(text: string, isEnd: boolean): { at: number; next: number } | undefined {
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') quoted = !quoted
    else if (character === '\n' && !quoted) return { at: text[at - 1] === '\r' ? at - 1 : at, next: at + 1 }
  }
  return isEnd && text.length > 0 ? { at: text.length, next: text.length } : undefined
}

function cellsOf(text: string, separator: string, line: number): string[] {
  const cells: string[] = []
  for (let at = 0; ; ) {
    const { cell, next } = text[at] === '"' ? quotedCell(text, at, line) : plainCell(text, at, separator)
    cells.push(cell)
    if (next >= text.length) return cells
    if (text[next] !== separator) throw new Failure('usage', `line ${line} has something behind a quoted cell.`)
    at = next + 1
    if (at === text.length) return [...cells, '']
  }
}

function plainCell(text: string, at: number, separator: string): { cell: string; next: number } {
  const end = text.indexOf(separator, at)
  const next = end < 0 ? text.length : end
  return { cell: text.slice(at, next).trim(), next }
}

function quotedCell(text: string, at: number, line: number): { cell: string; next: number } {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 2)) {
    if (text[end + 1] !== '"') return { cell: text.slice(at + 1, end).replaceAll('""', '"'), next: end + 1 }
  }
  throw new Failure('usage', `line ${line} has a quote that is not closed.`)
}
