// The databases of earlier backups lean on those of the next: the newest backup has its databases whole, an earlier one only the pages
// that the next has otherwise. So the newest is restored at once, and the oldest can go at any time. docs/decisions/0275.
import { dirname, join } from 'node:path'
import { Failure } from '../failure.js'
import {
  type BackedUpService,
  type BackupFile,
  type Facts,
  factsOfPieces,
  generationsIn,
  type Manifest,
  type ManifestDatabase,
  type Place,
  readManifest,
  writeManifest,
} from './folder.js'
import { differenceOf, patched } from './page-differences.js'

/** After so many that lean on one another one is left whole: a damaged one costs no more than these, and none takes long to make whole. */
const mostLeaning = 7

/** A difference that is not clearly smaller is not worth leaning on another backup. */
const worthwhile = 0.8

/** The database as it was backed up, made of those that it leans on. */
export async function* databaseIn(
  place: Place,
  generation: string,
  manifest: Manifest,
  service: BackedUpService,
): AsyncGenerator<Buffer> {
  const database = databaseOf(manifest, service)
  if (database === undefined) throw new Failure('refused', `the backup ${generation} has no database of the ${service}`)
  const { delta } = database
  if (delta === undefined) return yield* place.vault.read(join(place.folder, generation, database.file))
  const next = await readManifest(place, await theNext(place, generation, delta.from))
  yield* patched(
    databaseIn(place, delta.from, next, service),
    place.vault.read(join(place.folder, generation, delta.file)),
  )
}

/** What is wrong with the files that a database is made of, its own and those of the backups that it leans on, in words. */
export async function brokenLinks(
  place: Place,
  generation: string,
  manifest: Manifest,
  service: BackedUpService,
): Promise<string[]> {
  const database = databaseOf(manifest, service)
  if (database === undefined) return [`the backup ${generation} has no database of the ${service}`]
  const { delta } = database
  const own = delta ?? database
  const found = await wrongIn(place, generation, own)
  if (delta === undefined) return found
  try {
    const next = await readManifest(place, await theNext(place, generation, delta.from))
    return [...found, ...(await brokenLinks(place, delta.from, next, service))]
  } catch (problem) {
    if (!(problem instanceof Failure)) throw problem
    return [...found, `${generation}/${own.file} leans on ${delta.from}: ${problem.message}`]
  }
}

/** Names grow with time: who leans on an earlier one would run in a circle. */
async function theNext(place: Place, generation: string, from: string): Promise<string> {
  if (from > generation && (await generationsIn(place)).includes(from)) return from
  throw new Failure('refused', `the backup ${generation} leans on ${from}, which is not there`)
}

async function wrongIn(place: Place, generation: string, { file, sizeBytes, sha256 }: BackupFile): Promise<string[]> {
  const path = join(place.folder, generation, file)
  if ((await place.context.ports.files.stat(path)) === undefined) return [`${generation}/${file} is missing`]
  try {
    const facts = await factsOfPieces(place.vault.read(path))
    const isSame = facts.sizeBytes === sizeBytes && facts.sha256 === sha256
    return isSame ? [] : [`${generation}/${file} is damaged: other bytes than were backed up`]
  } catch (problem) {
    if (problem instanceof Failure) return [problem.message]
    throw problem
  }
}

const databaseOf = ({ databases }: Manifest, service: BackedUpService) =>
  databases.find(each => each.service === service)

/** Leaves of each backup but the newest what the next has not. @returns bytes that were given back. */
export async function shrinkEarlier(place: Place): Promise<{ bytes: number; kept: string[] }> {
  const all = await generationsIn(place)
  const sum = { bytes: 0, kept: [] as string[] }
  let leaning = 0
  // The oldest first: what is leant on is whole until its own turn comes.
  for (const [index, generation] of all.slice(0, -1).entries()) {
    const manifest = await readManifest(place, generation)
    if (manifest.databases.some(({ delta }) => delta !== undefined)) {
      leaning += 1
      await removeWholes(place, generation, manifest)
    } else if (manifest.staysWhole === true) {
      leaning = 0
    } else {
      const next = all[index + 1] as string
      const shrunk = leaning < mostLeaning ? await shrink(place, generation, manifest, next, sum.kept) : 0
      if (shrunk === 0) await writeManifest(place, generation, { ...manifest, staysWhole: true })
      sum.bytes += shrunk
      leaning = shrunk === 0 ? 0 : leaning + 1
    }
  }
  return sum
}

async function shrink(
  place: Place,
  generation: string,
  manifest: Manifest,
  next: string,
  kept: string[],
): Promise<number> {
  const nextManifest = await readManifest(place, next)
  let bytes = 0
  const databases: ManifestDatabase[] = []
  for (const database of manifest.databases) {
    const delta = await deltaOf(place, generation, database, { next, manifest: nextManifest }, kept)
    databases.push(delta === undefined ? database : { ...database, delta })
    if (delta !== undefined) bytes += database.sizeBytes - delta.sizeBytes
  }
  if (bytes === 0) return 0
  const shrunk = { ...manifest, databases }
  await writeManifest(place, generation, shrunk)
  await removeWholes(place, generation, shrunk)
  return bytes
}

/** Written, read back and made whole again before anything goes: undefined where it is not worth it, or does not come out. */
async function deltaOf(
  place: Place,
  generation: string,
  database: ManifestDatabase,
  later: { next: string; manifest: Manifest },
  kept: string[],
): Promise<ManifestDatabase['delta']> {
  const { folder, vault, context } = place
  const { files } = context.ports
  const base = databaseOf(later.manifest, database.service)
  if (base === undefined || base.delta !== undefined) return undefined
  const [whole, leantOn] = [join(folder, generation, database.file), join(folder, later.next, base.file)]
  const file = `${database.service}.delta`
  const path = join(folder, generation, file)
  try {
    const difference = differenceOf(vault.read(whole), vault.read(leantOn), database.sizeBytes)
    const facts = await writtenTo(place, path, difference)
    const again = await factsOfPieces(patched(vault.read(leantOn), vault.read(path)))
    if (again.sha256 !== database.sha256)
      kept.push(`${generation}/${database.file} is not what was backed up, and is left as it is`)
    else if (facts.sizeBytes <= worthwhile * database.sizeBytes) return { file, ...facts, from: later.next }
  } catch (problem) {
    if (!(problem instanceof Failure)) throw problem
    kept.push(problem.message)
  }
  await files.remove(path)
  return undefined
}

async function writtenTo({ vault, context }: Place, path: string, pieces: AsyncIterable<Buffer>): Promise<Facts> {
  const { files } = context.ports
  await files.remove(path)
  const file = await vault.create(path)
  let facts: Facts
  try {
    facts = await factsOfPieces(pieces, piece => file.write(piece))
    await file.finish()
  } finally {
    await file.close()
  }
  await files.syncFile(path)
  await files.syncFolder(dirname(path))
  return facts
}

/** Also after an interruption between the two. */
async function removeWholes({ folder, context }: Place, generation: string, { databases }: Manifest): Promise<void> {
  for (const { file, delta } of databases) {
    if (delta !== undefined) await context.ports.files.remove(join(folder, generation, file))
  }
}
