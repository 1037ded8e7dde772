// The file of signed roots beside the database: a line of JSON for each, for whoever copies them elsewhere, and for the service to find out
// whether its database was cut short.
import { type Files, readIfThere } from '../../../ports/files.js'
import { readRoot, type SignedRoot } from './roots.js'

/** Synced. Behind half a line, as a full disk or the end of the process leaves it, a new one is begun. */
export async function appendRoot(path: string, line: string, files: Files): Promise<void> {
  const start = (await endsWithin(path, files)) ? '\n' : ''
  const file = await files.append(path)
  try {
    await file.write(Buffer.from(`${start}${line}\n`))
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Some hundred roots: a later one over fewer records does not hide what was signed before. */
const mostLastBytes = 65_536

/** Undefined where there is no such file, or no root in its end. */
export async function largestRootIn(path: string, files: Files): Promise<{ size: number } | undefined> {
  const there = await files.stat(path)
  if (there === undefined || there.sizeBytes === 0) return undefined
  const file = await files.open(path)
  try {
    const from = Math.max(0, there.sizeBytes - mostLastBytes)
    const lines = (await file.read(from, mostLastBytes)).toString().split('\n')
    const roots = lines.map(rootIn).filter(root => root !== undefined)
    return roots.toSorted((one, other) => other.size - one.size)[0]
  } finally {
    await file.close()
  }
}

async function endsWithin(path: string, files: Files): Promise<boolean> {
  const { sizeBytes = 0 } = (await files.stat(path)) ?? {}
  if (sizeBytes === 0) return false
  const file = await files.open(path)
  try {
    return (await file.read(sizeBytes - 1, 1))[0] !== 0x0a
  } finally {
    await file.close()
  }
}

/** A line of the file of signed roots. */
function rootIn(line: string): { size: number; text: string; signature: Buffer } | undefined {
  try {
    const { text, signature } = JSON.parse(line) as { text: string; signature: string }
    const facts = readRoot(text)
    return facts && { size: facts.size, text, signature: Buffer.from(signature, 'base64') }
  } catch {
    return undefined
  }
}

/** All of them, for whoever verifies. */
export async function rootsInFile(path: string, files: Files): Promise<SignedRoot[]> {
  const bytes = await readIfThere(files, path)
  return (bytes?.toString().split('\n') ?? []).map(rootIn).filter(root => root !== undefined)
}
