// The tables of a database on a server as files of an answer: the schema, of each table its head, its rows in pieces and its end, and then
// that it was all. What the answer begins with says which of the two ways a database comes in.
import { inWords } from '../../store/failures.js'
import type { TablesPart } from '../../store/postgres/tables-out.js'
import { absentParcel, lastParcel, writeParcel } from './parcels.js'

/** Names of the files. */
export const tableParcelNames = {
  schema: 'schema of tables',
  table: 'table',
  piece: 'rows',
  end: 'end of a table',
  over: 'end of all tables',
} as const

/** Of what a backup has to ask for besides. */
export const listParcelName = 'list'

/** A reader of an answer puts frames together from what the network brings. */
const frameBytes = 64 * 1024

/** What fails says so in the place of what would have come next. */
export async function* tableParcels(parts: AsyncGenerator<TablesPart> | undefined): AsyncGenerator<Buffer> {
  if (parts === undefined) throw new Error('the database is on a server that nobody has opened')
  let hasList = false
  try {
    for await (const part of parts) {
      hasList ||= part.kind === 'list'
      if (part.kind === 'list') {
        yield* writeJson(tableParcelNames.over, {})
        yield* listParcel(part.lines)
      } else {
        yield* parcelOf(part)
      }
    }
    if (!hasList) yield* writeJson(tableParcelNames.over, {})
  } catch (problem) {
    const why = `the database could not be read to its end: ${inWords(problem)}`
    yield absentParcel({ name: 'the rest', gone: false, why })
  }
  yield lastParcel()
}

export const listParcel = (lines: AsyncIterable<Buffer>) => writeParcel({ name: listParcelName, pieces: lines })

function parcelOf(part: Exclude<TablesPart, { kind: 'list' }>): AsyncGenerator<Buffer> {
  switch (part.kind) {
    case 'schema':
      return writeJson(tableParcelNames.schema, part.schema)
    case 'table':
      return writeJson(tableParcelNames.table, part.table)
    case 'piece':
      return writeParcel({ name: tableParcelNames.piece, pieces: framesOf(part.bytes) })
    case 'end':
      return writeJson(tableParcelNames.end, part.end)
  }
}

const writeJson = (name: string, value: object) =>
  writeParcel({ name, pieces: framesOf(Buffer.from(JSON.stringify(value))) })

async function* framesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += frameBytes) yield bytes.subarray(at, at + frameBytes)
}
