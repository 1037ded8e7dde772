// The tables of a database on a server, as a folder of backups has them: rows in pieces, each once for all backups, and in each backup a list
// that says of which pieces its tables are made. docs/decisions/0371
//
//   {"schema": …}      what has to be there before any row is
//   {"table": …}       a table begins
//   {"piece": …}       its rows, piece after piece
//   {"end": …}         how many these are, and their digest
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import type { SchemaHead, TableEnd, TableHead } from '../../store/postgres/tables-out.js'
import { Failure } from '../failure.js'
import { type BackupFile, type Facts, linesIn, type Place, writeWhole } from './folder.js'

export interface TablePiece extends Facts {
  name: string
  rows: number
}

export type TablesLine = { schema: SchemaHead } | { table: TableHead } | { piece: TablePiece } | { end: TableEnd }

export const piecesFolder = 'pieces'

export const pathOfPiece = (folder: string, name: string) => join(folder, piecesFolder, name.slice(0, 2), name)

/** A line at a time, whatever the database's size. @throws SyntaxError where a line is damaged. */
export async function* tablesLines(
  { folder, vault }: Pick<Place, 'folder' | 'vault'>,
  generation: string,
  { file }: Pick<BackupFile, 'file'>,
): AsyncGenerator<TablesLine> {
  for await (const line of linesIn(vault.read(join(folder, generation, file)))) yield JSON.parse(line)
}

/** As often as they are named, in the order of the tables. */
export async function* piecesNamedIn(place: Place, generation: string, tables: BackupFile): AsyncGenerator<string> {
  for await (const line of tablesLines(place, generation, tables)) if ('piece' in line) yield line.piece.name
}

/**
 * The same rows have the same name, so that they are kept once; but whoever sees the names alone, in a folder that is encrypted, cannot find
 * out whether rows that he supposes are there.
 */
export async function pieceNames(place: Place): Promise<(sha256: string) => string> {
  const path = join(place.folder, 'pieces.salt')
  let salt = await saltAt(path, place)
  if (salt?.length !== saltBytes) {
    // Where one was lost, nothing is lost with it but that pieces are kept anew.
    salt = Buffer.from(place.context.ports.randomness.bytes(saltBytes))
    await writeWhole(place, path, salt)
  }
  const key = salt
  return sha256 => createHmac('sha256', key).update(sha256).digest('hex')
}

const saltBytes = 32

async function saltAt(path: string, { vault, context }: Place): Promise<Buffer | undefined> {
  if ((await context.ports.files.stat(path)) === undefined) return undefined
  const pieces: Buffer[] = []
  try {
    for await (const piece of vault.read(path)) pieces.push(piece)
  } catch (problem) {
    if (problem instanceof Failure) return undefined
    throw problem
  }
  return Buffer.concat(pieces)
}
