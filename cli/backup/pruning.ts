// Which backups go when only so many are to stay, and what goes with them: documents, and pieces of tables, that none of those names which stay.
import { join } from 'node:path'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { documentsOf, factsOf, generationsIn, type Place, pathInBackup, readManifest } from './folder.js'
import { pathOfPiece, piecesFolder, piecesNamedIn } from './table-pieces.js'

/** Removes generations but the newest `keep`, and what none of these names. No newer generation needs an older one. */
export async function prune(place: Place, keep: number): Promise<{ generations: number; documents: number }> {
  const { folder, context } = place
  const { files } = context.ports
  const all = await generationsIn(place)
  const leaving = all.slice(0, Math.max(0, all.length - keep))
  if (leaving.length === 0) return { generations: 0, documents: 0 }
  // Before anything goes: a list that cannot be read would let go of what is needed.
  const [documents, pieces] = [new Set<string>(), new Set<string>()]
  for (const generation of all.slice(-keep)) await noteNamed(generation, { documents, pieces }, place)
  for (const generation of leaving) await files.removeFolder(join(folder, generation))
  for await (const name of piecesPresent(folder, context)) {
    if (!pieces.has(name)) await files.remove(pathOfPiece(folder, name))
  }
  let removed = 0
  for await (const id of documentsPresent(folder, context)) {
    if (documents.has(id)) continue
    await files.remove(pathInBackup(folder, id))
    removed += 1
  }
  return { generations: leaving.length, documents: removed }
}

async function noteNamed(
  generation: string,
  { documents, pieces }: { documents: Set<string>; pieces: Set<string> },
  place: Place,
): Promise<void> {
  const manifest = await readManifest(place, generation)
  const { list } = manifest.documents
  if (list.file !== '') {
    await assertWhole(generation, list, 'documents', place)
    for await (const { id } of documentsOf(place, generation)) documents.add(id)
  }
  for (const tables of manifest.tables ?? []) {
    await assertWhole(generation, tables, 'pieces of tables', place)
    for await (const name of piecesNamedIn(place, generation, tables)) pieces.add(name)
  }
}

/** @throws Failure where it is not the list that was written. */
async function assertWhole(
  generation: string,
  { file, sha256 }: { file: string; sha256: string },
  what: string,
  place: Place,
): Promise<void> {
  const path = join(place.folder, generation, file)
  const isThere = (await place.context.ports.files.stat(path)) !== undefined
  if (isThere && (await digestOf(path, place)) === sha256) return
  throw new Failure(
    'refused',
    `${path} is damaged, so that nobody knows which ${what} this backup needs: nothing is removed; remove the folder of this backup first.`,
  )
}

/** Undefined where it cannot be decrypted. */
async function digestOf(path: string, place: Place): Promise<string | undefined> {
  try {
    return (await factsOf(place, path)).sha256
  } catch (problem) {
    if (problem instanceof Failure && problem.reason === 'refused') return undefined
    throw problem
  }
}

async function* documentsPresent(folder: string, { ports: { files } }: Context): AsyncGenerator<string> {
  const root = join(folder, 'documents')
  if ((await files.stat(root)) === undefined) return
  for (const outer of await files.list(root)) {
    for (const inner of await files.list(join(root, outer))) yield* await files.list(join(root, outer, inner))
  }
}

async function* piecesPresent(folder: string, { ports: { files } }: Context): AsyncGenerator<string> {
  const root = join(folder, piecesFolder)
  if ((await files.stat(root)) === undefined) return
  for (const inner of await files.list(root)) yield* await files.list(join(root, inner))
}
