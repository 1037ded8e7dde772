// The key of files that only this service reads: 32 random bytes beside them, made where there are none.
import type { Ports } from '../ports/ports.js'

const keyBytes = 32

/** A file of another length is taken for damaged and replaced: what was sealed with the old key cannot be read any more, and is as good as gone. */
export async function sealingKey(path: string, { files, randomness }: Pick<Ports, 'files' | 'randomness'>) {
  const there = await files.stat(path)
  const key = there === undefined ? undefined : await files.readFile(path)
  if (key?.length === keyBytes) return key
  const made = randomness.bytes(keyBytes)
  await files.replace(path, made, { mode: 0o600 })
  return made
}
