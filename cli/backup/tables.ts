// The tables of a database on a server come into a backup: their rows in pieces, of which those are kept that no backup before has.
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Parcel } from '../../server/administration/parcels.js'
import { tableParcelNames } from '../../server/administration/table-parcels.js'
import type { TableEnd } from '../../store/postgres/tables-out.js'
import { keepFiles, nextFile, shortFile } from '../admin-parcels.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { type BackedUpService, factsOf, factsOfPieces } from './folder.js'
import { formerPieces } from './former-pieces.js'
import type { Backup } from './run.js'
import { pathOfPiece, pieceNames, type TablePiece, type TablesLine } from './table-pieces.js'
import type { VaultFile } from './vault.js'

export type TablesRun = Pick<Backup, 'folder' | 'vault' | 'context' | 'generation' | 'former' | 'manifest' | 'isBucket'>

/** Pieces that are made durable together. */
const mostWaiting = 128

/** The file with the schema has begun. */
export async function copyTables(
  service: BackedUpService,
  parcels: AsyncGenerator<Parcel>,
  run: TablesRun,
): Promise<void> {
  const { files } = run.context.ports
  const file = `${service}.tables`
  const path = join(run.generation, file)
  const list = await run.vault.create(path)
  const pieces = await openPieces(service, run)
  const sum = { rows: 0, bytes: 0 }
  try {
    const write = (line: TablesLine) => list.write(Buffer.from(`${JSON.stringify(line)}\n`))
    await write({ schema: JSON.parse(String(await shortFile(parcels))) })
    for (let name = await nextFile(parcels); name !== tableParcelNames.over; name = await nextFile(parcels)) {
      const bytes = await shortFile(parcels)
      if (name === tableParcelNames.table) await write({ table: JSON.parse(String(bytes)) })
      else if (name === tableParcelNames.piece) await write({ piece: await pieces.keep(bytes) })
      else if (name === tableParcelNames.end) {
        const end = JSON.parse(String(bytes)) as TableEnd
        await write({ end })
        sum.rows += end.rows
        sum.bytes += end.sizeBytes
        run.context.terminal.progress(`${service}: ${sum.rows} rows, ${mebibytes(sum.bytes)}`)
      } else
        throw new Failure('unreachable', `The ${service} broke off in the middle of its tables; run the command again.`)
    }
    await list.finish()
  } finally {
    await list.close()
  }
  await pieces.finish()
  await files.syncFile(path)
  run.manifest.tables = [
    ...(run.manifest.tables ?? []),
    { service, file, ...(await factsOf(run, path)), ...sum, newBytes: pieces.newBytes() },
  ]
}

interface Pieces {
  /** Kept once it is finished, whatever was there before. */
  keep(bytes: Buffer): Promise<TablePiece>
  finish(): Promise<void>
  newBytes(): number
}

async function openPieces(service: BackedUpService, run: TablesRun): Promise<Pieces> {
  const { folder, context } = run
  const nameOf = await pieceNames(run)
  const former = formerPieces(service, run)
  const waiting = new Set<string>()
  let newBytes = 0

  async function finish(): Promise<void> {
    await keepFiles(
      [...waiting].map(name => pathOfPiece(folder, name)),
      context,
    )
    waiting.clear()
  }

  return {
    async keep(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const piece = { name: nameOf(sha256), sizeBytes: bytes.length, sha256, rows: linesOf(bytes) }
      const isNamed = await former.has(piece.name)
      if (waiting.has(piece.name) || (await isKept(piece, isNamed, run))) return piece
      await write(bytes, pathOfPiece(folder, piece.name), run)
      waiting.add(piece.name)
      newBytes += bytes.length
      if (waiting.size === mostWaiting) await finish()
      return piece
    },
    async finish() {
      await finish()
      await former.close()
    },
    newBytes: () => newBytes,
  }
}

/**
 * Where it is near, it is read: one that is damaged would be so for all backups from then on, and is kept anew. A storage takes its time for
 * each question: what a whole backup names is there, and what none is known to name is sent.
 */
async function isKept(
  piece: TablePiece,
  isNamed: boolean,
  { folder, vault, context, isBucket }: TablesRun,
): Promise<boolean> {
  if (isBucket) return isNamed
  const path = pathOfPiece(folder, piece.name)
  const found = await context.ports.files.stat(path)
  if (found === undefined || !vault.fits(found.sizeBytes, piece.sizeBytes)) return false
  try {
    return (await factsOfPieces(vault.read(path))).sha256 === piece.sha256
  } catch (problem) {
    if (problem instanceof Failure) return false
    throw problem
  }
}

async function write(bytes: Buffer, path: string, { vault, context }: TablesRun): Promise<void> {
  const { files } = context.ports
  await files.makeFolder(dirname(path), { mode: 0o700 })
  const beside = `${path}.partial`
  await files.remove(beside)
  const file: VaultFile = await vault.create(beside)
  try {
    await file.write(bytes)
    await file.finish()
  } finally {
    await file.close()
  }
}

/** Each row ends with the one line feed that it has. */
function linesOf(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}
